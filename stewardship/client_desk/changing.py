"""Changes of important data that were proposed at the desk: the value now beside the new one, and who it waits for.

Here: what a proposal cites, how it stands, which ones wait. Not here: the log and its four eyes (stages/decide,
store/decisions). A proposal is an override that needs a second person (rules/decisions), and cites a document of the
dossier; it goes with the record that it is bound to.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import duckdb
import polars as pl

from rules.decisions import OVERRIDE, UNITS, unit_of
from rules.errors import DecisionRefused, NotFound
from stages.decide import Decider
from stages.entering import records
from stages.lookup import Row
from stages.overriding_units import REPLACES
from stages.viewed import MOST, view_of
from stewardship.client_desk.tabs import tab_of
from stewardship.decided import Decided
from store.decisions import Decision
from store.decisions.state import IN_EFFECT, PENDING
from store.duck import register_rows, rows

_WAITING = dict.fromkeys(("source", "record_id", "field", "author", "proposed_on"), pl.String)


def proposed(con: duckdb.DuckDBPyConnection, known: Decided, number: str, tab: str, today: date) -> list[Row]:
    """Changes on a tab that wait or hold, oldest first: the value `now` and the proposed `value`, `more` of it, and
    whether it is `carried` by the version.
    """
    held = [
        each for each in _of_client(con, known, number)
        if each.payload and each.state(today) in (PENDING, IN_EFFECT) and tab_of(each.entry.field) == tab
    ]  # fmt: skip
    shown = [each.shown(today, values=True) for each in sorted(held, key=lambda each: each.id)]
    carried = {row["decision"] for row in rows(con, _CARRIED, [number])}
    return [{**row, **_told(con, number, row), "carried": row["id"] in carried} for row in shown]


def beside(con: duckdb.DuckDBPyConnection, change: Decision) -> Row:
    """The value that a change would set, `more` of it, and the value `now`: what a second person approves."""
    row = change.shown(date.today(), values=True)
    [record] = change.entry.left
    found = con.execute("SELECT client_number FROM crosswalk WHERE (source, record_id) = (?, ?)", record).fetchall()
    return {"value": row["value"], "now": None, "more": [], **(_told(con, found[0][0], row) if found else {})}


def of_client(
    con: duckdb.DuckDBPyConnection, known: Decided, number: str, decision: int, waiting_on: date | None
) -> Decision:  # fmt: skip
    """The decision, if it is a change of this client, and waits for a second person where a day is given; NotFound."""
    found = next((each for each in _of_client(con, known, number) if each.id == decision), None)
    if found is None or (waiting_on and found.state(waiting_on) != PENDING):
        raise NotFound("change", "is none of this client's that waits for approval", "reload the page")
    return found


def waiting(con: duckdb.DuckDBPyConnection, known: Mapping[int, Decision], today: date) -> None:
    """Create `waiting_change(client_number, field, author, proposed_on)`: what waits for another person."""
    found = [
        (*each.entry.left[0], each.entry.field, each.entry.author, each.entry.at[:10])
        for each in known.values() if each.entry.kind == OVERRIDE and each.state(today) == PENDING
    ]  # fmt: skip
    register_rows(con, "proposed_change", _WAITING, found)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE waiting_change AS
        SELECT client_number, field, author, CAST(proposed_on AS DATE) AS proposed_on
        FROM proposed_change JOIN crosswalk USING (source, record_id)""")
    con.unregister("proposed_change")


def cited(con: duckdb.DuckDBPyConnection, number: str, document: str) -> str:
    """The document, which must be in order in the client's dossier, as `kind number`."""
    if document not in citable(con, number):
        raise DecisionRefused("document", "is none in order in the client's dossier", "take one into the dossier first")
    return document


def citing(by: Decider, document: str) -> Decider:
    """The same person, whose reason names the document."""
    return replace(by, reason=": ".join(part for part in (document, by.reason) if part))


def citable(con: duckdb.DuckDBPyConnection, number: str) -> list[str]:
    """Documents of the dossier that are in order, as a form names them."""
    fit = in_order(con, number)
    return list(dict.fromkeys(f"{row['kind']} {row['number'] or row['made_on'] or ''}".strip() for row in fit))


def in_order(con: duckdb.DuckDBPyConnection, number: str) -> list[Row]:
    """Documents of the dossier that have not expired."""
    held = view_of(con, number, ["documents"], MOST).get("documents", [])
    return [row for row in held if row["state"] in ("in order", "expires soon")]


def _of_client(con: duckdb.DuckDBPyConnection, known: Decided, number: str) -> Iterable[Decision]:
    return (each for record in records(con, number) for each in known.overrides(record))


def _told(con: duckdb.DuckDBPyConnection, number: str, row: Row) -> Row:
    """The value now beside the new one; of a unit the column that it is known by."""
    field, unit = row["field"], unit_of(row["field"])
    if not unit:
        [party] = rows(con, "SELECT * FROM golden_party WHERE client_number = ?", [number])
        return {"now": party[field], "more": []}
    said = json.loads(row["value"])
    value, now = said.get(UNITS[unit]), said.get(REPLACES)
    if unit == "address":
        now = next((each["full"] for each in rows(con, _ADDRESS, [number, field.partition(".")[2]])), None)
    more = [str(said[name]) for name in ("issuer", "country", "issued_on", "expires_on") if name in said]
    return {"value": value, "now": now, "more": [] if unit == "address" else more}


_CARRIED = "SELECT decision FROM golden_lineage WHERE client_number = ? AND decision IS NOT NULL"
_ADDRESS = 'SELECT "full" FROM golden_address WHERE client_number = ? AND kind = ?'
