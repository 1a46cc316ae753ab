"""Who is there: sessions of people, tokens of services.

Here: giving, finding and ending them. Not here: users (accounts), cookies and headers (guard). Only digests are kept:
who reads the database can impersonate nobody.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import delete, insert, select, update

from rules.desk import ACROSS, MAY, OPEN_MINUTES, SERVICE, UNBOUND
from rules.errors import ConfigError, NotFound
from stewardship import accounts, sight
from stewardship.accounts import User
from stewardship.sight import Scope
from store.desk import GLASS, SCOPE, SESSION, TOKEN, USER, Database
from store.hashing import text_sha256
from store.people import normal

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=10)
"""A session ends after so long without a request, and after a working day."""
_RENEWED = timedelta(minutes=1)
"""How exactly the last request is remembered: not every one writes."""


@dataclass(frozen=True)
class Visitor:
    """Who asks: a user with the secret of his forms, or a service.

    `scope`: the clients in sight; `fields`: what a service sees of them, None for all.
    """

    name: str
    role: str
    csrf: str = ""
    scope: Scope = sight.EVERYTHING
    fields: frozenset[str] | None = None
    manager: str = ""
    password: Literal["", "own", "given"] = ""
    """Who knows it: the user alone, or who gave it too; nothing where he has none here."""

    def may(self, permission: str) -> bool:
        """Whether his role may do it, and he sees all clients where it is about all of them."""
        return permission in MAY[self.role] and (permission not in UNBOUND or self.scope.everything)

    @property
    def across(self) -> bool:
        """Whether he sees across legal entities, and not because his role is to."""
        return self.role not in ACROSS and len(self.scope.entities) != 1


def open_session(database: Database, user: User) -> str:
    """A new session's secret, for the cookie."""
    secret, now = secrets.token_urlsafe(32), _now()
    row = {"digest": text_sha256(secret), "user_key": user.key, "csrf": secrets.token_urlsafe(32)}
    with database.writing() as con:
        con.execute(delete(SESSION).where(SESSION.c.created_at < (now - LONGEST).isoformat()))
        con.execute(insert(SESSION), row | {"created_at": now.isoformat(), "seen_at": now.isoformat()})
    return secret


def of_session(database: Database, secret: str) -> Visitor | None:
    """Whose session it is; None where it is unknown, ended, or its user shut out."""
    digest, now = text_sha256(secret), _now()
    told = USER.c.name, USER.c.role, USER.c.entities, USER.c.branches, USER.c.manager, USER.c.subject
    asked = select(SESSION, *told, USER.c.password_by)
    asked = asked.join(USER, USER.c.key == SESSION.c.user_key)
    with database.reading() as con:
        row = con.execute(asked.where(SESSION.c.digest == digest, ~USER.c.disabled)).first()
    if row is None or now - _time(row.seen_at) > IDLE or now - _time(row.created_at) > LONGEST:
        return None
    if now - _time(row.seen_at) > _RENEWED:
        with database.writing() as con:
            con.execute(update(SESSION).where(SESSION.c.digest == digest).values(seen_at=now.isoformat()))
    opened = select(GLASS.c.client_number).where(GLASS.c.user_key == row.user_key, GLASS.c.ends_at > now.isoformat())
    with database.reading() as con:
        numbers = [number for (number,) in con.execute(opened)]
    seen = sight.scope(row.entities, row.branches, numbers)
    known: Literal["", "own", "given"] = "" if row.subject else "given" if row.password_by else "own"
    return Visitor(row.name, row.role, row.csrf, seen, manager=row.manager, password=known)


def open_sealed(database: Database, name: str, number: str, said: str) -> int:
    """Let a user see a sealed client for a while; the number under which it is kept why."""
    ends = _now() + timedelta(minutes=OPEN_MINUTES)
    row = {"user_key": normal(name), "client_number": number, "said": said, "at": _now().isoformat()}
    with database.writing() as con:
        made = con.execute(insert(GLASS).returning(GLASS.c.id), row | {"ends_at": ends.isoformat()})
        return int(made.scalar_one())


