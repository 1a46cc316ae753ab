"""Files of a client's dossier: pictures for the head of his pages, copies to be saved.

Here: the routes. Not here: which file it is (stewardship/client_desk). A browser never shows a copy as a page: it is
saved, under a name of ours, with the type that its first bytes tell.
"""

from typing import Annotated

import duckdb
from fastapi import APIRouter, Path
from starlette.responses import FileResponse, Response

from stages import tonight
from stewardship.client_desk import files, pictures
from stewardship.client_desk.files import Found, Places
from stewardship.desk import Desk
from stewardship.guard import Employee, TheDesk
from stewardship.pages.forms import Number
from stewardship.serving import Version
from stewardship.sessions import Visitor

router = APIRouter(include_in_schema=False)
_HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox"}
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf"}


@router.get("/desk/clients/{number}/picture/{kind}")
def picture(desk: TheDesk, visitor: Employee, number: Number, kind: pictures.Kind) -> Response:
    """The client's photograph or signature specimen; who saw which is on the audit trail."""
    with desk.served.live() as version, version.cursor() as con:
        current = _seen(version, con, desk, visitor, number)
        found = pictures.picture(con, Places(desk.home, desk.settings), current, kind)
    desk.trail.note(visitor.name, "saw picture", client=current, kind=kind)
    return _sent(found, "inline")


@router.get("/desk/clients/{number}/files/{digest}")
def copy(
    desk: TheDesk, visitor: Employee, number: Number, digest: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
) -> Response:  # fmt: skip
    """A copy of the client's dossier, to be saved; who took which is on the audit trail."""
    with desk.served.live() as version, version.cursor() as con:
        current = _seen(version, con, desk, visitor, number)
        found = files.copy(con, Places(desk.home, desk.settings), current, digest)
    desk.trail.note(visitor.name, "saved copy", client=current, document=digest[:12])
    return _sent(found, f'attachment; filename="{current}-{digest[:12]}.{_ENDINGS[found.media]}"')


def _seen(version: Version, con: duckdb.DuckDBPyConnection, desk: Desk, visitor: Visitor, number: str) -> str:
    """The live number of a client in sight, whose documents are those of tonight."""
    current = version.seen(con, visitor.scope, number)
    tonight.lay_over(con, desk.home, desk.settings, current, frozenset({"view_document"}))
    return current


def _sent(found: Found, disposition: str) -> Response:
    return FileResponse(
        found.path, media_type=found.media, headers={**_HEADERS, "Content-Disposition": disposition}
    )  # fmt: skip
