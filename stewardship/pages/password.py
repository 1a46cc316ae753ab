"""One's own password: who was given one by somebody else chooses another before he sees anything.

Here: the page. Not here: what makes a password (accounts), giving one to others (users.py). A wrong old password counts
as a failed log-in.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi import Form as FromForm
from pydantic import Field
from starlette.responses import Response

from rules.errors import ConfigError
from stewardship import accounts, sessions
from stewardship.guard import LoginNeeded, TheDesk, assert_own_form, visitor
from stewardship.pages.forms import Form
from stewardship.pages.frame import enter, page, to
from stewardship.sessions import Visitor
from store.people import normal

router = APIRouter(include_in_schema=False)
Secret = Annotated[str, Field(max_length=accounts.LONGEST)]


class Chosen(Form):
    """The old password, and the new one twice."""

    old: Secret
    new: Secret
    again: Secret


def _holder(request: Request) -> Visitor:
    """Who has a password here."""
    found = visitor(request)
    if found is None:
        raise LoginNeeded
    if not found.password:
        raise HTTPException(403, "the identity provider keeps your password")
    return found


Holder = Annotated[Visitor, Depends(_holder)]


@router.get("/password")
def show(request: Request, holder: Holder) -> Response:
    """The form."""
    return _page(request, holder)


async def _own(request: Request, holder: Holder) -> None:
    await assert_own_form(request, holder.csrf)


@router.post("/password", dependencies=[Depends(_own)])
def choose(request: Request, desk: TheDesk, holder: Holder, form: Annotated[Chosen, FromForm()]) -> Response:
    """Choose a password; all one's sessions end, and a new one begins."""
    key = f"name {normal(holder.name)}"
    if wait := desk.attempts.wait(key):
        raise HTTPException(429, "too many wrong passwords", {"Retry-After": str(wait)})
    user = accounts.check(desk.database, holder.name, form.old)
    if user is None:
        return _page(request, holder, "The old password is wrong.", 401)
    if form.new != form.again or form.new == form.old:
        return _page(request, holder, "Write the new password twice, and another than the old one.", 422)
    try:
        accounts.set_password(desk.database, user.name, form.new)
    except ConfigError:
        return _page(request, holder, "A password has 12 letters at least: a few words make a good one.", 422)
    desk.attempts.succeeded(key)
    desk.trail.note(user.name, "chose password")
    return enter(request, to("/"), sessions.open_session(desk.database, user))


def _page(request: Request, holder: Visitor, problem: str = "", status: int = 200) -> Response:
    return page(request, "password.html", holder, status, problem=problem, shortest=accounts.SHORTEST)
