"""Evidence of any pairs of records, compared or not: level of every comparison, weight, values.

Here: what scoring finds for given pairs, told in words. Not here: scoring itself (matching/scoring).
"""

import duckdb

from matching.model import MICRO, Model
from matching.scoring import score_given
from store.duck import quote

PARTS = 60
"""Letters shown of a value."""


def add_evidence(con: duckdb.DuckDBPyConnection, model: Model, asked: str, output: str) -> None:
    """Create `output`: the rows of `asked` with `pattern`, `bits` and `values`.

    `asked` has record_key_l and record_key_r, the lesser key left, keys of `match_input_<party>`.
    """
    table = f"match_input_{model.party_type}"
    score_given(con, model, table, asked, "given_pairs", "given_parts")
    con.execute(f"""
        CREATE OR REPLACE TABLE {output} AS
        SELECT a.*, {_pattern(model)} AS pattern, p.weight / {MICRO} AS bits, {_values(model)} AS "values"
        FROM {asked} a JOIN given_pairs p USING (record_key_l, record_key_r)
        JOIN given_parts g USING (record_key_l, record_key_r)
        JOIN {table} l ON l.record_key = a.record_key_l JOIN {table} r ON r.record_key = a.record_key_r""")
    con.execute("DROP TABLE given_pairs")
    con.execute("DROP TABLE given_parts")


def _pattern(model: Model) -> str:
    """`comparison=level, …`; Splink's gamma is -1 where a value is missing and counts levels from 0."""
    told = []
    for name, labels in model.comparisons.items():
        listed = ", ".join(quote(label.replace(",", ";")) for label in ("missing", *labels))
        told.append(f"concat('{name}=', list_extract([{listed}], g.gamma_{name} + 2))")
    return f"concat_ws(', ', {', '.join(told)})"


def _values(model: Model) -> str:
    """`field: left ~ right` of every column that differs, `field: value` where both are the same."""
    parts = []
    for column in (column for column in model.columns if column != "record_key"):
        left, right = (f"substr(coalesce(CAST({side}.{column} AS VARCHAR), ''), 1, {PARTS})" for side in "lr")
        both = f"CASE WHEN {left} = {right} THEN {left} ELSE concat({left}, ' ~ ', {right}) END"
        parts.append(f"CASE WHEN {left} <> '' OR {right} <> '' THEN concat('{column}: ', {both}) END")
    return f"concat_ws('; ', {', '.join(parts)})"
