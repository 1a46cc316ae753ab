"""What a decision rests on: measured when it is entered, and again every night.

Here: kinds, hash and weight of the evidence of decided pairs; review items for decisions of which it changed. Not here:
the kinds as SQL (matching/kinds), how a weight comes about (matching/scoring).
"""

import json
from collections.abc import Mapping

import duckdb
import polars as pl

from matching import kinds
from matching.model import MICRO, Model
from matching.scoring import score_given
from rules.contracts.columns import TYPES_OF
from rules.contracts.standard import SCALARS
from rules.decisions import MATERIAL_BITS, UNITS, unit_of
from stages.decisions import tonight
from stages.night import Night
from store.decisions import Decision
from store.duck import register_rows

PARTS = ("lifelong", "birth_date", "name")
_PAIRS = {
    "decision": pl.Int64, "kind": pl.String, "salt": pl.String, "source_l": pl.String, "record_id_l": pl.String,
    "source_r": pl.String, "record_id_r": pl.String, "hash": pl.String, "model": pl.String, "weight": pl.Int64,
    **dict.fromkeys(PARTS, pl.String),
}  # fmt: skip
"""Decided pairs as they were when decided."""
VALUES = tuple(f"std_{unit}" for unit in UNITS)
"""Tables of a record's own units, beside `std_record`."""
_OVERRIDES = {
    "decision": pl.Int64, "salt": pl.String, "source": pl.String, "record_id": pl.String, "field": pl.String,
    "hash": pl.String,
}  # fmt: skip


def measure(con: duckdb.DuckDBPyConnection, party: str, asked: str) -> None:
    """Create `measured(decision, record_key_l, record_key_r, hash, lifelong, birth_date, name)` of the query `asked`.

    `asked`: decision, salt and the two record keys; reads `match_input_<party>`.
    """
    told = ", ".join(f"{sql} AS {part}" for part, sql in kinds.kinds(party).items())
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE measured AS
        SELECT p.decision, p.record_key_l, p.record_key_r,
               sha256(concat(p.salt, {kinds.values("l")}, {kinds.values("r")})) AS hash, {told}
        FROM ({asked}) p
        JOIN match_input_{party} l ON l.record_key = p.record_key_l
        JOIN match_input_{party} r ON r.record_key = p.record_key_r""")


def weigh(con: duckdb.DuckDBPyConnection, model: Model | None, party: str, pairs: str) -> None:
    """Create `weighed(record_key_l, record_key_r, weight)` of the query `pairs`, whatever rule finds them."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE to_weigh AS
        SELECT DISTINCT least(record_key_l, record_key_r) AS record_key_l,
               greatest(record_key_l, record_key_r) AS record_key_r FROM ({pairs})""")
    con.execute("CREATE OR REPLACE TABLE weighed (record_key_l BIGINT, record_key_r BIGINT, weight BIGINT)")
    if model is None or not con.execute("SELECT 1 FROM to_weigh LIMIT 1").fetchall():
        return
    score_given(con, model, f"match_input_{party}", "to_weigh", "weighed_pairs")
    con.execute("INSERT INTO weighed SELECT record_key_l, record_key_r, weight FROM weighed_pairs")
    con.execute("DROP TABLE weighed_pairs")


def field_hash(field: str, salt: str, record: str) -> str:
    """SQL: the salted hash of a record's own value of an overridden field, of a unit all values of its kind."""
    branches = " ".join(f"WHEN '{name}' THEN CAST({record}.{name} AS VARCHAR)" for name in SCALARS)
    units = ", ".join(_unit_values(field, record, unit, value) for unit, value in UNITS.items())
    return f"sha256(concat({salt}, coalesce(CASE {field} {branches} END, {units}, '')))"


def _unit_values(field: str, record: str, unit: str, value: str) -> str:
    """SQL: what a record has of the unit's kind; a mobile is a phone."""
    kind = "type" if unit == "identifier" else "kind"
    return f"""
        (SELECT string_agg(u.{value}, chr(31) ORDER BY u.ordinal) FROM std_{unit} u
         WHERE u.record_key = {record}.record_key
           AND replace({field}, 'mobile', 'phone') = '{unit}.' || replace(u.{kind}, 'mobile', 'phone'))"""


def of_field(con: duckdb.DuckDBPyConnection, field: str, salt: str, record_key: int) -> str:
    """The salted hash of the record's own value of a field; empty for a field that no record has as such."""
    if field not in SCALARS and not unit_of(field):
        return ""
    asked = f"""
        SELECT {field_hash("asked.field", "asked.salt", "s")} FROM std_record s, (SELECT ? AS field, ? AS salt) asked
        WHERE s.record_key = ?"""
    return str(con.execute(asked, [field, salt, record_key]).fetchall()[0][0])


