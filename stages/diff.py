"""What differs between any two kept versions, in either direction.

Here: composition. Not here: how events come about (golden_record/changes).
"""

from pathlib import Path
from typing import Any

import duckdb

from golden_record.changes import diff, diff_members
from rules.contracts.golden import CHANGES
from rules.contracts.history import MEMBERSHIP
from rules.errors import StoreError
from store import versions
from store.duck import connect, quote, rows
from store.home import Home, private
from store.manifest import Manifest

TABLES = ("golden_party", "crosswalk")
KINDS = {".parquet": "(FORMAT parquet, COMPRESSION zstd)", ".csv": "(FORMAT csv, HEADER, FORCE_QUOTE *)"}


def between(home: Home, first: int, second: int, rows: bool = False, file: Path | None = None) -> dict[str, Any]:
    """Counts per event that leads from `first` to `second`; `rows`: the events, without values.

    `file`: the events with the values before and after, as Parquet or CSV, readable by its owner only.
    """
    if file is not None and file.suffix not in KINDS:
        raise StoreError(str(file), f"must end in {' or '.join(KINDS)}", "give another name")
    before, after = versions.manifest(home, first), versions.manifest(home, second)
    with connect([home.root, *([file.absolute().parent] if file else [])], home.staging) as con:
        versions.attach(con, home, before, TABLES, prefix="parent_")
        versions.attach(con, home, after, TABLES)
        diff(con)
        diff_members(con)
        found = {"from": _named(before), "to": _named(after), **_counts(con)}
        if file:
            _write(con, file)
        return found | ({"rows": _rows(con)} if rows else {})


def _named(of: Manifest) -> dict[str, Any]:
    return {"version": of.version, "business_date": of.business_date.isoformat(),
            "golden_hash": of.content_hashes["golden_party"]}  # fmt: skip


def _counts(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Events per kind, changed columns, and records per kind of move."""
    parties = dict(con.execute("SELECT event, count(*) FROM change_event GROUP BY event").fetchall())
    records = dict(con.execute("SELECT event, count(*) FROM member_event GROUP BY event").fetchall())
    fields = con.execute("""
        SELECT field, count(*) FROM (SELECT unnest(string_split(fields, ',')) AS field FROM change_event
                                     WHERE event IN ('party_changed', 'party_touched'))
        GROUP BY field ORDER BY count(*) DESC, field""").fetchall()
    return {
        "events": {kind: parties.get(kind, 0) for kind in CHANGES},
        "records": {kind: records.get(kind, 0) for kind in MEMBERSHIP},
        "fields": dict(fields),
    }


def _rows(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Events without values: which column changed, never from what to what."""
    return rows(con, "SELECT position, event, client_number, other_number, fields FROM change_event ORDER BY position")


def _write(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with private():
        con.execute(f"COPY (FROM change_event ORDER BY position) TO {quote(str(file.absolute()))} {KINDS[file.suffix]}")
