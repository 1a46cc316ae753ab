"""Rules that the contracts imply, counted per table in DuckDB.

Here: not null, allowed values, pattern, length, bounds and primary key of every declared column. Not here: rules
across tables (`cross`), bounds of a raw snapshot (`raw`), the verdict (`expectations`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dataframely as dy
import duckdb
import polars as pl

from rules.contracts import TABLES
from store.duck import identifier, quote

METRICS = pl.Schema(
    {"table": pl.String, "rule": pl.String, "rows": pl.Int64, "violations": pl.Int64, "blocking": pl.Boolean}
)
"""One row per rule: how many rows it looked at and how many break it."""


def count_violations(con: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> pl.DataFrame:
    """Count what breaks the contract of each of `tables`; columns as METRICS, in the order of contract and column.

    A missing table, or a missing column, is a violation of the blocking rule `columns` and ends that table's rules.
    """
    present = present_columns(con)
    return pl.concat([pl.DataFrame(schema=METRICS), *(_count_table(con, table, present) for table in tables)])


def derived_rules(table: str) -> dict[str, str]:
    """Rule name → SQL predicate that holds for a row in breach, for every declared column of `table`."""
    return {
        f"{name} {rule}": predicate
        for name, column in TABLES[table].columns().items()
        for rule, predicate in _column_rules(identifier(name), column)
    }


def present_columns(con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Columns of every table and view there is.

    Asked of the catalogue: a query would take a Python variable of that name for the table. Asked once: DuckDB looks
    into the files behind every view each time.
    """
    query = """
        SELECT table_name, list(column_name) FROM duckdb_columns()
        WHERE database_name IN (current_database(), 'temp') GROUP BY table_name
    """
    return {table: set(columns) for table, columns in con.execute(query).fetchall()}


def literal(value: object) -> str:
    """A declared bound or allowed value as an SQL literal."""
    if isinstance(value, bool | int | float):
        return str(value)
    return quote(str(value))


def _count_table(con: duckdb.DuckDBPyConnection, table: str, present: Mapping[str, set[str]]) -> pl.DataFrame:
    missing = set(TABLES[table].columns()) - present.get(table, set())
    rows, counted = (0, {}) if missing else _scan(con, table, derived_rules(table))
    if not missing:
        counted["primary key unique"] = _key_copies(con, table)
    violations = {"columns": len(missing), **counted}
    return pl.DataFrame([(table, rule, rows, n, True) for rule, n in violations.items()], METRICS, orient="row")


def _scan(con: duckdb.DuckDBPyConnection, table: str, rules: dict[str, str]) -> tuple[int, dict[str, int]]:
    """All row rules of a table in one scan."""
    counts = ", ".join(["count(*)", *(f"count(*) FILTER (WHERE {predicate})" for predicate in rules.values())])
    found = con.execute(f"SELECT {counts} FROM {identifier(table)}").fetchall()[0]
    return found[0], dict(zip(rules, found[1:], strict=True))


def _key_copies(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Rows beyond the first of each primary key; GROUP BY, because it spills to disk where DISTINCT structs do not."""
    keys = ", ".join(identifier(name) for name in TABLES[table].primary_key())
    counted = f"SELECT count(*) n FROM {identifier(table)} GROUP BY {keys}"
    query = f"SELECT CAST(coalesce(sum(n - 1), 0) AS BIGINT) FROM ({counted})"
    return int(con.execute(query).fetchall()[0][0])


def _column_rules(column: str, declared: dy.Column) -> Iterator[tuple[str, str]]:
    """What one declared column promises; a NULL breaks only `not null`."""
    text = f"CAST({column} AS VARCHAR)"
    if not declared.nullable:
        yield "not null", f"{column} IS NULL"
    if isinstance(declared, dy.Enum):
        yield "allowed values", f"{text} NOT IN ({', '.join(map(literal, declared.categories))})"
    if isinstance(declared, dy.String):
        yield from _text_rules(text, declared)
    for bound, sign in (("min", "<"), ("min_exclusive", "<="), ("max", ">"), ("max_exclusive", ">=")):
        if (value := getattr(declared, bound, None)) is not None:
            yield bound.replace("_", " "), f"{column} {sign} {literal(value)}"
    if allowed := getattr(declared, "is_in", None):
        yield "allowed values", f"{column} NOT IN ({', '.join(map(literal, allowed))})"


def _text_rules(text: str, declared: Any) -> Iterator[tuple[str, str]]:
    if declared.regex is not None:
        yield "pattern", f"NOT regexp_matches({text}, {literal(declared.regex)})"
    if declared.min_length is not None:
        yield "min length", f"length({text}) < {declared.min_length}"
    if declared.max_length is not None:
        yield "max length", f"length({text}) > {declared.max_length}"
