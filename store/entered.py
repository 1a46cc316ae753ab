"""What people entered at the client desk: an append-only store in the home, each row with the hash of the one before.

Here: its tables, adding a row, which rows hold now, and what an erasure takes out. Not here: what may be entered
(rules/forms, stages/entering), how a night reads it (pipelines/sources/desk). A row hangs on a record, as every row of
a feed does; it may take the place of an earlier one, or end it. Values stand in a table of their own, so that they can
be deleted: the chain keeps only their salted digests.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import polars as pl
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    delete,
    insert,
    select,
    text,
    tuple_,
)  # fmt: skip

from rules.errors import DecisionRefused, IntegrityError
from store.decisions.log import new_salt
from store.desk import Database, now
from store.hashing import text_sha256
from store.home import Home

FILE = "entered.sqlite"
CLIENT = "client"
"""The unit of a row that makes a client, whose record it is."""
_METADATA = MetaData()
_WORDS = ("at", "user", "form", "unit", "source", "record_id", "request")
_ROW = Table(
    "entered", _METADATA, Column("id", Integer, primary_key=True),
    *(Column(name, Text, nullable=False) for name in _WORDS), Column("replaces", Integer, unique=True),
    *(Column(name, Text, nullable=False) for name in ("said_digest", "previous", "hash")),
    UniqueConstraint("request"), Index("entered_of", "source", "record_id"),
)  # fmt: skip
_SAID = Table(
    "said", _METADATA, Column("id", Integer, primary_key=True), Column("salt", Text, nullable=False),
    Column("fields", Text, nullable=False),
)  # fmt: skip
DELIVERED = {"id": pl.Int64, "unit": pl.String, "source": pl.String, "record_id": pl.String, "fields": pl.String}
"""Rows as they are handed to a night: the fields as JSON."""
Record = tuple[str, str]
_AT_ONCE = 400
"""Records that one question names, below SQLite's limit."""


@dataclass(frozen=True)
class Entry:
    """One row: who entered what with which form, and on which record it hangs; a new client's key is the row's number.

    `replaces` names the row whose place it takes; with no fields at all it ends that row.
    """

    form: str
    unit: str
    source: str
    record_id: str
    user: str
    request: str
    fields: Mapping[str, str] = field(default_factory=dict)
    replaces: int | None = None
    id: int = 0
    at: str = ""


