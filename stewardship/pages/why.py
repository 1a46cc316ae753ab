"""Why any two records, or clients, are or are not one client, with the picture of the evidence.

Here: the page and the picture, which case pages show too. Not here: explaining (stages/explain).
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from rules.errors import NotFound
from stages.explain import Explanation
from stages.report.waterfall import waterfall
from stewardship.desk import Desk
from stewardship.guard import Reader, TheDesk
from stewardship.pages.frame import page
from stewardship.serving import Version
from stewardship.sessions import Visitor
from stewardship.sight import assert_sees

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
    drawn = waterfall(found.evidence, found.pair, found.why)
    return Response(drawn, media_type="image/svg+xml", headers={"Content-Security-Policy": _PICTURE})


def _explained(desk: Desk, version: Version, visitor: Visitor, one: str, other: str) -> Explanation:
    """The explanation, if who asks may see both clients."""
    found = desk.explanations.of(version.number, one, other)
    with version.cursor() as con:
        assert_sees(con, visitor.scope, found.left.client_number, found.right.client_number)
    return found
