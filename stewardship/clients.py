"""One client: the golden record with where each value is from, its numbers, what happened to it, its state on a day.

Here: gathering for the client page and the API. Not here: the look-ups (stages/lookup), history (stages/as_of).
"""

from dataclasses import dataclass

import duckdb

from rules.contracts.golden import GoldenParty
from stages import lookup
from stages.as_of import When
from stages.lookup import Row
from stages.viewed import view_of
from stewardship.lost import Trusted, beside
from stewardship.serving import Version
from store.duck import rows

_SHOWN_ABOVE = ("client_number", "party_type", "display_name", "records", "sources", "updated_at", "roles")


@dataclass(frozen=True)
class Client:
    """A client as a version has it, or as it was: `found` as stages/lookup gives it."""

    found: Row
    fields: list[Row]
    numbers: list[Row]
    events: list[Row]
    view: dict[str, list[Row]]
    """What hangs on the client, by part (stages/viewed); nothing of a state in the past."""


def client(
    version: Version, con: duckdb.DuckDBPyConnection, number: str, known: Trusted, when: When | None = None
) -> Client:  # fmt: skip
    """The client that a live number stands for; NotFound where there is none.

    What lost to each value is told of the present alone: of other days no records are kept.
    """
    if when is None:
        found = {"asked": number, "redirected": False, **lookup.golden(con, number)}
    else:
        found = lookup.client(version.home, number, when)
    current = found["party"]["client_number"]
    view = {part: held for part, held in view_of(con, current).items() if held} if when is None else {}
    golden = fields(found) if when else beside(con, found, fields(found), known)
    return Client(found, golden, *past(con, current), view)


def past(con: duckdb.DuckDBPyConnection, number: str) -> tuple[list[Row], list[Row]]:
    """Every number that stands for the client, and what happened to them, newest first."""
    return rows(con, _NUMBERS, [number]), rows(con, _EVENTS, [number])


def fields(found: Row) -> list[Row]:
    """Surviving values, names first, each with the lineage row that tells its record and rule, if there is one.

    `day` and `lost` are for stewardship/lost to fill.
    """
    told = {row["field"]: row for row in found["lineage"]}
    scalars = [
        {"field": name, "value": value, "from": told.get(name), "flag": "", "day": None, "lost": []}
        for name, value in found["party"].items()
        if value is not None and name in GoldenParty.columns() and name not in _SHOWN_ABOVE
    ]
    names, *others = (_units(found, told, *part) for part in _UNITS)
    return [*names, *scalars, *(row for part in others for row in part)]


_UNITS = (("name", "names", "kind", "full"), ("identifier", "identifiers", "type", "number"),
          ("contact", "contacts", "kind", "value"), ("address", "addresses", "kind", "full"))  # fmt: skip
"""Lineage's word for a unit, its rows, and the columns of its kind and of its value."""


def _units(found: Row, told: dict[str, Row], part: str, listed: str, kind: str, value: str) -> list[Row]:
    """Lineage names a unit by kind where one of the kind survives, by kind and position where all do."""
    return [
        {
            "field": f"{part}.{row[kind]}", "value": row[value],
            "from": told.get(f"{part}.{row[kind]}.{row['position']}") or told.get(f"{part}.{row[kind]}"),
            "flag": "check digit wrong" if row.get("check_ok") is False else "", "day": None, "lost": [],
        }
        for row in found[listed] if row[value] is not None
    ]  # fmt: skip


_NUMBERS = """
    WITH own AS (FROM ledger_number WHERE client_number = $1 AND resolves_to IS NULL
                 UNION ALL FROM ledger_number WHERE resolves_to = $1)
    SELECT client_number, CAST(state AS VARCHAR) AS state, minted_version, adopted_from FROM own ORDER BY sequence"""
"""One column at a time: what may be in either of two is looked for in every row of the ledger."""
_EVENTS = """
    WITH own AS (FROM ledger_event WHERE client_number = $1
                 UNION ALL FROM ledger_event WHERE other_number = $1 AND client_number IS DISTINCT FROM $1)
    SELECT version, business_date, CAST(event AS VARCHAR) AS event, client_number, other_number, cause
    FROM own ORDER BY version DESC, position DESC LIMIT 50"""
