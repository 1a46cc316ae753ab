"""The log's two database tables, which refuse to be changed.

Here: DDL for SQLite and PostgreSQL, and one transaction that no other writer shares. Not here: rows (log).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import DDL, Column, Connection, Engine, Integer, MetaData, Table, Text, event, text

METADATA = MetaData()
_TEXTS = (
    "at", "kind", "author", "os_user", "effect", "left_records", "right_records", "numbers", "field", "ends",
    "evidence", "evidence_hash", "request", "payload_digest", "previous_hash", "hash",
)  # fmt: skip
ENTRY = Table(
    "decision_log", METADATA, Column("id", Integer, primary_key=True, autoincrement=False), Column("about", Integer),
    *(Column(name, Text, nullable=False) for name in _TEXTS),
)  # fmt: skip
PAYLOAD = Table(
    "decision_payload", METADATA, Column("id", Integer, primary_key=True, autoincrement=False),
    *(Column(name, Text, nullable=False) for name in ("salt", "reason", "value")),
)  # fmt: skip

_REFUSED = "rows of the decision log are never changed or deleted"
_DDL = (
    *(("sqlite", f"""
        CREATE TRIGGER decision_log_no_{what.lower()} BEFORE {what} ON decision_log
        BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""") for what in ("UPDATE", "DELETE")),
    ("postgresql", f"""
        CREATE FUNCTION decision_log_refuse() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"""),
    ("postgresql", """
        CREATE TRIGGER decision_log_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_log
        FOR EACH STATEMENT EXECUTE FUNCTION decision_log_refuse()"""),
)  # fmt: skip
for _dialect, _statement in _DDL:
    event.listen(ENTRY, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]


def prepare(engine: Engine) -> None:
    """Let a SQLite transaction begin where `alone` says so, not where the driver guesses; deleted bytes are wiped."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _manual_begin)


def _manual_begin(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA secure_delete = ON")


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nobody else writes to the log; makes the tables where there are none."""
    METADATA.create_all(engine)
    with engine.begin() as con:
        con.execute(text(_ALONE[engine.dialect.name]))
        yield con


_ALONE = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK TABLE decision_log IN EXCLUSIVE MODE"}
