"""The desk's own small database in the home: users, sessions, tokens, and who works on which case.

Here: its tables and how they are opened. Not here: what rows mean (accounts, sessions, workbench); decisions, which
have a log of their own. Comments, which people ask to be free of clients' data, are the only words in it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Engine, Integer, MetaData, Table, Text, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from rules.errors import StoreError
from store.home import Home, private

FILE = "desk.sqlite"
METADATA = MetaData()


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **options)


USER = Table(
    "user", METADATA, _text("key", primary_key=True), _text("name"), _text("role"), _text("password"),
    Column("disabled", Boolean, nullable=False), _text("created_at"),
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
CLAIM = Table("claim", METADATA, _text("case_id", primary_key=True), _text("user"), _text("at"))
SNOOZE = Table("snooze", METADATA, _text("case_id", primary_key=True), _text("until"), _text("user"))
COMMENT = Table(
    "comment", METADATA, Column("id", Integer, primary_key=True), _text("case_id"), _text("user"), _text("at"),
    _text("said"), _text("request"),
)  # fmt: skip


class Database:
    """The database of one home; made when first written to."""

    def __init__(self, home: Home) -> None:
        self.file = home.root / FILE
        self._engine: Engine = create_engine(f"sqlite:///{self.file}", poolclass=NullPool)
        event.listen(self._engine, "connect", _set_up)
        self._made = False

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer shares."""
        with self._told(), private(), self._engine.begin() as con:
            con.execute(text("BEGIN IMMEDIATE"))
            METADATA.create_all(con)
            yield con
        self._made = True

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with."""
        if not self._made:
            with self.writing():
                pass
        with self._told(), self._engine.connect() as con:
            yield con

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            problem = f"cannot be used ({type(error).__name__})"
            raise StoreError(str(self.file), problem, "see that it can be read and written") from None


def _set_up(connection: Any, _record: Any) -> None:
    """Transactions begin where `writing` says so; readers do not wait for a writer."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA busy_timeout = 5000")
