"""Splink's linker on a table: the one place where it is made.

Here: what every linker of the registry has in common. Not here: settings, frequencies, predictions.
"""

from typing import Any

import duckdb
from splink import DuckDBAPI, Linker
from splink.internals.comparison_level import ComparisonLevel

_validate = ComparisonLevel._validate_sql
_valid: set[str] = set()


def linker(con: duckdb.DuckDBPyConnection, table: str, settings: dict[str, Any]) -> Linker:
    """A linker for the records of `table`.

    Splink's own validation of settings only logs what `assert_fits` refuses, and parses every condition for it.
    """
    return Linker(DuckDBAPI(connection=con).register(table), settings, validate_settings=False, log_level="ERROR")


def _validate_once(level: ComparisonLevel) -> bool:
    """Splink parses the condition of every level twice for every linker, a second each time: once is enough."""
    if level.sql_condition not in _valid:
        _validate(level)
        _valid.add(level.sql_condition)
    return True


setattr(ComparisonLevel, "_validate_sql", _validate_once)  # noqa: B010
