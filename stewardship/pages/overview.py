"""The overview: how the work and the registry stand, and the same as a workbook.

Here: pages. Not here: counting (stewardship/overview, sample, queue), writing files (stewardship/export).
"""

from datetime import date
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from stewardship import deciding, export, overview, queue, sample
from stewardship.guard import Reader, TheDesk
from stewardship.pages.decisions import listed
from stewardship.pages.frame import page
from stewardship.pages.queue import Asked, standing

router = APIRouter(include_in_schema=False)
Kind = Literal["csv", "xlsx"]


@router.get("/overview")
def show(request: Request, desk: TheDesk, visitor: Reader) -> Response:
    """Ageing, throughput, agreement about clients in sight; precision, scorecards, nights of the whole bank."""
    today, known = date.today(), deciding.all_in_sight(desk, visitor.scope)
    with desk.served.live() as version, version.cursor() as con:
        ages = queue.ages(con, standing(desk, con, visitor))
    return page(
        request, "overview.html", visitor, ages=ages, version=version.manifest, days=overview.throughput(known, today),
        stewards=overview.stewards(known, today), pending=overview.waiting(known, today),
        nights=overview.nights(desk.home), agreement=overview.agreement(known, today),
        estimates=sample.estimates(desk.database), issues=overview.issues(desk.home),
    )  # fmt: skip


@router.get("/queue/export.{kind}")
def cases(desk: TheDesk, visitor: Reader, asked: Asked, kind: Kind) -> Response:
    """The cases that the filter leaves, all pages of them, as CSV or Excel."""
    with desk.served.live() as version, version.cursor() as con:
        now = standing(desk, con, visitor)
        found = queue.page(con, asked, now, visitor.name, export.MOST)
    desk.trail.note(visitor.name, "exported cases", state=asked.state, file=kind, rows=len(found))
    return _file(f"cases-{version.number}", kind, queue.EXPORTED, found)


@router.get("/decisions/export.{kind}")
def decisions(desk: TheDesk, visitor: Reader, kind: Kind) -> Response:
    """Every decision, without the values of overrides."""
    found = listed(desk, visitor)
    desk.trail.note(visitor.name, "exported decisions", file=kind, rows=len(found))
    return _file("decisions", kind, export.DECISION, found)


def _file(name: str, kind: str, columns: tuple[str, ...], found: list[dict[str, object]]) -> Response:
    media, body = export.written(kind, columns, found)
    return Response(body, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'})
