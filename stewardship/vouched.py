"""What the identity provider's claims say of a person: name, role, legal entities, branches.

Here: claims → a user as the bank declares it (rules/oidc), and keeping him among the users. Not here: whether the
claims are true (provider), local users (accounts). Who has no role, or no value where one is asked for, may do nothing:
an empty claim never means everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from rules.errors import ConfigError, LogInRefused
from rules.oidc import EVERY, Claim, Oidc
from stewardship import accounts
from stewardship.accounts import User
from stewardship.sight import Scope
from store.desk import USER, Database, now
from store.people import normal

PLACE = "log-in"
_ASK = "ask who keeps the bank's user groups"


@dataclass(frozen=True)
class Person:
    """Who the provider vouches for: `subject` is the one claim that never changes hands."""

    name: str
    subject: str
    role: str
    scope: Scope
    manager: str


def person(declared: Oidc, claims: Mapping[str, Any], entities: tuple[str, ...] = ()) -> Person:
    """The person of valid claims; LogInRefused where they give no name, no role or none of `entities`."""
    [name] = _values(claims, declared.user)[:1] or [""]
    if not name.strip():
        raise LogInRefused(PLACE, f"the provider sends no claim '{declared.user}' with your name", _ASK)
    held = _values(claims, declared.role.claim)
    role = next((role for value, role in declared.role.values.items() if value in held), None)
    if role is None:
        raise LogInRefused(PLACE, "you have no role at this desk", _ASK)
    named = _scope(claims, declared.legal_entity, "legal entity"), _scope(claims, declared.branch, "branch")
    if unknown := sorted(set(named[0]) - set(entities)):
        raise LogInRefused(PLACE, f"'{unknown[0]}' is no legal entity of this registry", _ASK)
    manager = next(iter(_values(claims, declared.manager)), "") if declared.manager else ""
    return Person(name, f"{declared.issuer} {claims['sub']}", role, Scope(*named), manager)


def _scope(claims: Mapping[str, Any], declared: Claim | None, what: str) -> tuple[str, ...]:
    """Names that a person sees; empty for all of them, which only a value that stands for all gives."""
    if declared is None:
        return ()
    held = _values(claims, declared.claim)
    found = [declared.values[value] for value in held if value in declared.values] if declared.values else held
    if not found or any("," in name or not name.strip() for name in found):
        raise LogInRefused(PLACE, f"the provider gives you no {what}", _ASK)
    return () if EVERY in found else tuple(sorted(set(found)))


def _values(claims: Mapping[str, Any], name: str) -> list[str]:
    """A claim's values as texts, of a claim by its whole name or by the parts of it between dots."""
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    return [str(value) for value in values if isinstance(value, str | int)]


def keep(database: Database, who: Person, local_users: bool) -> User:
    """The user of a person, made at the first log-in, with the role and scope of this one.

    He keeps the name of his first log-in: decisions tell people apart by it. Raises LogInRefused where he is shut out,
    or the name is another's: of somebody else at the provider, or of a local user that was not handed over.
    """
    known = {user.key: user for user in accounts.users(database)}
    mine = next((user for user in known.values() if user.subject == who.subject), None)
    mine = mine or _named(known, who, local_users)
    if mine is not None and mine.disabled:
        raise LogInRefused(PLACE, "you are shut out of this desk", "ask who keeps its users")
    held = {"role": who.role, "subject": who.subject, "password": "", "manager": who.manager,
            "entities": ",".join(who.scope.entities), "branches": ",".join(who.scope.branches)}  # fmt: skip
    with database.writing() as con:
        if mine is None:
            row = {"key": normal(who.name), "name": " ".join(who.name.split()), "disabled": False, "created_at": now()}
            con.execute(insert(USER), row | held)
        else:
            con.execute(update(USER).where(USER.c.key == mine.key).values(**held))
        key = con.execute(select(USER.c.key).where(USER.c.subject == who.subject)).scalar_one()
    found = accounts.find(database, key)
    assert found is not None
    return found


def _named(known: Mapping[str, User], who: Person, local_users: bool) -> User | None:
    """The local user whom the person takes over; None where the name is nobody's yet."""
    mine = known.get(normal(who.name))
    if mine is None:
        try:
            accounts.assert_name(who.name, [user.name for user in known.values()])
        except ConfigError as error:
            raise LogInRefused(PLACE, f"your name {error.expected}", "ask who keeps the desk's users") from None
        return None
    if mine.subject:
        raise LogInRefused(PLACE, "your name is that of somebody else at this desk", "ask who keeps its users")
    if mine.local and local_users:
        following = "who keeps its users hands it over: `registry users hand-over NAME`"
        raise LogInRefused(PLACE, "a local user of this desk has your name", following)
    return mine
