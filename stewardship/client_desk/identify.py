"""Identifying a client by what he shows: a number, a document of a type, or his name with his date of birth.

Here: what one typed or scanned line means, and whom it finds, also among those created today. Not here: the look-ups
(stages/lookup). Nobody is found
by a phone number, by a document number without its type, or by a name alone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import duckdb

from rules.errors import NotFound
from stages import creating, lookup
from stages.lookup import Row
from stewardship.client_desk import passport
from stewardship.serving import Version
from store.entered import Entry

By = Literal["scan", "record", "document", "name"]
AMONG = 2000
"""Clients of a name among whom the date of birth is looked for."""


@dataclass(frozen=True)
class Asked:
    """What was typed: `kind` is the document's type or the source, `born` goes with a name."""

    by: By
    text: str
    kind: str = ""
    born: date | None = None


def found(version: Version, con: duckdb.DuckDBPyConnection, asked: Asked) -> list[Row]:
    """Clients as stages/lookup lists them; by number with `replaced`, the old number that was asked for, if it is."""
    return _WAYS[asked.by](version, con, asked)


def fits(entry: Entry, asked: Asked) -> bool:
    """Whether a client that was created and waits for the night is the one asked for."""
    if asked.by == "document":
        return creating.is_of_document(entry, asked.kind, asked.text)
    if asked.by == "name":
        return creating.is_named(entry, asked.text, asked.born)
    if asked.by == "record":
        return (entry.source, entry.record_id) == (asked.kind, asked.text)
    scanned = passport.number(asked.text)
    key = f"{entry.source}:{entry.record_id}" == asked.text.replace(" ", "")
    return creating.is_of_document(entry, "passport", scanned) if scanned else key


def _scanned(version: Version, con: duckdb.DuckDBPyConnection, asked: Asked) -> list[Row]:
    """A client number, SOURCE:KEY, or the two lines of a passport as a scanner types them."""
    number = passport.number(asked.text)
    if number:
        return lookup.by_document(con, "passport", number)
    source, _, key = asked.text.partition(":")
    if key:
        return lookup.by_record(con, source.strip(), key.strip())
    return _by_number(version, con, re.sub(r"[\s-]", "", asked.text))


def _by_number(version: Version, con: duckdb.DuckDBPyConnection, number: str) -> list[Row]:
    try:
        current = version.resolve(con, number)
    except NotFound:
        return []
    return [lookup.golden(con, current)["party"] | {"replaced": number if number != current else ""}]


def _by_record(_: Version, con: duckdb.DuckDBPyConnection, asked: Asked) -> list[Row]:
    return lookup.by_record(con, asked.kind, asked.text)


def _by_document(_: Version, con: duckdb.DuckDBPyConnection, asked: Asked) -> list[Row]:
    return lookup.by_document(con, asked.kind, asked.text)


def _by_name(_: Version, con: duckdb.DuckDBPyConnection, asked: Asked) -> list[Row]:
    """Whoever has every word of the name and the date of birth, or of registration."""
    if asked.born is None:
        return []
    return [row for row in lookup.by_name(con, asked.text, AMONG) if row["birth_date"] == asked.born]


_WAYS: dict[By, Callable[[Version, duckdb.DuckDBPyConnection, Asked], list[Row]]] = {
    "scan": _scanned,
    "record": _by_record,
    "document": _by_document,
    "name": _by_name,
}
