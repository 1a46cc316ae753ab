"""The office: the audit trail for the auditor.

Here: the page. Not here: looking through the trail (looking_back) and checking it (verdicts), users (users.py).
"""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from rules.desk import AUDIT
from stewardship import sessions
from stewardship.guard import TheDesk, allowed
from stewardship.looking_back import Wanted, look
from stewardship.pages.frame import page
from stewardship.sessions import Visitor
from stewardship.verdicts import verdicts

router = APIRouter(include_in_schema=False)
Auditor = Annotated[Visitor, Depends(allowed(AUDIT))]


@router.get("/audit")
def audit(request: Request, desk: TheDesk, visitor: Auditor, asked: Annotated[Wanted, Query()]) -> Response:
    """Lines of the trail, the newest first; whether both logs reach as far as they did, and where asked, are whole."""
    checked = verdicts(desk, asked.check)
    found = look(desk.trail, asked)
    said = sessions.said_of(
        desk.database, [line["opening"] for line in found.lines if isinstance(line.get("opening"), int)]
    )
    told = asked.told if found.lines else {}  # what was typed is told where lines have it already
    desk.trail.note(visitor.name, "read the trail", lines=len(found.lines), **told)
    desk.anchor()
    older = asked.model_copy(update={"before": found.older, "check": False}).model_dump(
        mode="json", exclude_defaults=True
    )
    return page(
        request, "audit.html", visitor, asked=asked, found=found, said=said, verdicts=checked, older=urlencode(older)
    )
