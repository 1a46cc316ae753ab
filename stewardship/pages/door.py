"""Log-in, log-out, the language, and the way to one's own first page.

Here: sessions of people. Not here: users (accounts), the way by the identity provider (pages/provider).
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi import Form as FromForm
from pydantic import Field
from starlette.responses import Response

from rules.desk import ADMINISTER, ADVISE, COMPLY, LEAD, MAY, READ, SERVE
from stewardship import accounts, labels, sessions
from stewardship.guard import (
    COOKIE,
    LoginNeeded,
    TheDesk,
    address,
    assert_own_form,
    assert_own_origin,
    desk_of,
    parts_of,
    visitor,
)
from stewardship.pages.forms import Form, own_path
from stewardship.pages.frame import LANGUAGE, enter, page, to
from store.people import normal

router = APIRouter(include_in_schema=False)


class Login(Form):
    """The log-in form."""

    name: str = Field(max_length=200)
    password: str = Field(max_length=accounts.LONGEST)
    onward: str = Field("", max_length=500)


class Language(Form):
    """The choice of a language."""

    language: Literal[tuple(labels.NAMES)]  # type: ignore[valid-type]


@router.get("/")
def first(request: Request) -> Response:
    """One's own first page."""
    found = visitor(request)
    pages = ((READ, "/queue"), (ADMINISTER, "/users"), (LEAD, "/desk/head"), (COMPLY, "/desk/compliance"),
             (ADVISE, "/desk/manager"), (SERVE, "/desk"))  # fmt: skip
    return to("/login" if found is None else next(path for may, path in pages if may in MAY[found.role]))


@router.get("/login")
def login_page(request: Request, onward: str = "") -> Response:
    """The log-in page."""
    return _page(request, 200, onward)


@router.post("/login", dependencies=[Depends(assert_own_origin)])
def login(request: Request, desk: TheDesk, form: Annotated[Login, FromForm()]) -> Response:
    """Log in: a new session each time, and the one before ends; 403 where local users are switched off."""
    if desk.provider is not None and not desk.provider.declared.local_users:
        raise HTTPException(403, "users of this desk log in by the identity provider")
    keys = f"name {normal(form.name)}", address(request)
    wait = desk.attempts.wait(*keys)
    if wait:
        answer = _again(request, form, "Too many failed log-ins. Wait a few minutes.", 429)
        answer.headers["Retry-After"] = str(wait)
        return answer
    user = accounts.check(desk.database, form.name, form.password)
    if user is None:
        known = accounts.find(desk.database, normal(form.name))  # what was typed may be a password: it is not told
        desk.trail.note("", "log-in refused", of=known.name if known else "", address=address(request))
        return _again(request, form, "Name or password is wrong.", 401)
    desk.attempts.succeeded(*keys)
    sessions.close_session(desk.database, request.cookies.get(COOKIE, ""))
    desk.trail.note(user.name, "logged in")
    desk.anchor()
    return enter(request, to(own_path(form.onward) or "/"), sessions.open_session(desk.database, user))


def _again(request: Request, form: Login, problem: str, status: int) -> Response:
    return _page(request, status, form.onward, problem, form.name)


def _page(request: Request, status: int, onward: str, problem: str = "", name: str = "") -> Response:
    provider = desk_of(request).provider
    return page(
        request, "login.html", None, status, onward=own_path(onward), problem=problem, name=name,
        provider=provider.declared if provider else None,
    )  # fmt: skip


@router.post("/logout")
async def logout(request: Request, desk: TheDesk) -> Response:
    """End the session."""
    found = visitor(request)
    if found is None:
        raise LoginNeeded
    await assert_own_form(request, found.csrf)
    sessions.close_session(desk.database, request.cookies.get(COOKIE, ""))
    desk.trail.note(found.name, "logged out")
    answer = to("/login")
    answer.delete_cookie(COOKIE)
    return answer


@router.post("/language", dependencies=[Depends(assert_own_origin)])
def language(request: Request, form: Annotated[Language, FromForm()]) -> Response:
    """Choose the language of the pages."""
    answer = to(own_path(parts_of(request.headers.get("referer", "")).path) or "/")
    answer.set_cookie(LANGUAGE, form.language, httponly=True, samesite="strict", max_age=365 * 86400)
    return answer
