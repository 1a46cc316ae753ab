"""Pages of a manager, a head and compliance: what waits for them today.

Here: routes. Not here: the lists (stewardship/client_desk/workplaces).
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from rules.desk import ADVISE, COMPLY, LEAD, MAY
from stewardship.client_desk import workplaces
from stewardship.client_desk.workplaces import List
from stewardship.guard import TheDesk, allowed
from stewardship.pages.forms import Asked
from stewardship.pages.frame import page
from stewardship.sessions import Visitor

router = APIRouter(include_in_schema=False)


class Whose(Asked):
    """Whose day is shown: only who leads sees another manager's."""

    manager: str = Field("", max_length=60)


@router.get("/desk/manager")
def manager(
    request: Request, desk: TheDesk, visitor: Annotated[Visitor, Depends(allowed(ADVISE))],
    asked: Annotated[Whose, Query()],
) -> Response:  # fmt: skip
    """A manager's own day; a head chooses whose."""
    code = asked.manager if asked.manager and LEAD in MAY[visitor.role] else visitor.manager
    return _page(request, desk, visitor, "A manager's day", workplaces.MANAGER, code)


@router.get("/desk/head")
def head(request: Request, desk: TheDesk, visitor: Annotated[Visitor, Depends(allowed(LEAD))]) -> Response:
    """Who waits for a manager, who is contested, how the team stands."""
    return _page(request, desk, visitor, "The branch", workplaces.HEAD)


@router.get("/desk/compliance")
def compliance(request: Request, desk: TheDesk, visitor: Annotated[Visitor, Depends(allowed(COMPLY))]) -> Response:
    """Reviews, hits, warnings, tax findings."""
    return _page(request, desk, visitor, "Compliance", workplaces.COMPLIANCE)


def _page(
    request: Request, desk: TheDesk, visitor: Visitor, title: str, lists: tuple[List, ...], code: str = ""
) -> Response:
    with desk.served.live() as version, version.cursor() as con:
        found = workplaces.lists(con, lists, visitor.scope, code)
        codes = workplaces.codes(con, visitor.scope) if LEAD in MAY[visitor.role] else []
    desk.trail.note(visitor.name, "opened list", about=title, manager=code)
    return page(
        request, "workplace.html", visitor, title=title, lists=found, code=code, codes=codes, most=workplaces.MOST,
        version=version.manifest,
    )  # fmt: skip
