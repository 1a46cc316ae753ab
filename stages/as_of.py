"""The registry as it was: valid on a business date, as known at a version.

Here: which kept version answers, its tables rebuilt, numbers as they stood then. Not here: how history gives them back
(golden_record/as_of), the look-ups themselves (stages/lookup).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from golden_record.as_of import REBUILT, known_at, rebuild
from golden_record.numbers import is_well_formed
from rules.contracts import TABLES
from rules.contracts.history import INTERVALS
from rules.errors import NotFound
from rules.publication import Publication
from stages.publish.files import write_table
from store import keymap, tables, versions
from store.duck import connect
from store.home import Home, private
from store.manifest import Manifest


@dataclass(frozen=True)
class When:
    """What is asked: the state on `day` (default: the version's business date) as known at `version` (the live one)."""

    day: date | None = None
    version: int | None = None


@dataclass(frozen=True)
class Moment:
    """What is answered: the state on `as_of` as known at `known_at`, from the history of version `answered_by`."""

    as_of: date
    known_at: int
    answered_by: int


@contextmanager
def opened(home: Home, when: When, *folders: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Moment]]:
    """A connection with the golden tables and the crosswalk as they were; lineage where the version itself answers."""
    live = versions.manifest(home).version
    asked = live if when.version is None else when.version
    with connect([home.root, *folders], home.staging) as con:
        keymap.attach(con, home)
        holder = _holder(con, home, asked)
        versions.attach(con, home, holder, INTERVALS)
        first, last = _nights(con, asked)
        day = when.day or last
        if day < first:
            raise NotFound(f"date {day}", f"lies before {first}, the first night of history", "choose a later date")
        rebuild(con, day, asked)
        con.execute(f"CREATE VIEW golden_lineage AS {tables.empty_sql(TABLES['golden_lineage'])}")
        if holder.version == asked and day >= last:
            versions.attach(con, home, holder, ["golden_lineage"])
        yield con, Moment(day, asked, holder.version)


def _holder(con: duckdb.DuckDBPyConnection, home: Home, asked: int) -> Manifest:
    """The version asked for, or the newest kept one that descends from it."""
    kept = versions.kept(home)
    if asked < 1 or asked > versions.next_number(home) - 1:
        raise NotFound(str(home.root), f"there is no version {asked}", *versions.SEE_KEPT)
    for number in [asked] if asked in kept else reversed(kept):
        found = versions.manifest(home, number)
        if found.table("history_night"):
            versions.attach(con, home, found, ["history_night"])
            if con.execute("SELECT 1 FROM history_night WHERE version = ?", [asked]).fetchall():
                return found
    why = "was made before history was kept" if asked in kept else "is no longer kept, nor any that descends from it"
    raise NotFound(f"version {asked}", why, *versions.SEE_KEPT)


def _nights(con: duckdb.DuckDBPyConnection, asked: int) -> tuple[date, date]:
    """First business date of the history, and that of the version asked for."""
    sql = "SELECT min(business_date), max(business_date) FROM history_night WHERE version <= ?"
    [(first, last)] = con.execute(sql, [asked]).fetchall()
    return first, last


def resolve(con: duckdb.DuckDBPyConnection, moment: Moment, number: str) -> str:
    """The client that `number` stood for then: itself, or where the records that last carried it were."""
    if con.execute("SELECT 1 FROM crosswalk WHERE client_number = ?", [number]).fetchall():
        return number
    carried = con.execute(_CARRIED.format(known=known_at(moment.known_at)), [number, moment.as_of]).fetchall()
    if carried:
        return str(carried[0][0])
    raise NotFound("client number", *_why_not(con, moment, number))


def _why_not(con: duckdb.DuckDBPyConnection, moment: Moment, number: str) -> tuple[str, str]:
    """What is wrong, and what to do."""
    other = "choose another date or version"
    sql = f"SELECT min(valid_from) FROM history_member WHERE client_number = ? AND {known_at(moment.known_at)}"
    [(first,)] = con.execute(sql, [number]).fetchall()
    if first is None and not is_well_formed(number):
        return (
            "the check digits are wrong and no source's number was adopted so; it was never given",
            "check for a typo",
        )
    if first is None:
        return f"the history known at version {moment.known_at} has no such number", other
    if first > moment.as_of:
        return f"was first given on {first}, after {moment.as_of}", other
    return f"no source had the client's records any more on {moment.as_of}", other


def export(home: Home, when: When, folder: Path, kind: str) -> dict[str, Any]:
    """Write the golden tables and the crosswalk as they were into `folder`, with what they are in `as_of.json`."""
    target = Publication.model_validate({"kind": kind})
    with private():
        folder.mkdir(parents=True, exist_ok=True)
        with opened(home, when, folder) as (con, moment):
            for table in REBUILT:
                write_table(con, table, target, folder)
        told = {"as_of": moment.as_of.isoformat(), "known_at": moment.known_at, "answered_by": moment.answered_by}
        (folder / "as_of.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    files = sorted([*(f"{table}.{kind}" for table in REBUILT), "as_of.json"])
    return {"version": moment.known_at, "kind": kind, "folder": str(folder), "files": files, **told}


_CARRIED = """
    WITH carrier AS (
        SELECT source, record_id, COALESCE(valid_to, DATE '9999-12-31') AS ended FROM history_member
        WHERE client_number = ? AND valid_from <= ? AND {known}),
    last AS (SELECT source, record_id FROM carrier WHERE ended = (SELECT max(ended) FROM carrier))
    SELECT x.client_number FROM last JOIN crosswalk x USING (source, record_id)
    GROUP BY x.client_number ORDER BY count(*) DESC, x.client_number LIMIT 1"""
