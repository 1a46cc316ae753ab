"""What every page has: templates, the visitor, the version that answers, words in his language.

Here: rendering. Not here: any one page. Jinja escapes everything; nothing is marked safe but a picture of our own.
"""

import uuid
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rules.desk import MAY
from stewardship import labels
from stewardship.guard import COOKIE
from stewardship.sessions import Visitor
from store.hashing import file_sha256

FOLDER = Path(__file__).parent.parent
LANGUAGE = "registry_language"


def _assets() -> dict[str, str]:
    """Static files with a digest, so that a browser never mixes an old style with a new page."""
    return {path.name: f"/static/{path.name}?{file_sha256(path)[:8]}" for path in (FOLDER / "static").iterdir()}


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip
_ENVIRONMENT.globals.update(asset=_assets(), languages=labels.NAMES)
_ENVIRONMENT.filters.update(plain=labels.plain, bits=labels.bits)


def page(request: Request, template: str, visitor: Visitor | None, status: int = 200, **context: Any) -> HTMLResponse:
    """A page; `visitor` decides what its head offers."""
    language = _language(request)
    known: Mapping[str, Any] = {
        "visitor": visitor, "may": MAY[visitor.role] if visitor else frozenset(),
        "csrf": visitor.csrf if visitor else "",
        "t": labels.translator(language), "language": language, "today": date.today(), "path": request.url.path,
        "key": uuid.uuid4().hex,
    }  # fmt: skip
    return HTMLResponse(_ENVIRONMENT.get_template(template).render({**known, **context}), status)


def words(request: Request) -> labels.Translate:
    """The words of the visitor's language."""
    return labels.translator(_language(request))


def _language(request: Request) -> str:
    return labels.chosen(request.headers.get("accept-language", ""), request.cookies.get(LANGUAGE, ""))


def enter(request: Request, answer: Response, secret: str) -> Response:
    """The answer with the cookie of a session."""
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, secret, httponly=True, samesite="strict", secure=secure, path="/")
    return answer


def to(path: str) -> RedirectResponse:
    """Go on at another page after a form."""
    return RedirectResponse(path, 303)
