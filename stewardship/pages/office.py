"""The office: users for the administrator, the audit trail for the auditor.

Here: pages. Not here: adding users and passwords, which `registry users` does on the machine itself.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi import Form as FromForm
from pydantic import Field
from starlette.responses import Response

from rules.desk import ADMINISTER, AUDIT
from stewardship import accounts, sessions
from stewardship.guard import TheDesk, allowed
from stewardship.pages.forms import Form
from stewardship.pages.frame import page, to
from stewardship.sessions import Visitor
from store.people import look_alike

router = APIRouter(include_in_schema=False)
Administrator = Annotated[Visitor, Depends(allowed(ADMINISTER))]
NEWEST = 200
"""Lines of the trail that are shown."""


class UserForm(Form):
    """Shutting a user out, or letting him in."""

    name: str = Field(max_length=accounts.LONGEST_NAME)
    work: Literal["disable", "enable"]


@router.get("/users")
def users(request: Request, desk: TheDesk, visitor: Administrator) -> Response:
    """Users and tokens."""
    people, tokens = accounts.users(desk.database), sessions.tokens(desk.database)
    provider = desk.provider.declared if desk.provider else None
    return page(request, "users.html", visitor, users=people, tokens=tokens, provider=provider)


@router.post("/users")
def change(desk: TheDesk, visitor: Administrator, form: Annotated[UserForm, FromForm()]) -> Response:
    """Shut a user out at once, or let him in again."""
    if look_alike(form.name, visitor.name):
        raise HTTPException(403, "nobody shuts himself out; another administrator can")
    accounts.disable(desk.database, form.name, form.work == "disable")
    desk.trail.note(visitor.name, f"{form.work}d user", about=form.name)
    return to("/users")


@router.get("/audit")
def audit(request: Request, desk: TheDesk, visitor: Annotated[Visitor, Depends(allowed(AUDIT))]) -> Response:
    """The newest lines of the trail, and whether trail and decision log are as they were written."""
    lines = desk.trail.lines(NEWEST)[::-1]
    broken = {"trail": desk.trail.broken(), "log": desk.log.broken()}
    desk.trail.note(visitor.name, "read the trail")
    return page(request, "audit.html", visitor, lines=lines, broken=broken, newest=NEWEST)