class Entered:
    """The store of one home; made when first written to."""

    def __init__(self, home: Home) -> None:
        self.database = Database(home, FILE, _METADATA)

    def add(self, entry: Entry) -> Entry:
        """Append a row and return it numbered and dated; a `request` seen before gives the row that it made.

        Raises DecisionRefused where what it replaces was replaced or ended already, IntegrityError where the last row
        was changed.
        """
        with self.database.writing() as con:
            if again := _found(con, _ROW.c.request == entry.request):
                return again[0]
            if entry.replaces and not _found(con, _ROW.c.id == entry.replaces, _HOLDS):
                raise DecisionRefused("entry", "was changed or ended already", "reload the page")
            last = con.execute(select(_ROW).order_by(_ROW.c.id.desc()).limit(1)).mappings().first()
            if last and last["hash"] != _hash(last):
                raise IntegrityError(f"{FILE}, row {last['id']}", "was changed", "restore the file from a backup")
            number = last["id"] + 1 if last else 1
            made = replace(entry, id=number, at=now(), record_id=entry.record_id or str(number))
            said = {"id": number, "salt": new_salt(), "fields": json.dumps(dict(made.fields), sort_keys=True)}
            row = {name: value for name, value in asdict(made).items() if name != "fields"}
            row |= {"said_digest": _digest(said), "previous": last["hash"] if last else ""}
            con.execute(insert(_ROW), row | {"hash": _hash(row)})
            con.execute(insert(_SAID), said)
            return made

    def about(self, records: Iterable[Record]) -> list[tuple[Entry, bool]]:
        """Every row on some records, the oldest first, and whether it holds: not replaced nor ended; none forgotten."""
        if not self.database.file.exists():
            return []
        named = sorted(set(records))
        parts = [named[start : start + _AT_ONCE] for start in range(0, len(named), _AT_ONCE)]
        with self.database.reading() as con:
            found = sorted((one for some in parts for one in _found(con, _KEY.in_(some))), key=lambda one: one.id)
        replaced = {one.replaces for one in found}
        return [(one, bool(one.fields) and one.id not in replaced) for one in found]

    def of_unit(self, unit: str, after: int = 0) -> list[Entry]:
        """The rows of a unit that hold now, numbered `after` another, the oldest first."""
        if not self.database.file.exists():
            return []
        with self.database.reading() as con:
            return _found(con, *_asked(unit), _ROW.c.id > after)

    def delivered(self, unit: str = "", but: str = "", after: int = 0) -> pl.DataFrame:
        """`id, unit, source, record_id, fields` (JSON) of all rows that hold now: of a unit, `but` of another, `after`
        a row.
        """
        if not self.database.file.exists():
            return pl.DataFrame(schema=DELIVERED)
        asked = [*_asked(unit), _ROW.c.id > after, *([_ROW.c.unit != but] if but else [])]
        columns = (_ROW.c.id, _ROW.c.unit, _ROW.c.source, _ROW.c.record_id, _SAID.c.fields)
        with self.database.reading() as con:
            rows = con.execute(select(*columns).join(_SAID, _SAID.c.id == _ROW.c.id).where(*asked).order_by(_ROW.c.id))
            return pl.DataFrame([tuple(row) for row in rows], DELIVERED, orient="row")

    def broken(self) -> list[int]:
        """Numbers of rows that were changed, or do not follow the row before, or whose values are not as digested."""
        if not self.database.file.exists():
            return []
        with self.database.reading() as con:
            rows = con.execute(select(_ROW).order_by(_ROW.c.id)).mappings().all()
            said = {one["id"]: _digest(one) for one in con.execute(select(_SAID)).mappings()}
        found, previous = [], ""
        for place, row in enumerate(rows, 1):
            whole = (row["id"], row["previous"], row["hash"]) == (place, previous, _hash(row))
            if not whole or said.get(place, row["said_digest"]) != row["said_digest"]:
                found.append(place)
            previous = row["hash"]
        return found

    def forget(self, records: Iterable[Record]) -> list[Entry]:
        """Delete the values of every row that hangs on one of the records, also of those replaced; the rows."""
        if not self.database.file.exists():
            return []
        with self.database.writing() as con:
            gone = [one for record in records for one in _found(con, _KEY.in_([record]))]
            con.execute(delete(_SAID).where(_SAID.c.id.in_([one.id for one in gone])))
        with self.database.reading() as con:
            con.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        return gone


_KEY = tuple_(_ROW.c.source, _ROW.c.record_id)
_LATER = _ROW.alias("later")
_HOLDS = ~select(_LATER.c.id).where(_LATER.c.replaces == _ROW.c.id).exists() & (_SAID.c.fields != "{}")


def as_rows(entries: Iterable[Entry]) -> pl.DataFrame:
    """Some rows as `delivered` gives them."""
    rows = [(one.id, one.unit, one.source, one.record_id, json.dumps(dict(one.fields))) for one in entries]
    return pl.DataFrame(rows, DELIVERED, orient="row")


def _asked(unit: str) -> list[ColumnElement[bool]]:
    return [_HOLDS, _ROW.c.unit == unit] if unit else [_HOLDS]


def _found(con: Connection, *asked: ColumnElement[bool]) -> list[Entry]:
    rows = con.execute(
        select(_ROW, _SAID.c.fields).join(_SAID, _SAID.c.id == _ROW.c.id).where(*asked).order_by(_ROW.c.id)
    )
    kept = (*_WORDS, "replaces", "id")
    return [Entry(**{name: row[name] for name in kept}, fields=json.loads(row["fields"])) for row in rows.mappings()]


def _digest(said: Mapping[Any, Any]) -> str:
    return text_sha256(json.dumps([said["salt"], said["fields"]]))


def _hash(row: Mapping[Any, Any]) -> str:
    return text_sha256(json.dumps({name: value for name, value in row.items() if name != "hash"}, sort_keys=True))
