"""Entering a decision: what was named on the command line or at a desk becomes records, evidence and a row of the log.

Here: client numbers → records of the live version, what must be true of them, how they stand to each other now. Not
here: what speaks against it in the log (store/decisions/judge), what it does to a night (stages/decisions). The home is
not taken: a decision entered during a run counts from the next one.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import duckdb

from matching.model import load
from rules.decisions import APPROVE, CANNOT_LINK, CONFIRM, END, MERGE, MUST_LINK, OVERRIDE, SPLIT, effect_of, unit_of
from rules.errors import DecisionRefused
from rules.placeholders import Placeholders, load_placeholders
from stages import evidence, second_person
from stages.explain import Explanation, sides
from stages.explain.sides import Party
from stages.overriding import value_of
from stages.overriding_units import unit_value
from store import versions
from store.decisions import Entry, Payload, open_log
from store.decisions.entries import SECOND_PERSON, Record
from store.decisions.log import new_salt
from store.duck import quote, rows
from store.home import Home
from store.opening import opened
from store.people import os_user

Opened = tuple[duckdb.DuckDBPyConnection, Home]
NEEDED = (
    *sides.NEEDED, *second_person.NEEDED, "std_record", *evidence.VALUES, "golden_contact", "golden_identifier",
    "match_input_person", "match_input_organisation",
)  # fmt: skip
"""Tables that a decision is entered with."""


class Seen(NamedTuple):
    """What a desk has before it: the live version's tables in a connection, and the explanation that was shown.

    The connection is used for reading alone; two records that were explained are not scored again.
    """

    con: duckdb.DuckDBPyConnection
    shown: Explanation | None


@dataclass(frozen=True)
class Decider:
    """Who decides and why; a `request` key makes asking twice harmless."""

    user: str = field(default_factory=os_user)
    reason: str = ""
    request: str = ""


def link(home: Home, kind: str, left: str, right: str, by: Decider, seen: Seen | None = None) -> Entry:
    """Decide must_link or cannot_link of two sides, or confirm that they are together or apart as now.

    A client number stands for its first record where it is joined, and for all of them where it is kept apart.
    """
    with _live(home, seen) as con:
        one, other = _two(con, home, left, right)
        together = one.side.client_number == other.side.client_number
        effect = (MUST_LINK if together else CANNOT_LINK) if kind == CONFIRM else kind
        groups = [_records(side)[: 1 if effect == MUST_LINK else None] for side in (one, other)]
        confirmed = effect if kind == CONFIRM else ""
        return _enter((con, home), kind, groups, (one, other), by, confirmed, seen)


def apart(home: Home, left: str, right: str, by: Decider, seen: Seen | None = None) -> Entry:
    """Decide that the clients of two records are two; the evidence is that of the two records."""
    with _live(home, seen) as con:
        pair = _two(con, home, left, right)
        if pair[0].side.client_number == pair[1].side.client_number:
            problem = "both are records of one client"
            raise DecisionRefused("cannot_link", problem, "split the client to part them", "registry decide split")
        groups = [_with_others(con, home, party) for party in pair]
        return _enter((con, home), CANNOT_LINK, groups, pair, by, seen=seen)


def merge(home: Home, left: str, right: str, by: Decider, seen: Seen | None = None) -> Entry:
    """Decide that two clients are one; counts once another person approved it."""
    with _live(home, seen) as con:
        one, other = _two(con, home, left, right)
        if one.side.client_number == other.side.client_number:
            problem = "both are one client already"
            raise DecisionRefused("merge", problem, "confirm it, to keep it so", "registry decide must-link")
        groups = [_records(side)[:1] for side in (one, other)]
        return _enter((con, home), MERGE, groups, (one, other), by, seen=seen)


def split(home: Home, number: str, parted: Sequence[str], by: Decider, seen: Seen | None = None) -> Entry:
    """Decide that records of a client are another party than its other records; needs another person's approval."""
    with _live(home, seen) as con:
        whole = sides.find(con, home, number)
        named = {record for asked in parted for record in _records(sides.find(con, home, asked))}
        left = [record for record in _records(whole) if record in named]
        right = [record for record in _records(whole) if record not in named]
        if len(left) != len(named) or not left or not right:
            problem = "some, not all, records of this client are expected, and of no other"
            raise DecisionRefused("records to part", problem, "see the client's records", f"registry client {number}")
        return _enter((con, home), SPLIT, [left, right], (whole,), by, seen=seen)


def override(
    home: Home, asked: str, name: str, value: str, ends: date, by: Decider, declared: Placeholders | None = None
) -> Entry:
    """Decide a value or unit of a client's golden record until `ends`; bound to its first record, or the one asked for.

    `name`: a column of golden_party, or a unit and its kind, of which `value` gives the fields as JSON.
    """
    with _live(home) as con:
        party = sides.find(con, home, asked)
        number = party.side.client_number
        if unit_of(name):
            decided = unit_value(con, home, number, name, value, declared or load_placeholders())
        else:
            decided = value_of(con, name, value, party.model)
        said = Payload(new_salt(), by.reason, decided)
        anchor = _records(party)[0]
        hashed = evidence.of_field(con, name, said.salt, party.keys[0])
        known = _second_person(con, OVERRIDE, "", (party,))
        entry = Entry(
            0, "", OVERRIDE, by.user, left=(anchor,), numbers=(number,), field=name, ends=ends.isoformat(),
            evidence=json.dumps(known) if known else "", evidence_hash=hashed, request=by.request,
        )  # fmt: skip
        return open_log(home).add(entry, said)


