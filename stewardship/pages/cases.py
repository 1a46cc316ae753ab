"""The case page: what is known of two records, and the steward's answer.

Here: the page and its forms. Not here: gathering (stewardship/case), what an answer does (deciding), the picture (why).
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from fastapi import Form as FromForm
from pydantic import Field
from starlette.responses import Response

from rules.desk import DECIDE, LONGEST_SNOOZE, MAY, REASONS, SNOOZE_DAYS
from rules.errors import NotFound, RegistryError
from stages.explain import Explanation
from stages.lookup import Row
from stewardship import accounts, deciding, queue, workbench
from stewardship import case as cases
from stewardship.audit import named
from stewardship.case import Case
from stewardship.client_desk import masks
from stewardship.decided import NOTHING
from stewardship.deciding import Answer, Outdated
from stewardship.guard import Reader, Steward, TheDesk
from stewardship.pages.forms import Form, Reasoned
from stewardship.pages.frame import page, to
from stewardship.pages.queue import Asked, query, standing
from stewardship.queue import Filter
from stewardship.sessions import Visitor
from store.people import look_alike

router = APIRouter(include_in_schema=False)
CaseId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]


class AnswerForm(Reasoned):
    """A decision about a case."""

    answer: deciding.Kind
    state: str = Field(max_length=64)
    records: list[str] = Field(default_factory=list, max_length=cases.MOST)
    following: str = Field("", max_length=40, pattern=r"^([0-9]+:([0-9a-f]{16})?)?$")
    """The version of the page, and the case that comes next on it."""


class WorkForm(Form):
    """Who works on a case, and when; or a comment. `to`: whom a case is assigned to."""

    work: Literal["claim", "assign", "release", "snooze", "wake", "comment"]
    to: str = Field("", max_length=accounts.LONGEST_NAME)
    request: str = Field("", max_length=64)
    until: date | None = None
    said: str = Field("", max_length=1000)


@router.get("/cases/{case_id}")
def show(request: Request, desk: TheDesk, visitor: Reader, case_id: CaseId, asked: Asked) -> Response:
    """The case page."""
    return _page(request, desk, visitor, case_id, asked)


def _page(
    request: Request, desk: TheDesk, visitor: Visitor, case_id: str, asked: Filter, status: int = 200, problem: str = ""
) -> Response:  # fmt: skip
    today = date.today()
    with desk.served.live() as version, version.near() as con:
        known = desk.decided()
        found = cases.find(con, case_id, known, today, visitor.scope)
        now = standing(desk, con, visitor)
        around = queue.around(con, asked, now, visitor.name, case_id)
        explained = _explained(desk, version.number, found)
        picture = cases.picture(con, found, explained)
        lines = cases.compared(con, found.item["key_one"], found.item["key_other"])
        stakes = cases.at_stake(con, found, visitor.scope)
        desk.explanations.ahead(version.number, [(row["one"], row["other"]) for row in around.after])
    desk.trail.note(visitor.name, "opened case", case=case_id, clients=_clients(found.item))
    return page(
        request, "case.html", visitor, status, case=replace(found, members=masks.masked(visitor.role, found.members)),
        item=found.item, explained=explained, picture=picture, lines=masks.compared(visitor.role, lines),
        stakes=stakes, trust=desk.declared.trust, around=around, query=query(asked), problem=problem, reasons=REASONS,
        claimed=now.bench.claims.get(case_id), snoozed=now.bench.snoozed.get(case_id), decided=now.decided.get(case_id),
        comments=workbench.comments(desk.database, case_id), until=today + timedelta(days=SNOOZE_DAYS),
        version=version.manifest, mine=_own(found, visitor), colleagues=_colleagues(desk),
        previews=desk.settings is not None,
    )  # fmt: skip


def _clients(item: Row) -> str:
    """The clients of a case, as a line of the trail names them."""
    return named((item["number_one"], item["number_other"]))


def _explained(desk: TheDesk, version: int, case: Case) -> Explanation | None:
    """Why the two stand as they do; None where that cannot be told, as of two kinds of party."""
    try:
        return desk.explanations.of(version, case.item["one"], case.item["other"])
    except RegistryError:
        return None


def _own(case: Case, visitor: Visitor) -> int | None:
    """The visitor's last decision here that can be undone."""
    own = [row["id"] for row in case.decisions
           if row["state"] != "ended" and look_alike(row["author"], visitor.name)
           and not look_alike(row["ending_by"], visitor.name)]  # fmt: skip
    return own[-1] if own else None


