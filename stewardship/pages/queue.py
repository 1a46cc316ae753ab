"""The queue: what waits, ranked by what is at risk.

Here: the page and what is done to several cases. Not here: filters and order (stewardship/queue).
"""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

import duckdb
from fastapi import APIRouter, Query, Request
from fastapi import Form as FromForm
from pydantic import Field
from starlette.responses import Response

from rules.desk import DECIDE, REASONS, SAMPLE
from stewardship import accounts, deciding, queue, sample, workbench
from stewardship.audit import named
from stewardship.deciding import Listing
from stewardship.desk import Desk
from stewardship.guard import Reader, Steward, TheDesk
from stewardship.pages.forms import Reasoned, pages
from stewardship.pages.frame import page, to
from stewardship.queue import Filter, Standing
from stewardship.sessions import Visitor

router = APIRouter(include_in_schema=False)
Asked = Annotated[Filter, Query()]


class BulkForm(Reasoned):
    """One answer to several cases; `version` and `seen`: what they were listed from."""

    answer: Literal["match", "apart", "confirm"]
    cases: list[Annotated[str, Field(pattern="^[0-9a-f]{16}$")]] = Field(min_length=1, max_length=queue.PAGE)
    version: int = Field(ge=1, le=10**9)
    seen: int = Field(ge=0, le=10**9)


@router.get("/queue")
def show(request: Request, desk: TheDesk, visitor: Reader, asked: Asked) -> Response:
    """A page of the queue."""
    return _page(request, desk, visitor, asked)


def _page(
    request: Request, desk: TheDesk, visitor: Visitor, asked: Filter, status: int = 200, left: str = ""
) -> Response:
    with desk.served.live() as version, version.cursor() as con:
        now = standing(desk, con, visitor)
        listed, counted = queue.page(con, asked, now, visitor.name), queue.counts(con, asked, now, visitor.name)
        hidden = 0 if listed else queue.counts(con, Filter(), now, visitor.name)[asked.state] - counted[asked.state]
        ages, choices = queue.ages(con, now), queue.choices(con, visitor.scope)
        to_judge = sample.following(con, desk.database, version.number, visitor.name)[1] if visitor.may(SAMPLE) else 0
        if asked.state == "open" and visitor.may(DECIDE):
            desk.explanations.ahead(version.number, [(row["one"], row["other"]) for row in listed[: queue.NEXT]])
    desk.trail.note(
        visitor.name, "listed cases", state=asked.state, cases=named(row["case_id"] for row in listed),
        clients=named(row[side] for row in listed for side in ("number_one", "number_other")),
    )  # fmt: skip
    return page(
        request, "queue.html", visitor, status, items=listed, counts=counted, ages=ages, choices=choices, asked=asked,
        version=version.manifest, pages=pages(counted[asked.state], queue.PAGE), link=_link(asked), left=left,
        hidden=hidden, unfiltered="/queue" + query(Filter(state=asked.state)),
        query=query(asked), reasons=REASONS, to_judge=to_judge, seen=desk.log.mark()[0],
    )  # fmt: skip


def standing(desk: Desk, con: duckdb.DuckDBPyConnection, visitor: Visitor) -> Standing:
    """What became of the cases, for a visitor and his team."""
    today, team = date.today(), accounts.team(desk.database, visitor.scope)
    return queue.standing(con, workbench.bench(desk.database, today), desk.decisions(), today, visitor.scope, team)


@router.post("/queue/answers")
def bulk(
    request: Request, desk: TheDesk, visitor: Steward, asked: Asked, form: Annotated[BulkForm, FromForm()]
) -> Response:
    """Answer several cases alike; 409 with the queue as it is, where some were left."""
    made = deciding.bulk(
        desk, form.answer, form.cases, Listing(form.version, form.seen), form.by(visitor), visitor.scope
    )
    if made:
        told = [{"case": case, "decision": one.id, "clients": named(one.numbers)} for case, one in made.items()]
        desk.trail.note(visitor.name, "decided case", *told)
    left = [case for case in form.cases if case not in made]
    if left:
        return _page(request, desk, visitor, asked, 409, f"{len(left)} of {len(form.cases)}")
    return to("/queue" + query(asked) + f"#done-{made[form.cases[-1]].id}")


def _link(asked: Filter):  # type: ignore[no-untyped-def]
    """`link(page=2)`: the address of the queue with some of the filter changed; what is as by default is left out."""

    def link(**changed: object) -> str:
        return "/queue" + query(asked.model_copy(update=changed))

    return link


def query(asked: Filter) -> str:
    """A filter as the query of an address."""
    told = asked.model_dump(exclude_defaults=True)
    return f"?{urlencode(told)}" if told else ""
