"""The client page and the search.

Here: pages. Not here: gathering (stewardship/clients). Opening a client and searching are noted in the audit trail;
what was typed is not. Nobody is found by a phone number alone.
"""

from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

import duckdb
from fastapi import APIRouter, Query, Request
from fastapi import Form as FromForm
from pydantic import Field
from starlette.responses import Response

from rules.decisions import OVERRIDABLE
from rules.desk import OPENING, REASONS
from rules.errors import NotFound, Sealed
from stages import decide, lookup
from stages.as_of import When
from stages.lookup import Row
from stewardship import case, clients, discreet, related, sessions, sight
from stewardship.audit import of
from stewardship.client_desk.masks import masked
from stewardship.guard import Employee, Reader, Steward, TheDesk
from stewardship.nights import nights
from stewardship.pages.forms import Asked, Ends, Form, Number, Reasoned, own_path
from stewardship.pages.frame import page, to
from stewardship.serving import Version
from stewardship.sight import Scope

router = APIRouter(include_in_schema=False)
FOUND, LOOKED_AT = 50, 2000
"""Clients that a search shows, and those among which it looks for the ones in sight."""


class Moment(Asked):
    """The date and the version that are asked for; nothing: the live version as it is.

    `night` and `known` are what the sliders send: places among the nights' dates and versions, from 0.
    """

    as_of: date | None = None
    known_at: int | None = Field(None, ge=1, le=10**9)
    night: int | None = Field(None, ge=0, le=10**6)
    known: int | None = Field(None, ge=0, le=10**6)

    @property
    def when(self) -> When | None:
        """As stages/as_of takes it."""
        return When(self.as_of, self.known_at) if self.as_of or self.known_at else None


class Search(Asked):
    """What is searched for."""

    by: Literal["name", "number", "document", "record"] = "name"
    text: str = Field("", max_length=200)
    kind: str = Field("", max_length=60)


class OverrideForm(Reasoned):
    """A golden value that a person sets until a date."""

    field: Literal[OVERRIDABLE]  # type: ignore[valid-type]
    value: str = Field(min_length=1, max_length=500)
    ends: Ends


class OpenForm(Form):
    """Why a sealed client is opened."""

    reason: Literal[OPENING]  # type: ignore[valid-type]
    said: str = Field(min_length=5, max_length=500)
    onward: str = Field("", max_length=500)


@router.get("/clients/{number}")
def show(
    request: Request, desk: TheDesk, visitor: Reader, number: Number, asked: Annotated[Moment, Query()]
) -> Response:
    """The client page; a retired number leads on to the one it stands for, and sliders to the moment they stand at."""
    with desk.served.live() as version, version.cursor() as con:
        known_nights = nights(con)
        if asked.night is not None or asked.known is not None:
            return to(f"/clients/{number}{known_nights.query(asked.night, asked.known)}")
        current = _seen(version, con, visitor.scope, number, asked.when is not None)
        if current != number and asked.when is None:
            return to(f"/clients/{current}")
        found = clients.client(version, con, number, desk.declared, asked.when)
        if asked.when is not None:
            sight.assert_open(con, visitor.scope, found.found)
        view = discreet.view(visitor.role, found.view)
        parts = {part: related.told(con, held, visitor.scope, number) for part, held in view.items()}
        events = related.unsealed(con, found.events, visitor.scope)
        found = replace(
            found, view={part: masked(visitor.role, held) for part, held in parts.items() if held}, events=events,
            fields=masked(visitor.role, found.fields),
        )  # fmt: skip
        decided = case.decided_about(desk.decided(), found.found["records"], date.today())
        decisions = case.told_of(con, decided, visitor.scope)
    desk.trail.note(visitor.name, "opened client", client=number)
    return page(
        request, "client.html", visitor, client=found, found=found.found, asked=asked, decisions=decisions,
        version=version.manifest, overridable=OVERRIDABLE, reasons=REASONS,
        nights=known_nights, places=known_nights.places(asked.as_of, asked.known_at),
    )  # fmt: skip


def _seen(version: Version, con: duckdb.DuckDBPyConnection, seen: Scope, number: str, past: bool) -> str:
    """The client in sight that a number stands for now; itself where none does, for who sees all and asks its past."""
    try:
        return version.seen(con, seen, number)
    except Sealed:
        raise
    except NotFound:
        if not (past and seen.everything):
            raise
        return number


@router.post("/clients/{number}/open")
def unseal(desk: TheDesk, visitor: Employee, number: Number, form: Annotated[OpenForm, FromForm()]) -> Response:
    """Open a client in sight who is or was sealed, for a while and a reason; the auditor sees who did and why."""
    with desk.served.live() as version, version.cursor() as con:
        current = _seen(version, con, replace(visitor.scope, unsealed=True), number, past=True)
    opening = sessions.open_sealed(desk.database, visitor.name, current, f"{form.reason}: {form.said}")
    desk.trail.note(visitor.name, "opened sealed client", client=current, reason=form.reason, opening=opening)
    return to(own_path(form.onward) or f"/clients/{number}")


@router.post("/clients/{number}/override")
def override(desk: TheDesk, visitor: Steward, number: Number, form: Annotated[OverrideForm, FromForm()]) -> Response:
    """Set a golden value until a date; rules/decisions tells which ones wait for a second person."""
    with desk.served.live() as version, version.cursor() as con:
        version.seen(con, visitor.scope, number)
    made = decide.override(desk.home, number, form.field, form.value, form.ends, form.by(visitor))
    desk.trail.note(visitor.name, "decided override", client=number, decision=made.id)
    return to(f"/clients/{number}#done-{made.id}")


@router.get("/search")
def search(request: Request, desk: TheDesk, visitor: Reader, asked: Annotated[Search, Query()]) -> Response:
    """The search, and what it found; a single client found by his number is opened."""
    with desk.served.live() as version, version.cursor() as con:
        rows = _found(version, asked, LOOKED_AT) if asked.text.strip() else []
        seen = sight.in_sight(con, visitor.scope, {row["client_number"] for row in rows})
        rows = masked(visitor.role, [row for row in rows if row["client_number"] in seen][:FOUND])
        kinds = [row[0] for row in con.execute("SELECT DISTINCT type FROM golden_identifier ORDER BY 1").fetchall()]
        sources = [row[0] for row in con.execute("SELECT DISTINCT source FROM crosswalk ORDER BY 1").fetchall()]
    if asked.text.strip():
        desk.trail.note(visitor.name, "searched", by=asked.by, found=len(rows), clients=of(rows))
    return page(
        request, "search.html", visitor, asked=asked, rows=rows, kinds=kinds, sources=sources, most=FOUND,
        version=version.manifest,
    )  # fmt: skip


def _found(version: Version, asked: Search, most: int) -> list[Row]:
    text = asked.text.strip()
    with version.cursor() as con:
        if asked.by == "name":
            return lookup.by_name(con, text, most)
        if asked.by == "document":
            return lookup.by_document(con, asked.kind, text)
        if asked.by == "record":
            return lookup.by_record(con, asked.kind, text)
        try:
            return [lookup.golden(con, version.resolve(con, text))["party"]]
        except NotFound:
            return []
