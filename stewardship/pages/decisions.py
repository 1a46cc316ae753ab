"""Decisions: what waits for a second person, what counts, what was ended; the forms that approve and end.

Here: the page. Not here: who may (rules/desk, deciding).
"""

from datetime import date
from typing import Annotated, Literal

import duckdb
from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi import Form as FromForm
from pydantic import Field
from starlette.responses import Response

from rules.decisions import OVERRIDE
from rules.desk import APPROVE, MAY
from stages.lookup import Row
from stewardship import deciding
from stewardship.audit import named
from stewardship.client_desk import changing
from stewardship.client_desk.masks import masked
from stewardship.deciding import NotYours
from stewardship.desk import Desk
from stewardship.guard import Reader, Steward, TheDesk, allowed
from stewardship.pages.forms import Asked, Place, Said, pages
from stewardship.pages.frame import page, to
from stewardship.sessions import Visitor
from store.decisions import Decision
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
    seen: str = Field("", max_length=40)
    """How the decision stood on the page."""


@router.get("/decisions")
def show(request: Request, desk: TheDesk, visitor: Reader, asked: Annotated[Listed, Query()]) -> Response:
    """The decisions, newest first."""
    known = list(deciding.all_in_sight(desk, visitor.scope).values())[::-1]
    stand = [(each, each.state(date.today())) for each in known]
    held = {name: [each for each, state in stand if _is(each, state, name)] for name in (*_SHOWN, "all")}
    counts, chosen = {name: len(found) for name, found in held.items()}, held[asked.state]
    with desk.served.live() as version, version.cursor() as con:
        live = version.manifest
        shown = [_row(con, each, visitor) for each in chosen[(asked.page - 1) * PAGE : asked.page * PAGE]]
    clients = named(number for row in shown for number in row["numbers"])
    desk.trail.note(visitor.name, "listed decisions", state=asked.state, found=len(shown), clients=clients)
    return page(
        request, "decisions.html", visitor, rows=masked(visitor.role, shown), counts=counts, asked=asked, version=live,
        pages=pages(len(chosen), PAGE), previews=desk.settings is not None,
    )  # fmt: skip


def _row(con: duckdb.DuckDBPyConnection, decision: Decision, visitor: Visitor) -> Row:
    """A decision as it is listed; who may approve an override that waits sees the value now beside the new one."""
    row = decision.shown(date.today())
    row |= {"own": look_alike(row["author"], visitor.name), "asked": look_alike(row["ending_by"], visitor.name)}
    waits = row["kind"] == OVERRIDE and row["state"] == PENDING
    return row | (changing.beside(con, decision) if waits and APPROVE in MAY[visitor.role] else {})


def _is(decision: Decision, state: str, listed: str) -> bool:
    """Whether a decision is listed there; one that a second person must end waits, and counts."""
    ending = listed == "waiting" and decision.ending_by and not decision.ended_by
    return listed == "all" or bool(ending) or state in _SHOWN[listed]


def listed(desk: Desk, visitor: Visitor) -> list[Row]:
    """The decisions about clients in the visitor's sight, in the order of the log."""
    return [decision.shown(date.today()) for decision in deciding.all_in_sight(desk, visitor.scope).values()]


@router.post("/decisions/{decision}/approve")
def approve(
    desk: TheDesk, visitor: Annotated[Visitor, Depends(allowed(APPROVE))], decision: Id,
    form: Annotated[AboutForm, FromForm()],
) -> Response:  # fmt: skip
    """Approve as a second person; 403 for one's own."""
    with desk.deciding:
        try:
            deciding.assert_stands(desk, decision, form.by(visitor), form.seen)
            deciding.approve(desk, decision, form.by(visitor), visitor.scope)
        except NotYours:
            raise HTTPException(403, "nobody approves a decision of his own: ask a second person") from None
    _note(desk, visitor, "approved", decision)
    return to("/decisions")


@router.post("/decisions/{decision}/end")
def end(desk: TheDesk, visitor: Steward, decision: Id, form: Annotated[AboutForm, FromForm()]) -> Response:
    """Undo one's own decision, or as an approver reject or end somebody else's."""
    with desk.deciding:
        try:
            by = form.by(visitor, "undone at the desk")
            deciding.assert_stands(desk, decision, by, form.seen)
            deciding.end(desk, decision, by, APPROVE in MAY[visitor.role], visitor.scope)
        except NotYours:
            raise HTTPException(403, "only an approver ends what somebody else decided") from None
    _note(desk, visitor, "ended", decision)
    return to(f"/{form.onward}#ended-{decision}")


def _note(desk: Desk, visitor: Visitor, action: str, decision: int) -> None:
    clients = named(desk.decisions()[decision].entry.numbers)
    desk.trail.note(visitor.name, action, decision=decision, clients=clients)
