"""Two names that go together: among strangers a Russian given name comes with a Russian family name.

Here: by how much declared fields agree together more often than their chances multiplied say, and what that takes off
a pair's weight. Not here: the chances of single fields (matching/training). Counted on all records, true pairs taken
out, and drawn towards independence where the records are few.
"""

from collections.abc import Sequence
from typing import Any

import duckdb

from matching.model import Model
from store.duck import scalar

PRIOR_PAIRS = 10
"""Pairs of agreeing strangers that independence counts for."""

Group = dict[str, Any]
"""`fields`, and `factor`: how many times as many strangers agree in all of them as independence says, at least 1."""


def learn(con: duckdb.DuckDBPyConnection, table: str, draft: Model, declared: Sequence[Sequence[str]]) -> list[Group]:
    """The factor of each declared group of fields that the model compares."""
    found = [fields for fields in declared if set(fields) <= set(draft.comparisons)]
    return [{"fields": list(fields), "factor": _factor(con, table, draft, fields)} for fields in found]


def _factor(con: duckdb.DuckDBPyConnection, table: str, draft: Model, fields: Sequence[str]) -> float:
    filled = " AND ".join(f"{field} IS NOT NULL" for field in fields)
    records = scalar(con, f"SELECT count(*) FROM {table} WHERE {filled}")
    total = records * (records - 1) // 2
    together = _agreeing(con, table, filled, ", ".join(fields))
    expected, true = float(total), draft.chance * total
    for field in fields:
        expected *= _agreeing(con, table, filled, field) / max(total, 1)
        true *= _typical(draft, field)
    return max((max(together - true, 0) + PRIOR_PAIRS) / (expected + PRIOR_PAIRS), 1.0)


def _agreeing(con: duckdb.DuckDBPyConnection, table: str, filled: str, by: str) -> int:
    groups = f"SELECT count(*)::HUGEINT AS n FROM {table} WHERE {filled} GROUP BY {by}"
    return scalar(con, f"SELECT sum(n * (n - 1) // 2) FROM ({groups})")


def _typical(draft: Model, field: str) -> float:
    """Chance that the field agrees among records of one client: m of its levels with a term frequency."""
    declared = next(c for c in draft.settings["comparisons"] if c["output_column_name"] == field)
    levels = declared["comparison_levels"]
    return sum(float(level["m_probability"]) for level in levels if level.get("tf_adjustment_column") == field)


def strangers(groups: Sequence[Group], model: Model) -> str:
    """SQL: how many times as likely a pair is among strangers as independent fields say (1 if nothing agrees)."""
    found = [_term(group, model) for group in groups if group["factor"] > 1]
    return " * ".join(found) or "1.0"


def _term(group: Group, model: Model) -> str:
    agree = " AND ".join(f"abs(mw_{field} - {model.exact_weight(field)!r}) < 1e-9" for field in group["fields"])
    return f"CASE WHEN {agree} THEN {group['factor']!r} ELSE 1.0 END"