def reopen(con: duckdb.DuckDBPyConnection, night: Night, models: Mapping[str, Model | None]) -> None:
    """Create `review_reopened`: decisions in effect whose evidence changed materially since they were made.

    Reads `match_input_*`, `std_record`, the standard units, `key_map`. Where neither values nor model changed, no
    weight can have moved, so only the other pairs are scored again.
    """
    counted = tonight(night)
    pairs = [_pair(decision) for decision in counted if len(decision.anchors) == 2]
    register_rows(con, "decided_pair", _PAIRS, pairs)
    overrides = [_override(decision) for decision in counted if decision.entry.field]
    register_rows(con, "decided_field", _OVERRIDES, overrides)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE reopened (decision BIGINT, l BIGINT, r BIGINT, weight BIGINT, told VARCHAR)"
    )
    for party, model in models.items() if pairs else ():
        _compare(con, party, model)
    if overrides:
        _compare_fields(con)
    con.execute(_ITEMS)
    for registered in ("decided_pair", "decided_field"):
        con.unregister(registered)


def _pair(decision: Decision) -> tuple[object, ...]:
    entry, salt = decision.entry, decision.payload.salt if decision.payload else ""
    known = json.loads(entry.evidence) if entry.evidence else {}
    told = (entry.evidence_hash, known.get("model"), known.get("weight"), *(known.get(part) for part in PARTS))
    return decision.id, entry.kind, salt, *entry.left[0], *entry.right[0], *told


def _override(decision: Decision) -> tuple[object, ...]:
    entry, salt = decision.entry, decision.payload.salt if decision.payload else ""
    return decision.id, salt, *entry.left[0], entry.field, entry.evidence_hash


_ASKED = """
    SELECT d.decision, d.salt, l.record_key AS record_key_l, r.record_key AS record_key_r FROM decided_pair d
    JOIN key_map l ON l.source = d.source_l AND l.record_id = d.record_id_l
    JOIN key_map r ON r.source = d.source_r AND r.record_id = d.record_id_r"""


def _compare(con: duckdb.DuckDBPyConnection, party: str, model: Model | None) -> None:
    """Append the pairs of one kind of party that changed to `reopened`."""
    measure(con, party, _ASKED)
    name = model.name if model else ""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE moved AS
        SELECT m.*, d.kind, d.model, d.weight AS before, {", ".join(f"d.{part} AS {part}_before" for part in PARTS)}
        FROM measured m JOIN decided_pair d USING (decision)
        WHERE d.lifelong NOTNULL AND (m.hash <> d.hash OR d.model IS DISTINCT FROM '{name}')""")
    weigh(con, model, party, "SELECT record_key_l, record_key_r FROM moved")
    shift = "w.weight - m.before"
    told = [
        f"CASE WHEN m.{part} <> m.{part}_before AND m.{part} <> '{kinds.UNKNOWN}'"
        f" THEN concat('{part.replace('_', ' ')}: ', m.{part}_before, ' then, ', m.{part} ,' now') END"
        for part in PARTS
    ]
    told.append(
        f"CASE WHEN abs({shift}) > {MATERIAL_BITS * MICRO}"
        f" THEN concat('the weight moved by ', round(({shift}) / {MICRO}, 1), ' bits') END"
    )
    con.execute(f"""
        INSERT INTO reopened
        SELECT decision, m.record_key_l, m.record_key_r, coalesce(w.weight, 0) AS weight,
               nullif(concat_ws('; ', {", ".join(told)}), '') AS told
        FROM moved m LEFT JOIN weighed w ON w.record_key_l = least(m.record_key_l, m.record_key_r)
                                        AND w.record_key_r = greatest(m.record_key_l, m.record_key_r)
        WHERE told NOTNULL""")


def _compare_fields(con: duckdb.DuckDBPyConnection) -> None:
    """Append the overrides whose record has another value than when it was overridden."""
    con.execute(f"""
        INSERT INTO reopened
        SELECT d.decision, s.record_key, s.record_key, 0,
               concat('the source changed its ', translate(d.field, '_.', '  '))
        FROM decided_field d JOIN std_record s ON s.source = d.source AND s.record_id = d.record_id
        WHERE d.hash <> '' AND {field_hash("d.field", "d.salt", "s")} <> d.hash""")


_ITEMS = f"""
    CREATE OR REPLACE TABLE review_reopened AS
    SELECT least(o.l, o.r) AS record_key_l, greatest(o.l, o.r) AS record_key_r,
           CASE WHEN s.party_type IN ({TYPES_OF["person"]}) THEN 'person' ELSE 'organisation' END AS party_type,
           'reopened' AS kind, max(o.weight) AS weight,
           string_agg(concat('decision ', o.decision, ' holds, but what it rests on changed: ', o.told), '; '
                      ORDER BY o.decision) AS reason
    FROM reopened o JOIN std_record s ON s.record_key = o.l GROUP BY ALL"""
