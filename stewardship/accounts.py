"""Users of the desk: names, roles, passwords.

Here: local users, and what every user has. Not here: users of the identity provider (vouched), sessions, what a role
may do (rules/desk). Two users never look alike, wherever they come from, since the decision log tells people apart by
their names.
"""

import secrets
from dataclasses import dataclass
from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, delete, insert, select, update

from rules.decisions import SYSTEM
from rules.desk import DECIDE, MAY, ROLES
from rules.errors import ConfigError, NotFound
from rules.wording import nearest
from stewardship.sight import EVERYTHING, Scope
from stewardship.sight import scope as read_scope
from store.desk import SESSION, TOKEN, USER, Database, now
from store.people import look_alike, normal

SHORTEST, LONGEST, LONGEST_NAME = 12, 1024, 64
"""Letters of a password, and of a name."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")
_AT_ONCE = Semaphore(2)
"""A hash takes 64 MiB: a flood of log-ins must not take the machine's memory."""


@dataclass(frozen=True)
class User:
    """A user; `key` is the name's normal form, `manager` the code of the relationship manager that he is, if any.

    `subject` names him at the identity provider; `local` is whether he has a password here.
    """

    key: str
    name: str
    role: str
    disabled: bool
    created_at: str
    scope: Scope = EVERYTHING
    manager: str = ""
    subject: str = ""
    local: bool = True


def add(
    database: Database, name: str, role: str, password: str, scope: Scope = EVERYTHING, manager: str = "",
    by: str = "",
) -> User:  # fmt: skip
    """Add a user who sees the clients of a scope; ConfigError where the name, role, scope or password will not do.

    `by` is who else knows the password: the user has to choose another before he sees anything.
    """
    with database.reading() as con:
        services = [str(service) for (service,) in con.execute(select(TOKEN.c.name))]
    assert_name(name, [*(user.name for user in users(database)), *services])
    place = _place(role, scope, manager)
    made = User(normal(name), " ".join(name.split()), role, False, now(), scope, manager)
    row = {"key": made.key, "name": made.name, "password": _hashed(password), "password_by": by, "disabled": False}
    with database.writing() as con:
        con.execute(insert(USER), row | place | {"created_at": made.created_at})
    return made


def _place(role: str, scope: Scope, manager: str) -> dict[str, str]:
    """What a user is and sees, as the desk's database writes it."""
    if role not in ROLES:
        raise ConfigError("role", f"is one of {', '.join(ROLES)}", nearest(role, ROLES))
    if any("," in word or not word.strip() for word in (*scope.entities, *scope.branches)):
        raise ConfigError("legal entities and branches", "are names without commas", "give each name by itself")
    entities, branches = ",".join(scope.entities), ",".join(scope.branches)
    return {"role": role, "entities": entities, "branches": branches, "manager": manager}


def assert_name(name: str, taken: list[str], place: str = "user name") -> None:
    """Raise ConfigError where a name cannot be read, or told from one that is taken."""
    if not normal(name) or len(name) > LONGEST_NAME or not name.isprintable():
        raise ConfigError(place, f"is expected, of at most {LONGEST_NAME} printable letters", "give another")
    alike = next((other for other in (SYSTEM, *taken) if look_alike(name, other)), None)
    if alike is not None:
        raise ConfigError(place, f"cannot be told from {alike}", "give another, or see `registry users list`")


def _hashed(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        problem = f"must have {SHORTEST} to {LONGEST} letters"
        raise ConfigError("password", problem, "a few words make a good one")
    return _HASHER.hash(password)


def users(database: Database) -> list[User]:
    """All users by name."""
    with database.reading() as con:
        return [_user(row) for row in con.execute(select(USER).order_by(USER.c.key))]


def team(database: Database, scope: Scope) -> frozenset[str]:
    """Names of those who decide about the same legal entities and branches."""
    mine = scope.entities, scope.branches
    return frozenset(
        user.name for user in users(database)
        if DECIDE in MAY[user.role] and (user.scope.entities, user.scope.branches) == mine and not user.disabled
    )  # fmt: skip


def find(database: Database, key: str) -> User | None:
    """The user with a normal form of a name."""
    with database.reading() as con:
        row = con.execute(select(USER).where(USER.c.key == key)).first()
    return _user(row) if row else None


def check(database: Database, name: str, password: str) -> User | None:
    """The user whose password it is; it takes as long to refuse nobody as somebody."""
    with database.reading() as con:
        row = con.execute(select(USER).where(USER.c.key == normal(name))).first()
    with _AT_ONCE:
        right = _verified(row.password if row and row.password else _NOBODY, password[: LONGEST + 1])
    return _user(row) if row and row.password and right and not row.disabled else None


def _verified(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def new_password() -> str:
    """A password to begin with: 20 letters at random, none that is taken for another when it is read or told."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def set_password(database: Database, name: str, password: str, by: str = "") -> None:
    """Give a user another password; open sessions end. ConfigError for one who logs in by the identity provider.

    `by` as for `add`; nobody where the user chose it.
    """
    _assert_kept_here(database, name)
    _change(database, name, password=_hashed(password), password_by=by)


def change(database: Database, name: str, role: str, scope: Scope = EVERYTHING, manager: str = "") -> None:
    """Give a user another role and scope; open sessions end. ConfigError as for `add` and `set_password`."""
    _assert_kept_here(database, name)
    _change(database, name, **_place(role, scope, manager))


def _assert_kept_here(database: Database, name: str) -> None:
    known = find(database, normal(name))
    if known is not None and known.subject:
        problem = "logs in by the identity provider, which keeps password, role and scope"
        raise ConfigError("user", problem, "change them there")


def hand_over(database: Database, name: str) -> None:
    """Take a local user's password away, so that the person of that name at the identity provider takes his place."""
    _change(database, name, password="")


def disable(database: Database, name: str, disabled: bool = True) -> None:
    """Shut a user out, at once and from open sessions too, or let him in again."""
    _change(database, name, disabled=disabled)


def _change(database: Database, name: str, **values: object) -> None:
    key = normal(name)
    with database.writing() as con:
        found = con.execute(update(USER).where(USER.c.key == key).values(**values)).rowcount
        con.execute(delete(SESSION).where(SESSION.c.user_key == key))
    if not found:
        raise NotFound("user", "there is no such user", "see the users", "registry users list")


def _user(row: Row[tuple[object, ...]]) -> User:
    scope = read_scope(row.entities, row.branches)
    told = row.key, row.name, row.role, row.disabled, row.created_at
    return User(*told, scope, row.manager, row.subject, bool(row.password))
