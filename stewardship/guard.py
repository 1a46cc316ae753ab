"""The door: who asks, what his role may do, and whether a form came from a page of ours.

Here: dependencies that every route declares. Not here: sessions (sessions), roles (rules/desk). A route without a
permission does not exist: a test goes through all of them.
"""

from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from fastapi import Depends, HTTPException, Request

from rules.desk import DECIDE, MAY, READ, SERVE, SERVICE, UNBOUND
from stewardship import sessions
from stewardship.desk import Desk
from stewardship.sessions import Visitor

COOKIE = "registry_session"
API = "/api/"
_VISITOR = "registry.visitor"
_ACROSS = "see_across_entities is off: only for users and tokens of exactly one legal entity; ask who keeps the users"


class LoginNeeded(Exception):
    """Nobody is logged in, and a page was asked for."""


class OwnPasswordNeeded(Exception):
    """Somebody else knows the visitor's password: what is done with it might not be his doing."""


def desk_of(request: Request) -> Desk:
    """The desk that serves the request."""
    found: Desk = request.app.state.desk
    return found


async def _desk(request: Request) -> Desk:
    """The same for routes: what is no coroutine would cost a change of thread."""
    return desk_of(request)


TheDesk = Annotated[Desk, Depends(_desk)]


def address(request: Request) -> str:
    """Where the request comes from, as limits count it."""
    return f"address {request.client.host if request.client else ''}"


def visitor(request: Request) -> Visitor | None:
    """Who asks: by token for the API, by session cookie else; looked up once in a request."""
    if _VISITOR not in request.scope:
        request.scope[_VISITOR] = _visitor(request)
    found: Visitor | None = request.scope[_VISITOR]
    return found


def _visitor(request: Request) -> Visitor | None:
    desk, header = desk_of(request), request.headers.get("authorization", "")
    if request.url.path.startswith(API) and header:
        scheme, _, secret = header.partition(" ")
        return desk.tokens.of(secret) if scheme.lower() == "bearer" else None
    secret = request.cookies.get(COOKIE, "")
    return sessions.of_session(desk.database, secret) if secret else None


def allowed(permission: str) -> Callable[[Request], Awaitable[Visitor]]:
    """A dependency: the visitor, if his role may do it; 401 or the log-in page for nobody, 403 else."""

    async def dependency(request: Request) -> Visitor:
        found = visitor(request)
        if found is None:
            if request.url.path.startswith(API):
                raise HTTPException(401, "log in, or send a token", {"WWW-Authenticate": "Bearer"})
            raise LoginNeeded
        if found.password == "given":
            raise OwnPasswordNeeded
        if permission not in MAY[found.role]:
            raise HTTPException(403, f"a {found.role} may not {permission}")
        if found.across and not desk_of(request).sees_across:
            raise HTTPException(403, _ACROSS)
        unbound = permission in UNBOUND or request.url.path.startswith(API)
        if unbound and found.role != SERVICE and not found.scope.everything:
            raise HTTPException(403, "only for users who see the clients of every legal entity and branch")
        if request.method not in ("GET", "HEAD") and found.role != SERVICE:
            await assert_own_form(request, found.csrf)
        return found

    return dependency


Reader = Annotated[Visitor, Depends(allowed(READ))]
Employee = Annotated[Visitor, Depends(allowed(SERVE))]
Steward = Annotated[Visitor, Depends(allowed(DECIDE))]


async def assert_own_form(request: Request, csrf: str) -> None:
    """Refuse what did not come from a form that this session was shown."""
    assert_own_origin(request)
    form = await request.form()
    sent = form.get("csrf") or request.headers.get("x-csrf-token") or ""
    if not csrf or not isinstance(sent, str) or not compare_digest(sent.encode(), csrf.encode()):
        raise HTTPException(403, "the form is not one of this session; reload the page")


def parts_of(address: str) -> SplitResult:
    """The parts of an address as somebody sent it; of one that is none, no parts."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def assert_own_origin(request: Request) -> None:
    """Refuse a form that another site sent, or one that does not say which site it is from."""
    origin = request.headers.get("origin", "")
    if parts_of(origin).netloc != request.headers.get("host", "") or not origin:
        raise HTTPException(403, "the form was sent from another site")