def approve(home: Home, decision: int, by: Decider) -> Entry:
    """Approve, as a second person, a decision that waits for it."""
    return _about(home, APPROVE, decision, by)


def end(home: Home, decision: int, by: Decider) -> Entry:
    """End a decision: from the next night on the records are matched as if it had not been made."""
    return _about(home, END, decision, by)


def _about(home: Home, kind: str, decision: int, by: Decider) -> Entry:
    entry = Entry(0, "", kind, by.user, about=decision, request=by.request)
    return open_log(home).add(entry, Payload(new_salt(), by.reason))


@contextmanager
def _live(home: Home, seen: Seen | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The live version's tables and the key map; works beside a night, whose start clears the staging folder."""
    if seen:
        yield seen.con
        return
    with opened(home, NEEDED) as con:
        yield con


def _records(party: Party) -> list[Record]:
    pairs = (name.split(":", 1) for name in party.side.records)
    return [(source, record_id) for source, record_id in pairs]


def _numbers(*parties: Party) -> tuple[str, ...]:
    return tuple(party.side.client_number for party in parties)


def _two(con: duckdb.DuckDBPyConnection, home: Home, left: str, right: str) -> tuple[Party, Party]:
    """Two sides that can be one client."""
    one, other = sides.find(con, home, left), sides.find(con, home, right)
    if set(one.keys) & set(other.keys):
        raise DecisionRefused("the two sides", "name the same record", "give two records, or two clients")
    if one.model != other.model:
        problem = "one is a person and the other an organisation: no night compares or joins these"
        raise DecisionRefused("the two sides", problem, "mend the party type in the source")
    return one, other


def _with_others(con: duckdb.DuckDBPyConnection, home: Home, party: Party) -> list[Record]:
    """The records of a side, then the others of its client."""
    return list(dict.fromkeys((*_records(party), *_records(sides.find(con, home, party.side.client_number)))))


def _enter(
    opened: Opened, kind: str, groups: Sequence[Sequence[Record]], about: Sequence[Party], by: Decider,
    effect: str = "", seen: Seen | None = None,
) -> Entry:  # fmt: skip
    """Add a decision about two groups with the evidence of their first records."""
    said = Payload(new_salt(), by.reason)
    hashed, known = _evidence(opened, about[0].model, (groups[0][0], groups[1][0]), said.salt, seen)
    known |= _second_person(opened[0], kind, effect_of(kind, effect), about)
    entry = Entry(
        0, "", kind, by.user, effect=effect, left=tuple(groups[0]), right=tuple(groups[1]),
        numbers=_numbers(*about), evidence=json.dumps(known, sort_keys=True),
        evidence_hash=hashed, request=by.request,
    )  # fmt: skip
    return open_log(opened[1]).add(entry, said)


def _second_person(con: duckdb.DuckDBPyConnection, kind: str, effect: str, about: Sequence[Party]) -> dict[str, Any]:
    """Why the clients ask for a second person, as a part of the evidence; empty where nothing does."""
    found = second_person.reasons(con, kind, effect, _numbers(*about))
    return {SECOND_PERSON: found} if found else {}


def _evidence(
    opened: Opened, party: str, anchors: tuple[Record, Record], salt: str, seen: Seen | None
) -> tuple[str, dict[str, Any]]:
    """Hash, and kinds with the weight, of two records under the live version's model."""
    con, home = opened
    live = versions.manifest(home)
    keys = [_key(con, record) for record in anchors]
    asked = f"SELECT 0 AS decision, '{salt}' AS salt, {keys[0]} AS record_key_l, {keys[1]} AS record_key_r"
    evidence.measure(con, party, asked)
    [row] = rows(con, "FROM measured")
    shown = seen.shown if seen else None
    if shown and shown.evidence and (shown.version, {*shown.pair}) == (live.version, {":".join(a) for a in anchors}):
        weight: int | None = shown.evidence.scored
    else:
        weight = _weight(opened if seen is None else None, home, party, asked)
    told = {"weight": weight, "model": live.models.get(party, "")}
    return str(row["hash"]), {part: row[part] for part in evidence.PARTS} | told


def _weight(opened: Opened | None, home: Home, party: str, asked: str) -> int | None:
    """What the live model gives the pair; scored in a connection of its own, since scoring writes tables."""
    name = versions.manifest(home).models.get(party)
    with nullcontext(opened[0]) if opened else _live(home) as con:
        evidence.weigh(con, load(home.models, party, name) if name else None, party, asked)
        found = con.execute("SELECT weight FROM weighed").fetchall()
    return int(found[0][0]) if found else None


def _key(con: duckdb.DuckDBPyConnection, record: Record) -> int:
    source, record_id = map(quote, record)
    asked = f"SELECT record_key FROM key_map WHERE source = {source} AND record_id = {record_id}"
    return int(con.execute(asked).fetchall()[0][0])
