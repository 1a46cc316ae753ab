"""Users of the desk, for administrators: who there is, who comes in, and without an identity provider who is what.

Here: pages. Not here: what makes a name, role, scope or password (accounts), tokens, which `registry tokens` gives on
the machine itself. Every change ends the user's sessions and is on the audit trail; a password is shown once, to be
passed on, kept nowhere, and good for nothing but choosing another (password.py).
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi import Form as FromForm
from pydantic import Field
from starlette.responses import Response

from rules.desk import ADMINISTER, ROLES
from rules.errors import ConfigError, NotFound
from rules.wording import nearest
from stewardship import accounts, sessions
from stewardship.accounts import User
from stewardship.desk import Desk
from stewardship.guard import TheDesk, allowed
from stewardship.pages.forms import Form
from stewardship.pages.frame import page, to
from stewardship.sessions import Visitor
from stewardship.sight import Scope
from store.people import look_alike, normal

router = APIRouter(include_in_schema=False)
Administrator = Annotated[Visitor, Depends(allowed(ADMINISTER))]
Words = Annotated[str, Field(max_length=1000)]
"""Names with commas between them; empty for all."""
_DID = {"disable": "disabled user", "enable": "enabled user"}


class Named(Form):
    """A form about a user."""

    name: str = Field(max_length=accounts.LONGEST_NAME)


class Work(Named):
    """Shutting a user out, or letting him in."""

    work: Literal["disable", "enable"]


class Seat(Named):
    """What a user is, and whose clients he sees."""

    role: str = Field(max_length=40)
    entities: Words = ""
    branches: Words = ""
    manager: str = Field("", max_length=40)

    def scope(self, desk: Desk) -> Scope:
        """The scope, of declared legal entities where the desk knows them."""
        entities, branches = _words(self.entities), _words(self.branches)
        known = _entities(desk)
        if unknown := next((entity for entity in entities if known and entity not in known), None):
            raise ConfigError("legal entities", f"'{unknown}' is none of this registry", nearest(unknown, known))
        return Scope(entities, branches)

    def told(self) -> dict[str, str]:
        """The same for the audit trail."""
        facts = {"role": self.role, "entities": ",".join(_words(self.entities)) or "all",
                 "branches": ",".join(_words(self.branches)) or "all", "manager": self.manager}  # fmt: skip
        return {name: fact for name, fact in facts.items() if fact}


async def _keeps(desk: TheDesk, visitor: Administrator) -> Visitor:
    """Who may make and change users: an administrator of all clients, since he could give himself the rest."""
    if desk.provider is not None:
        problem = "the identity provider keeps the users; local ones are kept by `registry users` on the machine"
        raise HTTPException(403, problem)
    if not visitor.scope.everything:
        raise HTTPException(403, "only for administrators of every legal entity and branch; ask one of them")
    return visitor


Keeper = Annotated[Visitor, Depends(_keeps)]


@router.get("/users")
def users(request: Request, desk: TheDesk, visitor: Administrator) -> Response:
    """Users and tokens."""
    return _page(request, desk, visitor)


@router.post("/users")
def work(desk: TheDesk, visitor: Administrator, form: Annotated[Work, FromForm()]) -> Response:
    """Shut a user out at once, or let him in again."""
    user = _other(desk, visitor, form.name)
    accounts.disable(desk.database, user.name, form.work == "disable")
    desk.trail.note(visitor.name, _DID[form.work], about=user.name)
    return to("/users")


@router.post("/users/add")
def add(request: Request, desk: TheDesk, visitor: Keeper, form: Annotated[Seat, FromForm()]) -> Response:
    """Add a user, and show his first password."""
    password = accounts.new_password()
    made = accounts.add(desk.database, form.name, form.role, password, form.scope(desk), form.manager, visitor.name)
    desk.trail.note(visitor.name, "added user", about=made.name, **form.told())
    return _page(request, desk, visitor, made.name, password)


@router.post("/users/change")
def change(desk: TheDesk, visitor: Keeper, form: Annotated[Seat, FromForm()]) -> Response:
    """Give a user another role and scope."""
    user = _other(desk, visitor, form.name)
    accounts.change(desk.database, user.name, form.role, form.scope(desk), form.manager)
    desk.trail.note(visitor.name, "changed user", about=user.name, **form.told())
    return to("/users")


@router.post("/users/password")
def password(request: Request, desk: TheDesk, visitor: Keeper, form: Annotated[Named, FromForm()]) -> Response:
    """Give a user another password, and show it."""
    user, given = _other(desk, visitor, form.name), accounts.new_password()
    accounts.set_password(desk.database, user.name, given, visitor.name)
    desk.trail.note(visitor.name, "gave user another password", about=user.name)
    return _page(request, desk, visitor, user.name, given)


def _other(desk: Desk, visitor: Visitor, name: str) -> User:
    """The user of a name; nobody changes himself, so that there is always an administrator left."""
    if look_alike(name, visitor.name):
        raise HTTPException(403, "nobody shuts himself out or changes himself; another administrator can")
    user = accounts.find(desk.database, normal(name))
    if user is None:
        raise NotFound("user", "there is no such user", "see the page of users")
    return user


def _page(request: Request, desk: Desk, visitor: Visitor, name: str = "", given: str = "") -> Response:
    provider = desk.provider.declared if desk.provider else None
    return page(
        request, "users.html", visitor, users=accounts.users(desk.database), tokens=sessions.tokens(desk.database),
        provider=provider, keeps=provider is None and visitor.scope.everything, roles=ROLES, entities=_entities(desk),
        name=name, given=given,
    )  # fmt: skip


def _entities(desk: Desk) -> tuple[str, ...]:
    return tuple(entity.id for entity in desk.settings.registry.legal_entities) if desk.settings else ()


def _words(told: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in told.split(",") if word.strip()))
