"""What did not survive: the values of a client's records that its golden record has not, and why each lost.

Here: one client's standard values beside its golden ones. Not here: choosing (golden_record/survivorship), hiding
values from a role (client_desk/masks). Why is told by the first measure of the field's strategy in which the winner is
better; trust and what counts as verified are what the bank declares now, where the desk knows it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from golden_record.survivorship import proof
from rules.contracts.columns import MODEL_OF
from rules.contracts.standard import SCALARS_ORGANISATION, SCALARS_PERSON
from rules.survivorship import Survivorship, load_survivorship
from stages.lookup import Row
from stewardship import near
from store.duck import rows

MOST = 10
"""Losing values of a field that are shown."""
_MEASURES = {
    "trusted": ("trust", "updated_at"), "recent": ("updated_at", "trust"),
    "verified": ("proof", "trust", "updated_at"), "frequent": ("count", "trust", "updated_at"),
}  # fmt: skip
"""What a strategy looks at, in its order (rules/defaults/survivorship.yaml)."""
_WHY = {
    "trust": "its source is trusted less", "updated_at": "its record is older",
    "proof": "its record is verified less", "count": "fewer records say so",
}  # fmt: skip
DECIDED, ALIKE = "a person decided otherwise", "as good as the other: one had to be chosen"
LEFT_OUT = "a placeholder, written alike, or ended by a decision"
"""Why a value lost where no strategy chose: all of its kind survive but these."""


@dataclass(frozen=True)
class Trusted:
    """What the bank declares of survivorship: how far each source is trusted, and the policy."""

    trust: Mapping[str, int] = field(default_factory=dict)
    policy: Survivorship = field(default_factory=load_survivorship)


def beside(
    con: duckdb.DuckDBPyConnection, found: Row, fields: list[Row], known: Trusted,
    parts: Iterable[str] = near.PARTS,
) -> list[Row]:  # fmt: skip
    """The golden `fields` of a client (clients.fields), each with what `lost` to it and the `day` of its record.

    `lost` are rows of field, value, record, others (records that say the same), day, why. Fields of which nothing
    survived come behind. `parts` are the kinds of values (near) that are looked at.
    """
    members = _members(con, found["party"]["client_number"], known)
    foreign = SCALARS_ORGANISATION if MODEL_OF[found["party"]["party_type"]] == "person" else SCALARS_PERSON
    said = _said(rows(con, _SAID.format(values=near.values(_of(members), parts)), [[*near.ABOUT, *foreign]]), members)
    by_name = {row["record"]: row for row in members.values()}
    shown = [row | {"day": _day(by_name.get(_record(row), {})), "lost": []} for row in fields]
    survived = {(row["field"], _text(row["value"])) for row in shown}
    for (name, value, reason), who in said.items():
        if (name, value) not in survived:
            row = _row(shown, name)
            won = by_name.get(_record(row), {}) | {"count": len(said.get((name, _text(row["value"]), ""), ()))}
            why = reason or _why(row, who[0] | {"count": len(who)}, won)
            told = {"record": who[0]["record"], "others": len(who) - 1, "day": _day(who[0]), "why": why}
            row["lost"] = [*row["lost"], {"field": name, "value": value, **told}][:MOST]
    return shown


def _members(con: duckdb.DuckDBPyConnection, number: str, known: Trusted) -> dict[int, Row]:
    """The client's records by key: record (its name), updated_at, trust, proof."""
    keys = con.execute("SELECT record_key FROM crosswalk WHERE client_number = ?", [number]).fetchall()
    of = _of(key for (key,) in keys)
    found = rows(con, _MEMBERS.format(of=of, proof=proof(known.policy, of)))
    return {row["record_key"]: row | {"trust": known.trust.get(row["source"], 0)} for row in found}


def _of(keys: Iterable[int]) -> str:
    """SQL: the rows of some records. A list of keys would have DuckDB unpack whole row groups: twice the time."""
    return f"record_key IN (SELECT unnest([{', '.join(map(str, keys))}]::BIGINT[]))"


def _said(told: Iterable[Row], members: Mapping[int, Row]) -> dict[tuple[str, str, str], list[Row]]:
    """Records by (field, value, reason) that they say, newest first, in the order of the values."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in told:
        who = found.setdefault((row["field"], row["value"], row["reason"]), [])
        if members[row["record_key"]] not in who:
            who.append(members[row["record_key"]])
    for who in found.values():
        who.sort(key=lambda member: _least(member["updated_at"]), reverse=True)
    return found


def _row(shown: list[Row], name: str) -> Row:
    """The first golden value of a field; an empty one behind the others, where nothing of it survived."""
    for row in shown:
        if row["field"] == name:
            return row
    shown.append({"field": name, "value": None, "from": None, "flag": "", "day": None, "lost": []})
    return shown[-1]


def _why(row: Row, own: Row, won: Row) -> str:
    rule = row["from"]["rule"] if row["from"] else ""
    if rule == "decision":
        return DECIDED
    if rule not in _MEASURES:
        return LEFT_OUT
    less = (name for name in _MEASURES[rule] if _least(own[name]) < _least(won.get(name)))
    return _WHY.get(next(less, ""), ALIKE)


def _least(measure: Any) -> tuple[bool, Any]:
    """What is not known comes before all that is."""
    return measure is not None, measure


def _record(row: Row) -> str:
    return f"{row['from']['source']}:{row['from']['record_id']}" if row["from"] else ""


def _day(member: Row) -> Any:
    return member["updated_at"].date() if member.get("updated_at") else None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_MEMBERS = """
    SELECT record_key, source, source || ':' || record_id AS record, updated_at, coalesce(proof, 0) AS proof
    FROM std_record LEFT JOIN ({proof}) USING (record_key) WHERE {of}"""
_SAID = """
    SELECT record_key, field, coalesce(standard, raw) AS value,
           coalesce(reason, '') AS reason
    FROM ({values}) WHERE NOT list_contains(?, field) AND value IS NOT NULL
    ORDER BY part, place, field, value, record_key"""
