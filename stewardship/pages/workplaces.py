"""Pages of a manager, a head and compliance: what waits for them today.

Here: routes, as pages and as workbooks. Not here: the lists (stewardship/client_desk/workplaces).
"""

from datetime import date
from typing import Annotated

import duckdb
from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from rules.desk import ADVISE, COMPLY, LEAD, MAY
from stages import tonight
from stages.lookup import Row
from stewardship import export
from stewardship.audit import of
from stewardship.client_desk import changing, workplaces
from stewardship.client_desk.workplaces import List
from stewardship.desk import Desk
from stewardship.guard import TheDesk, allowed
from stewardship.pages.forms import Asked
from stewardship.pages.frame import page, words
from stewardship.sessions import Visitor

router = APIRouter(include_in_schema=False)
Manager = Annotated[Visitor, Depends(allowed(ADVISE))]
Head = Annotated[Visitor, Depends(allowed(LEAD))]
Compliance = Annotated[Visitor, Depends(allowed(COMPLY))]


class Whose(Asked):
    """Whose day is shown: only who leads sees another manager's."""

    manager: str = Field("", max_length=60)


def _whose(visitor: Visitor, asked: Whose) -> str:
    """A manager's own code; a head chooses."""
    return asked.manager if asked.manager and LEAD in MAY[visitor.role] else visitor.manager


@router.get("/desk/manager")
def manager(request: Request, desk: TheDesk, visitor: Manager, asked: Annotated[Whose, Query()]) -> Response:
    """A manager's own day; a head chooses whose."""
    return _page(request, desk, visitor, "A manager's day", workplaces.MANAGER, _whose(visitor, asked))


@router.get("/desk/manager/export.xlsx")
def manager_book(request: Request, desk: TheDesk, visitor: Manager, asked: Annotated[Whose, Query()]) -> Response:
    """The same lists as a workbook."""
    return _book(request, desk, visitor, "manager", workplaces.MANAGER, _whose(visitor, asked))


@router.get("/desk/head")
def head(request: Request, desk: TheDesk, visitor: Head) -> Response:
    """Who waits for a manager, who is contested, how the team stands."""
    return _page(request, desk, visitor, "The branch", workplaces.HEAD)


@router.get("/desk/head/export.xlsx")
def head_book(request: Request, desk: TheDesk, visitor: Head) -> Response:
    """The same lists as a workbook."""
    return _book(request, desk, visitor, "branch", workplaces.HEAD)


@router.get("/desk/compliance")
def compliance(request: Request, desk: TheDesk, visitor: Compliance) -> Response:
    """Reviews, hits, warnings, tax findings."""
    return _page(request, desk, visitor, "Compliance", workplaces.COMPLIANCE)


@router.get("/desk/compliance/export.xlsx")
def compliance_book(request: Request, desk: TheDesk, visitor: Compliance) -> Response:
    """The same lists as a workbook."""
    return _book(request, desk, visitor, "compliance", workplaces.COMPLIANCE)


def _page(
    request: Request, desk: Desk, visitor: Visitor, title: str, lists: tuple[List, ...], code: str = ""
) -> Response:
    with desk.served.live() as version, version.cursor() as con:
        found = _lists(con, desk, visitor, lists, code)
        codes = workplaces.codes(con, visitor.scope) if LEAD in MAY[visitor.role] else []
    clients = of(row for rows in found.values() for row in rows)
    desk.trail.note(visitor.name, "opened list", about=title, manager=code, clients=clients)
    return page(
        request, "workplace.html", visitor, title=title, lists=found, code=code, codes=codes, most=workplaces.MOST,
        version=version.manifest,
    )  # fmt: skip


def _book(
    request: Request, desk: Desk, visitor: Visitor, name: str, lists: tuple[List, ...], code: str = ""
) -> Response:
    with desk.served.live() as version, version.cursor() as con:
        found = _lists(con, desk, visitor, lists, code, export.MOST)
    desk.trail.note(visitor.name, "exported lists", about=name, manager=code, rows=sum(map(len, found.values())))
    headers = {"Content-Disposition": f'attachment; filename="{name}-{version.number}.xlsx"'}
    return Response(export.written_lists(found, words(request)), media_type=export.WORKBOOK, headers=headers)


def _lists(
    con: duckdb.DuckDBPyConnection, desk: Desk, visitor: Visitor, lists: tuple[List, ...], code: str,
    most: int = workplaces.MOST,
) -> dict[str, list[Row]]:  # fmt: skip
    """The lists with what was said today: who is not to be disturbed, what was cleared, what waits for a head."""
    changing.waiting(con, desk.decisions(), date.today())
    tonight.silent(con, desk.home, desk.settings)
    tonight.cleared(con, desk.home, desk.settings)
    return workplaces.lists(con, lists, visitor.scope, date.today(), code, desk.neglected_days, most)
