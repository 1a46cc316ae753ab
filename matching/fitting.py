"""Whether a model's SQL runs on a match projection, tried on no rows before anything is scored.

Here: every level of every comparison, every blocking rule, bound to the projection's columns and types. Not here: what
they find (scoring). A model whose settings name a function or a type that is gone is refused before the night's work.
"""

import json
from typing import Any

import duckdb

from matching.model import Model
from rules.errors import ModelError
from store.hashing import text_sha256

_FITS: set[str] = set()
"""Hashes of models with the columns on which they ran: a night asks four times, a desk for every pair."""
_NEXT = "train a new model, or run the release it was trained with"


def assert_fits(con: duckdb.DuckDBPyConnection, model: Model, table: str) -> None:
    """Raise ModelError naming what of `model` does not run on `table`: a column, a comparison, a blocking rule."""
    described = [tuple(map(str, row[:2])) for row in con.execute(f"DESCRIBE {table}").fetchall()]
    asked = text_sha256(json.dumps([model.settings, model.columns, described]))
    if asked in _FITS:
        return
    present = {name for name, _ in described}
    lacking = sorted(set(model.columns) - present)
    if lacking:
        raise ModelError(f"model {model.name}", f"reads columns that are not there: {lacking}", "train a new model")
    for declared in model.settings["comparisons"]:
        _try(con, model, f"comparison {declared['output_column_name']}", _levels(declared, model.columns, table))
    for place, rule in enumerate(model.settings["blocking_rules_to_generate_predictions"]):
        _try(con, model, f"blocking rule {place + 1}", _rule(rule, table))
    _FITS.add(asked)


def assert_keys(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Refuse a projection with repeated or missing record keys: Splink takes them in silence."""
    [[rows, keys]] = con.execute(f"SELECT count(*), count(DISTINCT record_key) FROM {table}").fetchall()
    if rows != keys:
        raise ModelError(table, "record keys must be unique and not null", "report this as a defect")


def _try(con: duckdb.DuckDBPyConnection, model: Model, place: str, query: str) -> None:
    try:
        con.execute(query)
    except duckdb.Error as error:
        problem = f"does not run on this data's columns ({type(error).__name__})"
        raise ModelError(f"model {model.name}, {place}", problem, _NEXT) from None


def _levels(declared: dict[str, Any], columns: list[str], table: str) -> str:
    """Every condition of a comparison over an empty set of pairs."""
    sides = ", ".join(f"{side}.{column} AS {column}_{side}" for column in columns for side in "lr")
    conditions = [level["sql_condition"] for level in declared["comparison_levels"]]
    asked = ", ".join(f"({condition})" for condition in conditions if condition.strip().upper() != "ELSE")
    return f"SELECT {asked or 1} FROM (SELECT {sides} FROM {_nothing(table)} l, {_nothing(table)} r)"


def _rule(rule: dict[str, Any], table: str) -> str:
    lists = rule.get("arrays_to_explode") or []
    exploded = ", ".join(f"unnest({column}) AS {column}" for column in lists)
    side = f"(SELECT * REPLACE ({exploded}) FROM {_nothing(table)})" if lists else _nothing(table)
    return f"SELECT 1 FROM {side} l JOIN {side} r ON {rule['blocking_rule']}"


def _nothing(table: str) -> str:
    return f"(SELECT * FROM {table} LIMIT 0)"