def said_of(database: Database, openings: Sequence[int]) -> dict[int, str]:
    """Why sealed clients were opened, in the words of who did, by the number of the opening."""
    asked = select(GLASS.c.id, GLASS.c.said).where(GLASS.c.id.in_(openings))
    with database.reading() as con:
        return {row.id: row.said for row in con.execute(asked)}


def close_session(database: Database, secret: str) -> None:
    """End a session."""
    with database.writing() as con:
        con.execute(delete(SESSION).where(SESSION.c.digest == text_sha256(secret)))


def keep_sessions(database: Database, local: bool, vouched: bool) -> None:
    """End the sessions of local users, or of the identity provider's, where they log in no more."""
    if not database.file.exists():
        return
    ended = select(USER.c.key).where((USER.c.subject == "") & (not local) | (USER.c.subject != "") & (not vouched))
    with database.writing() as con:
        con.execute(delete(SESSION).where(SESSION.c.user_key.in_(ended)))


def issue_token(
    database: Database, name: str, days: int, entities: Sequence[str] = (), fields: Sequence[str] = ()
) -> str:
    """A service's secret, shown this once; without `entities` and `fields` it sees all clients and everything."""
    secret, now = secrets.token_urlsafe(32), _now()
    if not name.strip() or not name.isprintable() or len(name) > accounts.LONGEST_NAME:
        raise ConfigError("token name", "names the system that will use it", "give another")
    accounts.assert_name(name, [user.name for user in accounts.users(database)], "token name")
    with database.writing() as con:
        if con.execute(select(TOKEN.c.name).where(TOKEN.c.name == name)).first():
            raise ConfigError("token name", "is taken", "revoke the old one first, or give another")
        ends = now + timedelta(days=days)
        row = {"digest": text_sha256(secret), "name": name, "created_at": now.isoformat(), "ends_at": ends.isoformat()}
        con.execute(insert(TOKEN), row)
        scope = {"entities": ",".join(entities) or None, "fields": ",".join(fields) or None}
        con.execute(insert(SCOPE), {"digest": row["digest"], **scope})
    return secret


class Tokens:
    """Services by their tokens, remembered until anybody writes to the database: a revoked token ends at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[int, dict[str, tuple[Visitor, datetime]]] = (-1, {})

    def of(self, secret: str) -> Visitor | None:
        """Which service's token it is; None where it is unknown, revoked or past its term."""
        mark, digest = self._database.mark(), text_sha256(secret)
        if mark != self._known[0]:
            self._known = mark, {}
        known = self._known[1]
        found = known.get(digest) or self._read(digest)
        if found is None or _now() >= found[1]:
            return None
        known[digest] = found
        return found[0]

    def _read(self, digest: str) -> tuple[Visitor, datetime] | None:
        asked = select(TOKEN, SCOPE.c.entities, SCOPE.c.fields).outerjoin(SCOPE, SCOPE.c.digest == TOKEN.c.digest)
        with self._database.reading() as con:
            row = con.execute(asked.where(TOKEN.c.digest == digest)).first()
        if row is None:
            return None
        fields = frozenset(row.fields.split(",")) if row.fields else None
        seen = replace(sight.scope(row.entities or "", ""), unsealed=True)
        return Visitor(row.name, SERVICE, "", seen, fields), _time(row.ends_at)


def tokens(database: Database) -> list[dict[str, str]]:
    """Tokens by name, without what they are checked by."""
    asked = select(TOKEN.c.name, TOKEN.c.created_at, TOKEN.c.ends_at).order_by(TOKEN.c.name)
    with database.reading() as con:
        return [dict(row) for row in con.execute(asked).mappings()]


def revoke_token(database: Database, name: str) -> None:
    """End a token at once."""
    with database.writing() as con:
        found = con.execute(delete(TOKEN).where(TOKEN.c.name == name)).rowcount
    if not found:
        raise NotFound("token", "there is no such token", "see `registry tokens list`")


def _now() -> datetime:
    return datetime.now(UTC)


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written)
