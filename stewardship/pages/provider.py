"""Log-in by the bank's identity provider: the way there, the way back, the way out.

Here: routes. Not here: the provider itself (stewardship/provider), what its claims say (stewardship/vouched). The way
back ends on a page of ours that goes on by itself: a browser keeps the session's cookie from a redirect that began at
another site.
"""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response

from rules.errors import LogInRefused, NotFound, ProviderDown
from stewardship import sessions, vouched
from stewardship.desk import Desk
from stewardship.guard import COOKIE, TheDesk, address
from stewardship.pages.forms import own_path
from stewardship.pages.frame import enter, page
from stewardship.provider import MINUTES, Provider

router = APIRouter(include_in_schema=False)
BROWSER = "registry_log_in"
"""Cookie of the browser that began a log-in; it comes back from the provider's site, as a stricter one would not."""
_PATH = "/login/provider"
_BY = "identity provider"
Onward = Annotated[str, Query(max_length=500)]


@router.get(_PATH)
def begin(request: Request, desk: TheDesk, onward: Onward = "") -> Response:
    """Send the browser to the provider; 429 where too many log-ins begin at one address."""
    provider = _provider(desk)
    if wait := desk.begun.wait(address(request)):
        problem = "too many log-ins were begun at your address; wait a little, then log in again"
        raise HTTPException(429, problem, {"Retry-After": str(wait)})
    url, browser = provider.begin(_address(request, f"{_PATH}/done"), own_path(onward))
    answer = RedirectResponse(url, 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(BROWSER, browser, max_age=MINUTES * 60, httponly=True, samesite="lax", secure=secure, path=_PATH)
    return answer


@router.get(f"{_PATH}/done")
def done(request: Request, desk: TheDesk) -> Response:
    """Let in who comes back from the provider: a new session each time, and the one before ends."""
    provider = _provider(desk)
    try:
        claims, onward = provider.finish(dict(request.query_params), request.cookies.get(BROWSER, ""))
        entities = desk.settings.registry.legal_entities if desk.settings else ()
        who = vouched.person(provider.declared, claims, tuple(entity.id for entity in entities))
        user = vouched.keep(desk.database, who, provider.declared.local_users)
    except (LogInRefused, ProviderDown):
        desk.trail.note("", "log-in refused", by=_BY)
        raise
    sessions.close_session(desk.database, request.cookies.get(COOKIE, ""))
    desk.trail.note(user.name, "logged in", by=_BY)
    desk.anchor()
    answer = page(request, "login_done.html", None, onward=onward or "/", name=user.name)
    answer.delete_cookie(BROWSER, path=_PATH)
    return enter(request, answer, sessions.open_session(desk.database, user))


@router.get(f"{_PATH}/out")
def out(request: Request, desk: TheDesk) -> Response:
    """Go on to log out at the provider too."""
    place = _provider(desk).leave(_address(request, "/login"))
    if place is None:
        raise NotFound("identity provider", "has no page to log out", "close the browser")
    return RedirectResponse(place, 303)


def _provider(desk: Desk) -> Provider:
    if desk.provider is None:
        raise NotFound("identity provider", "is none that is declared", "log in with name and password")
    return desk.provider


def _address(request: Request, path: str) -> str:
    """An address of this desk as the browser has it; the names it may have are checked before (stewardship/app)."""
    return f"{request.url.scheme}://{request.url.netloc}{path}"
