"""What an answer, or a decision that waits, would give: golden records, numbers, consents and associations.

Here: the page. Not here: computing it (stages/preview), laying it out (previewed). It needs what the bank declares, so
`registry serve --config`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal, NamedTuple

import duckdb
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from rules.decisions import CANNOT_LINK, MUST_LINK
from rules.errors import ConfigError, DecisionRefused, NotFound
from stages.lookup import Row
from stages.preview import Preview, preview
from stewardship import case as cases
from stewardship import previewed
from stewardship.audit import of
from stewardship.client_desk import masks
from stewardship.decided import NOTHING
from stewardship.deciding import in_sight
from stewardship.guard import Reader, TheDesk
from stewardship.pages import forms
from stewardship.pages.cases import CaseId
from stewardship.pages.frame import page
from stewardship.related import unsealed
from stewardship.sessions import Visitor
from stewardship.sight import Scope, assert_sees
from store.decisions.entries import Record

router = APIRouter(include_in_schema=False)


class Asked(NamedTuple):
    """Effect and both groups of records of what is previewed."""

    effect: str
    left: Sequence[Record]
    right: Sequence[Record]


class Answered(forms.Asked):
    """An answer that is not given yet."""

    answer: Literal["match", "apart", "split"]
    records: list[str] = Field(default_factory=list, max_length=cases.MOST)


@router.get("/cases/{case_id}/preview")
def of_answer(
    request: Request, desk: TheDesk, visitor: Reader, case_id: CaseId, asked: Annotated[Answered, Query()]
) -> Response:
    """What answering a case would give."""
    with desk.served.live() as version, version.cursor() as con:
        case = cases.find(con, case_id, NOTHING, date.today(), visitor.scope)
    pair = [case.item["one"]], [case.item["other"]]
    groups = _split(case, asked.records) if asked.answer == "split" else pair
    effect = MUST_LINK if asked.answer == "match" else CANNOT_LINK
    left, right = ([_record(name) for name in group] for group in groups)
    return _page(request, desk, visitor, Asked(effect, left, right), f"/cases/{case_id}", case=case_id)


@router.get("/decisions/{decision}/preview")
def of_decision(
    request: Request, desk: TheDesk, visitor: Reader, decision: Annotated[int, Path(ge=1, le=10**9)]
) -> Response:
    """What a decision that waits would give once it is approved."""
    found = in_sight(desk, decision, visitor.scope)
    if not found.effect:
        raise NotFound(f"decision {decision}", "neither joins nor parts clients", "see the decisions")
    asked = Asked(found.effect, found.entry.left, found.entry.right)
    return _page(request, desk, visitor, asked, "/decisions", decision=decision)


def _page(
    request: Request, desk: TheDesk, visitor: Visitor, asked: Asked, back: str, **about: str | int
) -> Response:  # fmt: skip
    if desk.settings is None:
        raise ConfigError("preview", "needs what the bank declares", "start the desk with --config registry.yaml")
    found = preview(desk.home, desk.settings, *asked)
    with desk.served.live() as version, version.cursor() as con:
        assert_sees(con, visitor.scope, *(one["party"]["client_number"] for one in found.before))
        shown = _shown(con, found, visitor.scope)
        desk.trail.note(visitor.name, "previewed", clients=of(one["party"] for one in found.before), **about)
        return page(
            request, "preview.html", visitor, found=shown, back=back,
            lines=masks.preview(visitor.role, previewed.lines(shown)), moves=previewed.moves(found),
            version=version.manifest,
        )  # fmt: skip


def _shown(con: duckdb.DuckDBPyConnection, found: Preview, seen: Scope) -> Preview:
    """The preview without associations with sealed clients."""

    def open_to(clients: Sequence[Row]) -> list[Row]:
        return [{**one, "associations": unsealed(con, one["associations"], seen)} for one in clients]

    return replace(found, before=open_to(found.before), after=open_to(found.after))


def _split(case: cases.Case, marked: list[str]) -> tuple[list[str], list[str]]:
    """The records that leave a client, and those that stay."""
    numbers = {row["client_number"] for row in case.members if row["name"] in marked}
    stay = [row["name"] for row in case.members if row["client_number"] in numbers and row["name"] not in marked]
    if len(numbers) != 1 or not stay:
        raise DecisionRefused("split", "some, not all, records of one client are expected", "mark those that leave")
    return marked, stay


def _record(name: str) -> Record:
    source, _, record_id = name.partition(":")
    return source, record_id
