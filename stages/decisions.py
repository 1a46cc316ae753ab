"""Decisions of a night: what those in effect mean for tonight's records, as tables.

Here: `decided` and `overridden`, must-links that no matching can keep. Not here: entering a
decision (stages/decide), changed evidence (stages/evidence), the log itself (store/decisions).
"""

from collections.abc import Sequence

import duckdb
import polars as pl

from rules.contracts.columns import TYPES_OF
from stages.night import Night
from store.decisions import Decision
from store.decisions.state import in_effect
from store.duck import register_rows

_GROUPS = {"decision": pl.Int64, "effect": pl.String, "side": pl.String, "source": pl.String, "record_id": pl.String}
_VALUES = {"decision": pl.Int64, "source": pl.String, "record_id": pl.String, "field": pl.String, "value": pl.String}


def tonight(night: Night) -> list[Decision]:
    """The decisions that count tonight: entered before the night began, by its business date."""
    return in_effect(night.log.decisions(night.decisions_upto), night.business_date)


def stage(night: Night) -> dict[str, int]:
    """Stage `decided` and `overridden`: what the decisions in effect say of the records that are there tonight."""
    with night.open("std_record") as con:
        expand(con, tonight(night))
        return night.save(con, "decided", "overridden")


def expand(con: duckdb.DuckDBPyConnection, counted: Sequence[Decision]) -> None:
    """Create `decided` and `overridden` of the decisions for the records of `std_record`.

    Every record of a decision's one group is joined to, or kept apart from, every record of its other group. A record
    that is gone has no row, so what was decided about it waits until it is back.
    """
    register_rows(con, "decided_record", _GROUPS, [row for decision in counted for row in _groups(decision)])
    con.execute("""
        CREATE OR REPLACE TABLE decided AS
        WITH present AS (
            SELECT d.*, s.record_key FROM decided_record d
            JOIN std_record s ON s.source = d.source AND s.record_id = d.record_id)
        SELECT least(l.record_key, r.record_key) AS record_key_l, greatest(l.record_key, r.record_key) AS record_key_r,
               l.effect AS kind, l.decision
        FROM present l JOIN present r ON r.decision = l.decision AND l.side = 'left' AND r.side = 'right'
        WHERE l.record_key <> r.record_key
        GROUP BY ALL ORDER BY ALL""")
    rows = [(d.id, *d.entry.left[0], d.entry.field, d.payload.value) for d in counted if d.entry.field and d.payload]
    register_rows(con, "overriding", _VALUES, rows)
    con.execute("""
        CREATE OR REPLACE TABLE overridden AS
        SELECT s.record_key, o.field, o.value, o.decision
        FROM overriding o JOIN std_record s ON s.source = o.source AND s.record_id = o.record_id ORDER BY ALL""")
    for registered in ("decided_record", "overriding"):
        con.unregister(registered)


def _groups(decision: Decision) -> list[tuple[int, str, str, str, str]]:
    sides = (("left", decision.entry.left), ("right", decision.entry.right))
    return [(decision.id, decision.effect, side, *record) for side, held in sides if decision.effect for record in held]


def unjoinable(con: duckdb.DuckDBPyConnection) -> None:
    """Create `review_unjoinable`: must-links between a person and an organisation, which no model compares."""
    people = f"(SELECT record_key, (party_type IN ({TYPES_OF['person']}))::INTEGER AS people FROM std_record)"
    con.execute(f"""
        CREATE OR REPLACE TABLE review_unjoinable AS
        SELECT DISTINCT d.record_key_l, d.record_key_r, 'person' AS party_type, 'party_types' AS kind,
               0::BIGINT AS weight,
               'decided to be one client, but one is a person and the other an organisation' AS reason
        FROM decided d JOIN {people} l ON l.record_key = d.record_key_l
        JOIN {people} r ON r.record_key = d.record_key_r
        WHERE d.kind = 'must_link' AND l.people + r.people = 1""")
