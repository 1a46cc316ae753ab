"""Evidence of any pairs of records, compared or not: level of every comparison, weight, values.

Here: the model's own level conditions asked of given pairs. Not here: scoring (matching/scoring); the weight here is
that of the levels alone, without term frequency and without the discount of correlated evidence, and serves to group.
"""

import math

import duckdb

from matching.model import Model
from store.duck import quote

PARTS = 60
"""Letters shown of a value."""


def add_evidence(con: duckdb.DuckDBPyConnection, model: Model, asked: str, output: str) -> None:
    """Create `output`: the rows of `asked` with `pattern`, `bits` and `values`.

    `asked` has record_key_l and record_key_r, keys of `match_input_<party>`.
    """
    con.execute(f"""
        CREATE OR REPLACE TABLE {output} AS
        WITH sided AS ({_sided(model, asked)}),
             leveled AS (SELECT *, {", ".join(_level(one) for one in model.settings["comparisons"])} FROM sided)
        SELECT * EXCLUDE ({", ".join(_columns(model))}, {", ".join(_names(model))}),
               {_pattern(model)} AS pattern, {_bits(model)} AS bits, {_values(model)} AS "values"
        FROM leveled""")


def _names(model: Model) -> list[str]:
    return [f"level_{one['output_column_name']}" for one in model.settings["comparisons"]]


def _columns(model: Model) -> list[str]:
    return [f'"{column}_{side}"' for column in _read(model) for side in "lr"]


def _read(model: Model) -> list[str]:
    return [column for column in model.columns if column != "record_key"]


def _sided(model: Model, asked: str) -> str:
    """Every asked pair with the projection's columns of both records, named as Splink names them."""
    read = ", ".join(f'{side}."{column}" AS "{column}_{side}"' for column in _read(model) for side in "lr")
    table = f"match_input_{model.party_type}"
    return f"""
        SELECT a.*, {read} FROM {asked} a
        JOIN {table} l ON l.record_key = a.record_key_l JOIN {table} r ON r.record_key = a.record_key_r"""


def _level(declared: dict[str, object]) -> str:
    """The place of the first level that holds."""
    levels = declared["comparison_levels"]
    assert isinstance(levels, list)
    tests = " ".join(
        f"WHEN {level['sql_condition']} THEN {place}" for place, level in enumerate(levels) if _tested(level)
    )
    return f'CASE {tests} ELSE {len(levels) - 1} END AS "level_{declared["output_column_name"]}"'


def _tested(level: dict[str, str]) -> bool:
    return level["sql_condition"].strip().upper() != "ELSE"


def _pattern(model: Model) -> str:
    parts = []
    for declared in model.settings["comparisons"]:
        name, levels = declared["output_column_name"], declared["comparison_levels"]
        labels = ", ".join(quote(level["label_for_charts"].replace(",", ";")) for level in levels)
        parts.append(f"concat('{name}=', list_extract([{labels}], level_{name} + 1))")
    return f"concat_ws(', ', {', '.join(parts)})"


def _bits(model: Model) -> str:
    """The prior and every level's weight, added in the model's order."""
    chance = model.chance
    parts = [str(round(math.log2(chance / (1 - chance)), 6))]
    for declared in model.settings["comparisons"]:
        weights = ", ".join(str(_weight(level)) for level in declared["comparison_levels"])
        parts.append(f"list_extract([{weights}], level_{declared['output_column_name']} + 1)")
    return f"CAST({' + '.join(parts)} AS DOUBLE)"


def _weight(level: dict[str, float]) -> float:
    m, u = level.get("m_probability"), level.get("u_probability")
    return round(math.log2(m / u), 6) if m and u else 0.0


def _values(model: Model) -> str:
    """`field: left ~ right` of every column that differs, `field: value` where both are the same."""
    parts = []
    for column in _read(model):
        left, right = (f"substr(coalesce(CAST(\"{column}_{side}\" AS VARCHAR), ''), 1, {PARTS})" for side in "lr")
        both = f"CASE WHEN {left} = {right} THEN {left} ELSE concat({left}, ' ~ ', {right}) END"
        parts.append(f"CASE WHEN {left} <> '' OR {right} <> '' THEN concat('{column}: ', {both}) END")
    return f"concat_ws('; ', {', '.join(parts)})"
