"""Tables of a small home in an in-memory DuckDB, filled from rows that name only the columns that matter."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl
import pytest

from rules.contracts import TABLES
from tests.tables import blank

Rows = list[dict[str, Any]]
Fill = Callable[..., None]


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: Rows, schema: str | None = None) -> None:
    """Write `rows` as `table`; columns that a row leaves out are null."""
    empty = TABLES[schema or table].create_empty()
    whole = [{column: row.get(column) for column in empty.columns} for row in rows]
    types = {name: pl.String() if isinstance(kind, pl.Enum) else kind for name, kind in empty.schema.items()}
    frame = pl.DataFrame(whole, schema=types)
    con.register("_frame", frame)
    con.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM _frame")
    con.unregister("_frame")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with blank() as connection:
        yield connection


@pytest.fixture
def put(con: duckdb.DuckDBPyConnection) -> Fill:
    return lambda table, rows, schema=None: fill(con, table, rows, schema)


@pytest.fixture
def moment() -> Callable[[int], datetime]:
    """A point in time by day number."""
    return lambda day: datetime(2026, 1, day)


@pytest.fixture
def night_date() -> date:
    return date(2026, 11, 20)
