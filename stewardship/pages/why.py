"""Why any two records, or clients, are or are not one client, with the picture of the evidence.

Here: the page and the picture, which case pages show too. Not here: explaining (stages/explain).
"""

from typing import Annotated

import duckdb
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from rules.desk import MASKED
from rules.errors import NotFound
from stages.explain import Explanation, sides, without_values
from stages.report.waterfall import waterfall
from stewardship.desk import Desk
from stewardship.guard import Reader, TheDesk
from stewardship.pages.frame import page
from stewardship.serving import Version
from stewardship.sessions import Visitor
from stewardship.sight import Scope, alike, assert_sees, in_sight

router = APIRouter(include_in_schema=False)
Side = Annotated[str, Query(min_length=1, max_length=300)]
_PICTURE = "default-src 'none'; style-src 'unsafe-inline'"
"""A picture runs nothing and loads nothing, also when opened by itself."""


@router.get("/why")
def show(request: Request, desk: TheDesk, visitor: Reader, one: Side, other: Side) -> Response:
    """The explanation of two records `source:record_id`, or two client numbers."""
    with desk.served.live() as version:
        found = _explained(desk, version, visitor, one.strip(), other.strip())
    for side in (found.left, found.right):
        desk.trail.note(visitor.name, "asked why", client=side.client_number)
    return page(request, "why.html", visitor, found=found, version=version.manifest)


@router.get("/why/picture.svg")
def picture(desk: TheDesk, visitor: Reader, one: Side, other: Side) -> Response:
    """The evidence as a picture."""
    with desk.served.live() as version:
        found = _explained(desk, version, visitor, one, other)
    if found.evidence is None:
        raise NotFound("picture", "no model compares these two", "see the records themselves")
    for side in (found.left, found.right):
        desk.trail.note(visitor.name, "asked why", client=side.client_number)
    told = without_values(found) if MASKED.get(visitor.role) else found
    drawn = waterfall(told.evidence or found.evidence, found.pair, found.why)
    return Response(drawn, media_type="image/svg+xml", headers={"Content-Security-Policy": _PICTURE})


def _explained(desk: Desk, version: Version, visitor: Visitor, one: str, other: str) -> Explanation:
    """The explanation, if who asks may see both clients."""
    with version.cursor() as con:
        with alike(visitor.scope):
            numbers = [_client(desk, version, con, side) for side in (one, other)]
            for side, number in zip((one, other), numbers, strict=True):
                _assert_named(con, visitor.scope, side, number)
        assert_sees(con, visitor.scope, *numbers)
    return desk.explanations.of(version.number, one, other)


def _assert_named(con: duckdb.DuckDBPyConnection, seen: Scope, side: str, number: str) -> None:
    """Tell nothing of a sealed client to who knows a key of his alone, as the search does not."""
    source, key, record_id = side.partition(":")
    if key and number not in in_sight(con, Scope(opened=seen.opened, unsealed=seen.unsealed), [number]):
        raise sides.absent(con, source, record_id)


def _client(desk: Desk, version: Version, con: duckdb.DuckDBPyConnection, side: str) -> str:
    """The live number of a record `source:record_id`, or of a client number."""
    asked = side if ":" in side else version.resolve(con, side)
    return sides.find(con, desk.home, asked).side.client_number