@router.post("/cases/{case_id}/answer")
def answer(
    request: Request, desk: TheDesk, visitor: Steward, case_id: CaseId, asked: Asked,
    form: Annotated[AnswerForm, FromForm()],
) -> Response:  # fmt: skip
    """Decide, then go on with the next case; 409 with the case as it is now, if it changed meanwhile."""
    following = _next(desk, visitor, case_id, asked, form.following)
    try:
        said = Answer(form.answer, form.state, form.by(visitor), tuple(form.records))
        made = deciding.answer(desk, case_id, said, visitor.scope)
    except Outdated:
        problem = "This case changed while you looked at it. Look again: this is how it is now."
        return _page(request, desk, visitor, case_id, asked, 409, problem)
    desk.trail.note(visitor.name, "decided case", case=case_id, decision=made.id, clients=named(made.numbers))
    return to(_onward(following, asked, made.id))


def _next(desk: TheDesk, visitor: Visitor, case_id: str, asked: Filter, shown: str = "") -> str:
    """The case that comes next in the queue, as a page of this version has `shown` it; empty behind the last one.

    Looking for it again takes a fifth of the time to the next case; who comes to one that a colleague has answered
    meanwhile sees so, and goes on.
    """
    with desk.served.live() as version, version.near() as con:
        of, _, known = shown.partition(":")
        if of == str(version.number):
            return known
        now = standing(desk, con, visitor)
        after = queue.around(con, asked, now, visitor.name, case_id).after
    return str(after[0]["case_id"]) if after else ""


def _onward(following: str, asked: Filter, done: int | None = None) -> str:
    place = f"/cases/{following}" if following else "/queue"
    told = query(asked)
    return place + told + (f"#done-{done}" if done else "")


@router.post("/cases/{case_id}/work")
def work(
    desk: TheDesk, visitor: Steward, case_id: CaseId, asked: Asked, form: Annotated[WorkForm, FromForm()]
) -> Response:
    """Claim, release, defer, bring back, or comment on a case."""
    with desk.served.live() as version, version.near() as con:
        item = cases.find(con, case_id, NOTHING, date.today(), visitor.scope).item
    place = f"/cases/{case_id}{query(asked)}"
    if form.work == "claim":
        workbench.claim(desk.database, case_id, visitor.name)
    elif form.work == "assign":
        workbench.claim(desk.database, case_id, _colleague(desk, form.to))
    elif form.work == "release":
        workbench.release(desk.database, case_id)
    elif form.work == "wake":
        workbench.wake(desk.database, case_id)
    elif form.work == "comment":
        if form.said.strip():
            workbench.comment(desk.database, item, visitor.name, " ".join(form.said.split()), form.request)
    else:
        place = _onward(_next(desk, visitor, case_id, asked), asked)
        most = date.today() + timedelta(days=LONGEST_SNOOZE)
        until = min(form.until or date.today() + timedelta(days=SNOOZE_DAYS), most)
        workbench.snooze(desk.database, case_id, visitor.name, until)
    desk.trail.note(visitor.name, form.work, case=case_id, clients=_clients(item))
    return to(place)


def _colleagues(desk: TheDesk) -> list[str]:
    """Users who may decide."""
    return [user.name for user in accounts.users(desk.database) if DECIDE in MAY[user.role] and not user.disabled]


def _colleague(desk: TheDesk, name: str) -> str:
    if name not in _colleagues(desk):
        raise NotFound("user", "nobody of that name decides at this desk", "choose one of the list")
    return name
