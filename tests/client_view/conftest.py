"""Tiny tables for the view: empty ones of every contract, filled by rows given as keyword arguments."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from rules.contracts import TABLES
from store.tables import empty_sql

TODAY = date(2026, 3, 3)
Insert = Callable[..., None]


@pytest.fixture(scope="session")
def blank() -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection for all tests of the room."""
    with duckdb.connect(":memory:") as con:
        yield con


@pytest.fixture
def con(blank: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Empty tables, and no parent."""
    for name, schema in TABLES.items():
        if name.startswith(("std_", "view_", "golden_", "crosswalk", "ledger_number", "overridden")):
            blank.execute(f"CREATE OR REPLACE TABLE {name} AS {empty_sql(schema)}")
            blank.execute(f"CREATE OR REPLACE TABLE parent_{name} AS {empty_sql(schema)}")
    return blank


@pytest.fixture
def insert(con: duckdb.DuckDBPyConnection) -> Insert:
    """`insert(table, column=value, …)`: one row, its other columns empty."""

    def one(table: str, **values: Any) -> None:
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" for _ in values)
        con.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))

    return one


@pytest.fixture
def rows(con: duckdb.DuckDBPyConnection) -> Callable[[str], list[tuple[Any, ...]]]:
    """Rows of a query."""
    return lambda sql: con.execute(sql).fetchall()
