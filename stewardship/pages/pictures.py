"""Pictures of a client for the head of his pages.

Here: the route. Not here: which file it is (stewardship/client_desk/pictures).
"""

from fastapi import APIRouter
from starlette.responses import Response

from stewardship import sight
from stewardship.client_desk import pictures
from stewardship.guard import Employee, TheDesk
from stewardship.pages.forms import Number

router = APIRouter(include_in_schema=False)
_HEADERS = {"Content-Disposition": "inline", "Content-Security-Policy": "default-src 'none'; sandbox"}


@router.get("/desk/clients/{number}/picture/{kind}")
def picture(desk: TheDesk, visitor: Employee, number: Number, kind: pictures.Kind) -> Response:
    """The client's photograph or signature specimen; opening the page that shows it is what the audit trail notes."""
    with desk.served.live() as version, version.cursor() as con:
        current = version.resolve(con, number)
        sight.assert_sees(con, visitor.scope, current)
        media, data = pictures.picture(con, desk.settings, current, kind)
    return Response(data, media_type=media, headers=_HEADERS)
