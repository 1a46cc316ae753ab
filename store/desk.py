"""The desk's own small database in the home: users, sessions, tokens, and who works on which case.

Here: its tables, how they are opened, and what an erasure takes out. Not here: what rows mean (stewardship); decisions,
which have a log of their own. Comments, and why a sealed client was opened, are the only words in it; people are asked
to keep them free of clients' data.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    cast,
    create_engine,
    delete,
    event,
    inspect,
    select,
    text,
    update,
)  # fmt: skip
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from rules.errors import StoreError
from store.home import Home, private

FILE = "desk.sqlite"
METADATA = MetaData()


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **options)


USER = Table(
    "user", METADATA, _text("key", primary_key=True), _text("name"), _text("role"), _text("password"),
    Column("disabled", Boolean, nullable=False), _text("created_at"),
    _text("entities", server_default=""), _text("branches", server_default=""), _text("manager", server_default=""),
    _text("subject", server_default=""), _text("password_by", server_default=""),
)  # fmt: skip
SESSION = Table(
    "session", METADATA, _text("digest", primary_key=True), _text("user_key"), _text("csrf"), _text("created_at"),
    _text("seen_at"),
)  # fmt: skip
TOKEN = Table(
    "token", METADATA, _text("digest", primary_key=True), _text("name"), _text("created_at"), _text("ends_at"),
)  # fmt: skip
SCOPE = Table(
    "token_scope", METADATA, _text("digest", primary_key=True), Column("entities", Text), Column("fields", Text),
)  # fmt: skip
"""What the service of a token sees; empty: everything."""
CLAIM = Table("claim", METADATA, _text("case_id", primary_key=True), _text("user"), _text("at"))
SNOOZE = Table("snooze", METADATA, _text("case_id", primary_key=True), _text("until"), _text("user"))
COMMENT = Table(
    "comment", METADATA, Column("id", Integer, primary_key=True), _text("case_id"), _text("one"), _text("other"),
    _text("user"), _text("at"), _text("said"), _text("request"),
)  # fmt: skip
"""What was said about a case, with the two records that it is about."""


JUDGEMENT = Table(
    "judgement", METADATA, Column("id", Integer, primary_key=True), Column("version", Integer, nullable=False),
    _text("one"), _text("other"), _text("user"), _text("said"), _text("at"),
    UniqueConstraint("version", "one", "other", "user"),
)  # fmt: skip
"""What a person thinks of two records of a version's sample."""


GLASS = Table(
    "glass", METADATA, Column("id", Integer, primary_key=True), _text("user_key"), _text("client_number"),
    _text("said"), _text("at"), _text("ends_at"),
)  # fmt: skip
"""Who opened which sealed client until when, and why."""
ANCHOR = Table(
    "anchor", METADATA, _text("log", primary_key=True), Column("upto", Integer, nullable=False), _text("hash"),
    _text("at"),
)  # fmt: skip
"""How far the audit trail and the decision log reached when that was last noted, and the hash there."""


def now() -> str:
    """The time as the tables keep it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Database:
    """A database in a home, by default the desk's; made when first written to.

    One that is `held` keeps its connections until it is closed, or another file takes the place of its own: who asks
    often does not wait for them.
    """

    def __init__(self, home: Home, file: str = FILE, tables: MetaData = METADATA, held: bool = False) -> None:
        self.file, self._tables, self._complete = home.root / file, tables, False
        pool: dict[str, Any] = {"poolclass": QueuePool, "max_overflow": -1} if held else {"poolclass": NullPool}
        self._engine: Engine = create_engine(f"sqlite:///{self.file}", **pool)
        event.listen(self._engine, "connect", _set_up)
        self._watching: Any = None
        self._marking, self._of = RLock(), 0

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer shares."""
        self._follow()
        known = self._complete and self.file.exists()
        with self._told(), private(), self._engine.begin() as con:
            con.execute(text("BEGIN IMMEDIATE"))
            if not known:
                _complete(con, self._tables)
            yield con
        self._complete = True

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with."""
        self._follow()
        if not (self._complete and self.file.exists()):
            with self.writing():
                pass
        with self._told(), self._engine.connect() as con:
            yield con

    def mark(self) -> int:
        """A number that changes when anybody, also another process, has written; cheaper than reading again."""
        self._follow()
        with self._marking:
            if self._watching is None:
                with self.reading():
                    self._watching = self._engine.raw_connection()
            [found] = self._watching.cursor().execute("PRAGMA data_version").fetchone()
            return (self._of << 32) + int(found)

    def close(self) -> None:
        """Close what `mark` and the pool keep open."""
        with self._marking:
            if self._watching is not None:
                self._watching.close()
            self._watching = None
        self._engine.dispose()

    def _follow(self) -> None:
        """Let go of a file that is gone or in whose place there is another, as from a backup."""
        found = self.file.stat().st_ino if self.file.exists() else 0
        if found != self._of:
            if self._of:
                self.close()
                self._complete = False
            self._of = found

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            problem = f"cannot be used ({type(error).__name__})"
            raise StoreError(str(self.file), problem, "see that it can be read and written") from None


def _complete(con: Connection, tables: MetaData) -> None:
    """Make the tables and columns that an earlier release did not."""
    tables.create_all(con)
    for table in tables.tables.values():
        known = {column["name"] for column in inspect(con).get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                con.execute(text(f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" TEXT NOT NULL DEFAULT \'\''))


def forget(home: Home, records: Iterable[tuple[str, str]], needles: Iterable[bytes]) -> int:
    """Delete comments on cases about any of the records, and those that hold one of `needles`; how many.

    Of why a sealed client was opened what holds a needle goes; the reason code stays, on the audit trail.
    Judgements on the records stay, without saying which records they were: they count in the precision of a version.
    """
    database = Database(home)
    if not database.file.exists():
        return 0
    named, texts = {":".join(record) for record in records}, {needle.decode().casefold() for needle in needles}
    with database.writing() as con:
        gone = [
            row.id for row in con.execute(select(COMMENT))
            if named & {row.one, row.other} or any(text in row.said.casefold() for text in texts)
        ]  # fmt: skip
        con.execute(delete(COMMENT).where(COMMENT.c.id.in_(gone)))
        said = [row.id for row in con.execute(select(GLASS)) if any(text in row.said.casefold() for text in texts)]
        con.execute(update(GLASS).where(GLASS.c.id.in_(said)).values(said="erased"))
        for side in (JUDGEMENT.c.one, JUDGEMENT.c.other):
            judged = update(JUDGEMENT).where(side.in_(named))
            con.execute(judged.values(one="erased " + cast(JUDGEMENT.c.id, Text), other="erased"))
    with database.reading() as con:
        con.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    return len(gone)


def _set_up(connection: Any, _record: Any) -> None:
    """Transactions begin where `writing` says so; readers do not wait for a writer; deleted bytes are wiped."""
    connection.isolation_level = None
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA busy_timeout = 5000")
