"""Decisions: what waits for a second person, what counts, what was ended; the forms that approve and end.

Here: the page. Not here: who may (rules/desk, deciding).
"""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi import Form as FromForm
from starlette.responses import Response

from rules.desk import APPROVE, MAY
from stages.lookup import Row
from stewardship import deciding, sight
from stewardship.deciding import NotYours
from stewardship.desk import Desk
from stewardship.guard import Reader, Steward, TheDesk, allowed
from stewardship.pages.forms import Asked, Place, Said, pages
from stewardship.pages.frame import page, to
from stewardship.sessions import Visitor
from store.decisions.state import ENDED, IN_EFFECT, PENDING
from store.people import look_alike

router = APIRouter(include_in_schema=False)
Id = Annotated[int, Path(ge=1, le=10**9)]
PAGE = 50
_SHOWN = {"waiting": (PENDING,), "counting": (IN_EFFECT,), "over": (ENDED, "expired", "erased")}


class Listed(Asked):
    """Which decisions are listed."""

    state: Literal["waiting", "counting", "over", "all"] = "waiting"
    page: Place = 1


class AboutForm(Said):
    """An approval, or an end."""

    onward: Literal["decisions", "queue"] = "decisions"


@router.get("/decisions")
def show(request: Request, desk: TheDesk, visitor: Reader, asked: Annotated[Listed, Query()]) -> Response:
    """The decisions, newest first."""
    rows = listed(desk, visitor)[::-1]
    held = {name: [row for row in rows if _is(row, name)] for name in (*_SHOWN, "all")}
    counts, chosen = {name: len(found) for name, found in held.items()}, held[asked.state]
    shown = chosen[(asked.page - 1) * PAGE : asked.page * PAGE]
    for row in shown:
        row["own"] = look_alike(row["author"], visitor.name)
        row["asked"] = look_alike(row["ending_by"], visitor.name)
    with desk.served.live() as version:
        live = version.manifest
    return page(
        request, "decisions.html", visitor, rows=shown, counts=counts, asked=asked, version=live,
        pages=pages(len(chosen), PAGE), previews=desk.settings is not None,
    )  # fmt: skip


def _is(row: Row, state: str) -> bool:
    """Whether a decision is listed there; one that a second person must end waits, and counts."""
    ending = state == "waiting" and row["ending_by"] and not row["ended_by"]
    return state == "all" or ending or row["state"] in _SHOWN[state]


def listed(desk: Desk, visitor: Visitor) -> list[Row]:
    """The decisions about clients in the visitor's sight, in the order of the log."""
    rows = [decision.shown(date.today()) for decision in desk.decisions().values()]
    with desk.served.live() as version, version.cursor() as con:
        seen = sight.in_sight(con, visitor.scope, {number for row in rows for number in row["numbers"]})
    return [row for row in rows if seen.issuperset(row["numbers"])]


@router.post("/decisions/{decision}/approve")
def approve(
    desk: TheDesk, visitor: Annotated[Visitor, Depends(allowed(APPROVE))], decision: Id,
    form: Annotated[AboutForm, FromForm()],
) -> Response:  # fmt: skip
    """Approve as a second person; 403 for one's own."""
    with desk.deciding:
        try:
            deciding.approve(desk, decision, form.by(visitor), visitor.scope)
        except NotYours:
            raise HTTPException(403, "nobody approves a decision of his own: ask a second person") from None
    desk.trail.note(visitor.name, "approved", decision=decision)
    return to("/decisions")


@router.post("/decisions/{decision}/end")
def end(desk: TheDesk, visitor: Steward, decision: Id, form: Annotated[AboutForm, FromForm()]) -> Response:
    """Undo one's own decision, or as an approver reject or end somebody else's."""
    with desk.deciding:
        try:
            by = form.by(visitor, "undone at the desk")
            deciding.end(desk, decision, by, APPROVE in MAY[visitor.role], visitor.scope)
        except NotYours:
            raise HTTPException(403, "only an approver ends what somebody else decided") from None
    desk.trail.note(visitor.name, "ended", decision=decision)
    return to(f"/{form.onward}#ended-{decision}")
