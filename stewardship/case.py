"""One case: the two records and the two clients around them, as the case page shows them.

Here: gathering. Not here: what is marked (compare), drawn (graph), decided (deciding). `state` names what an answer is
about: the records of both clients and what was decided about them. An answer to another state is refused.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from rules.errors import NotFound
from stages.explain import Explanation
from stages.lookup import Row
from stewardship import compare, graph, near
from stewardship.cases import dated
from stewardship.compare import Line, Value
from stewardship.decided import Decided
from stewardship.graph import Picture
from stewardship.related import sized, unsealed
from stewardship.sight import Scope, assert_sees, in_sight
from store.duck import rows
from store.hashing import text_sha256

MOST = 200
"""Records of two clients that are shown at most; larger clients are split on the command line."""


@dataclass(frozen=True)
class Case:
    """A review item with everything around it."""

    item: Row
    members: list[Row]
    decisions: list[dict[str, Any]]
    state: str

    @property
    def together(self) -> bool:
        """Whether both records are of one client now."""
        return bool(self.item["number_one"] == self.item["number_other"])


def find(con: duckdb.DuckDBPyConnection, case_id: str, known: Decided, today: date, seen: Scope) -> Case:
    """The case of the version; NotFound where it has none of that name, or who asks may not see both clients."""
    problem = "the live version has no such case in your sight: it was answered, or its records changed"
    told = f"case {case_id}", problem, "go on"
    found = rows(con, f"FROM {dated('case_item', today)} WHERE case_id = ?", [case_id])
    if not found:
        raise NotFound(*told)
    item = found[0]
    assert_sees(con, seen, item["number_one"], item["number_other"], told=told)
    members = rows(con, _MEMBERS, [[item["number_one"], item["number_other"]], MOST])
    touching = decided_about(known, members, today)
    return Case(item, members, told_of(con, touching, seen), _state(members, touching))


def _state(members: list[Row], touching: list[dict[str, Any]]) -> str:
    told = [[row["name"], row["client_number"]] for row in members], [[d["id"], d["state"]] for d in touching]
    return text_sha256(json.dumps(told))[:32]


def decided_about(known: Decided, records: Iterable[Row], today: date) -> list[dict[str, Any]]:
    """The decisions on any of the records, oldest first."""
    return [each.shown(today) for each in known.about((row["source"], row["record_id"]) for row in records)]


def told_of(con: duckdb.DuckDBPyConnection, decisions: list[dict[str, Any]], seen: Scope) -> list[dict[str, Any]]:
    """Those of which every client is in sight: the other ones would name one who is not."""
    shown = in_sight(con, seen, {number for row in decisions for number in row["numbers"]})
    return [row for row in decisions if shown.issuperset(row["numbers"])]


def picture(con: duckdb.DuckDBPyConnection, case: Case, explanation: Explanation | None) -> Picture:
    """The graph of the two clients."""
    item = case.item
    numbers = list(dict.fromkeys((item["number_one"], item["number_other"])))
    sides = [[row["name"] for row in case.members if row["client_number"] == number] for number in numbers]
    keys = [row["record_key"] for row in case.members]
    edges = con.execute(_EDGES.format(party=item["party_type"]), [keys, keys]).fetchall()
    names = {row["record_key"]: row["name"] for row in case.members}
    named = [(names[low], names[high], weight) for low, high, weight in edges]
    evidence = explanation.evidence if explanation else None
    limit = evidence.match_weight if evidence else 0
    return graph.draw(sides, named, (item["one"], item["other"]), limit)


def at_stake(con: duckdb.DuckDBPyConnection, case: Case, seen: Scope) -> list[Row]:
    """What each client of the case holds and owes, and `ties`: whom it is tied to and how, but for sealed clients."""
    numbers = list(dict.fromkeys((case.item["number_one"], case.item["number_other"])))
    held = {row["client_number"]: row for row in sized(con, rows(con, _HELD, [numbers]), seen)}
    ties = unsealed(con, rows(con, _TIES, [numbers]), seen)
    return [
        {**held.get(number, {"client_number": number}), "ties": [tie for tie in ties if tie["client_number"] == number]}
        for number in numbers
    ]


def compared(con: duckdb.DuckDBPyConnection, one: int, other: int) -> list[Line]:
    """Both records line by line: names, documents, scalars, contacts, addresses, what the source says of itself."""
    values: dict[int, dict[str, list[Value]]] = {one: {}, other: {}}
    places: dict[str, tuple[int, int]] = {}
    for key, part, place, field, standard, raw, reason in con.execute(_VALUES, [one, other]).fetchall():
        shown = Value(standard or "", raw if raw and raw != standard else "", reason or "")
        values[key].setdefault(field, []).append(shown)
        places.setdefault(field, (part, place))
    ordered = sorted(places, key=lambda field: (*places[field], field))
    return compare.lines(ordered, near.ABOUT, values[one], values[other])


_MEMBERS = """
    SELECT * FROM shown_member WHERE list_contains(?, client_number)
    ORDER BY client_number, source, record_id LIMIT ?"""
_HELD = "SELECT * FROM case_client WHERE list_contains(?, client_number)"
_TIES = "SELECT * FROM case_tie WHERE list_contains(?, client_number) ORDER BY kind, other_number LIMIT 20"
_EDGES = """
    SELECT record_key_l, record_key_r, weight FROM pairs_{party}
    WHERE list_contains(?, record_key_l) AND list_contains(?, record_key_r) ORDER BY 1, 2"""
_VALUES = """
    SELECT * FROM shown_value WHERE record_key IN (?, ?)
    ORDER BY part, place, field, record_key, standard, raw"""
