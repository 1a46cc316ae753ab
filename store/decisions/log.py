"""The log as a database: read its rows, add one.

Here: rows in and out, in one transaction with what is checked of them. Not here: what may be added (judge), where the
database is (place).
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from rules.errors import DecisionRefused, IntegrityError, StoreError
from store.decisions.entries import REMEMBERED, Entry, Payload, broken
from store.decisions.judge import judge
from store.decisions.schema import ENTRY, PAYLOAD, alone
from store.decisions.state import Decision, decisions
from store.people import os_user

_LISTS = {"left": "left_records", "right": "right_records", "numbers": "numbers"}
"""Lists of an entry by the column that holds them as JSON."""


_TABLES = (ENTRY, PAYLOAD)


@dataclass(frozen=True)
class Log:
    """A decision log; reading one that nobody wrote to yet finds no rows."""

    engine: Engine
    place: str
    file: Path | None = None
    """The file of a SQLite log, so that reading makes none."""

    def entries(self, upto: int | None = None) -> list[Entry]:
        """Its rows, to number `upto` included."""
        return self._read(upto)[0]

    def decisions(self, upto: int | None = None) -> dict[int, Decision]:
        """The decisions that the rows to number `upto` make, by number."""
        return decisions(*self._read(upto))

    def head(self, upto: int | None = None) -> tuple[int, str]:
        """Number and hash of the last row, to `upto` included; (0, "") where there is none."""
        last = select(ENTRY.c.id, ENTRY.c.hash).order_by(ENTRY.c.id.desc()).limit(1)
        with self._connected() as con:
            row = con.execute(last if upto is None else last.where(ENTRY.c.id <= upto)).first() if con else None
        return (row.id, row.hash) if row else (0, "")

    def holds(self, upto: int, hashed: str) -> bool:
        """Whether row `upto` is there, and has that hash, as a version that counted it knows."""
        return self.head(upto) == (upto, hashed)

    def requested(self, key: str) -> Entry | None:
        """The row that a request with this key made."""
        with self._connected() as con:
            return _requested(con, key) if con else None

    def mark(self) -> tuple[int, int]:
        """Rows and payloads that there are: while it stands, so does everything read before."""
        with self._connected() as con:
            if con is None:
                return 0, 0
            rows, said = (con.execute(select(func.count()).select_from(table)).scalar_one() for table in _TABLES)
            return int(rows), int(said)

    def stamp(self) -> object:
        """What differs whenever anybody has written, for who asks at every request: without a connection if it can be.

        Of a SQLite file its change counter (the format's header, 24th byte), by which SQLite itself tells.
        """
        if self.file is None:
            return self.mark()
        try:
            with self.file.open("rb") as file:
                file.seek(24)
                return file.read(4)
        except FileNotFoundError:
            return b""

    def broken(self) -> list[int]:
        """Numbers of rows that are not as they were written."""
        return list(broken(*self._read(None)))

    def _read(self, upto: int | None) -> tuple[list[Entry], dict[int, Payload]]:
        with self._connected() as con:
            return (_entries(con, upto), _payloads(con)) if con else ([], {})

    def add(self, entry: Entry, payload: Payload | None = None) -> Entry:
        """Append a row if nothing speaks against it; a `request` seen before gives the row it made."""
        said = payload or Payload(new_salt())
        now = datetime.now(UTC)
        with self._guarded(alone(self.engine)) as con:
            rows, known = _entries(con, None), _payloads(con)
            again = _requested(con, entry.request)
            if again:
                return _the_same(again, entry, known.get(again.id), said)
            bad = next(broken(rows, known), None)
            if bad is not None:
                raise IntegrityError(f"{self.place}, row {bad}", "was changed", "restore the log from a backup")
            judge(entry, decisions(rows, known), now.date())
            last = rows[-1].hash if rows else ""
            dated = replace(entry, id=len(rows) + 1, at=now.isoformat(timespec="seconds"), os_user=os_user())
            made = dated.sealed(last, said)
            con.execute(insert(ENTRY), _row(made))
            con.execute(insert(PAYLOAD), {"id": made.id, **asdict(said)})
            return made

    def forget(self, decision: int) -> None:
        """Delete what was said with a decision; its row, and its effect on membership, stay."""
        with self._guarded(alone(self.engine)) as con:
            con.execute(delete(PAYLOAD).where(PAYLOAD.c.id == decision))

    @contextmanager
    def _connected(self) -> Iterator[Connection | None]:
        """A connection to read with; None where nobody wrote yet."""
        if self.file is not None and not self.file.exists():
            yield None
            return
        with self._guarded(self.engine.connect()) as con:
            yield con if inspect(con).has_table(ENTRY.name) else None

    @contextmanager
    def _guarded(self, connecting: AbstractContextManager[Connection]) -> Iterator[Connection]:
        """A connection whose database errors name the log's place, never a statement or its values."""
        try:
            with connecting as con:
                yield con
        except SQLAlchemyError as error:
            problem = f"cannot be used ({type(error).__name__})"
            raise StoreError(self.place, problem, "see that its database can be reached and written") from None


def new_salt() -> str:
    """What keeps a short value from being guessed from its digest."""
    return secrets.token_hex(16)


def _requested(con: Connection, key: str) -> Entry | None:
    asked = select(ENTRY).where(ENTRY.c.request == key).order_by(ENTRY.c.id).limit(1)
    row = con.execute(asked).first() if key else None
    return _entry(tuple(row)) if row else None


def _the_same(again: Entry, entry: Entry, known: Payload | None, said: Payload) -> Entry:
    """The row that a request made, where the same is asked now."""
    if again.asks_the_same(entry) and (known or said).value == said.value:
        return again
    problem = f"made decision {again.id}, another one"
    raise DecisionRefused(f"request '{entry.request}'", problem, "ask anew with another key", "--request KEY")


def _entries(con: Connection, upto: int | None) -> list[Entry]:
    asked = select(ENTRY).order_by(ENTRY.c.id)
    return [_entry(tuple(row)) for row in con.execute(asked if upto is None else asked.where(ENTRY.c.id <= upto))]


def _payloads(con: Connection) -> dict[int, Payload]:
    asked = select(PAYLOAD.c.id, PAYLOAD.c.salt, PAYLOAD.c.reason, PAYLOAD.c.value)
    return {number: Payload(*said) for number, *said in con.execute(asked)}


@lru_cache(REMEMBERED)
def _entry(found: tuple[Any, ...]) -> Entry:
    """The entry of a row. Every row is read every time, so that a changed one is noticed, but parsed once."""
    row = dict(zip(ENTRY.columns.keys(), found, strict=True))
    lists = {name: json.loads(row.pop(column)) for name, column in _LISTS.items()}
    left, right = (tuple((str(source), str(key)) for source, key in lists[side]) for side in ("left", "right"))
    return Entry(**row, left=left, right=right, numbers=tuple(lists["numbers"]))


def _row(entry: Entry) -> dict[str, Any]:
    row = asdict(entry)
    return row | {column: json.dumps(row.pop(name)) for name, column in _LISTS.items()}
