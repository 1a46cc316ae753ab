"""One way to open DuckDB: capped memory, private temp space, no file access outside the home.

Here: connections. Not here: any SQL about clients.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

Values = Sequence[Any] | Mapping[str, Any]
"""Parameters of a query, by place or by name."""


def quote(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def connect(
    folders: Sequence[Path], work: Path, memory: str = "4GB", threads: int | None = None, as_written: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database that may read and write only `folders`, spilling under `work`.

    The configuration is locked: SQL from declared rules cannot open other files or lift the caps. A database for few
    rows runs statements `as_written`: looking for a better plan takes longer than any plan.
    """
    work.mkdir(parents=True, exist_ok=True)
    spill = Path(tempfile.mkdtemp(prefix="spill-", dir=work))
    con = duckdb.connect(":memory:")
    try:
        allowed = ", ".join(quote(str(folder.resolve())) for folder in (*folders, work))
        con.execute(f"SET temp_directory = {quote(str(spill))}")
        con.execute(f"SET memory_limit = {quote(memory)}")
        con.execute("SET enable_progress_bar = false")
        con.execute("SET TimeZone = 'UTC'")
        if threads:
            con.execute(f"SET threads = {int(threads)}")
        if as_written:
            con.execute("PRAGMA disable_optimizer")
        con.execute(f"SET allowed_directories = [{allowed}]")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        yield con
    finally:
        con.close()
        shutil.rmtree(spill, ignore_errors=True)


def register_rows(
    con: duckdb.DuckDBPyConnection,
    name: str,
    schema: Mapping[str, type[pl.DataType]],
    rows: Sequence[tuple[object, ...]],
) -> None:  # fmt: skip
    """View `name` on a few rows made in Python; to be unregistered by who made it."""
    con.register(name, pl.DataFrame(rows, schema=dict(schema), orient="row").to_arrow())


def refill(con: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Replace the rows of a table; statements that were prepared on it stay as they are."""
    con.execute(f"DELETE FROM {table}")
    if rows.num_rows:
        con.from_arrow(rows).insert_into(table)


def rows(con: duckdb.DuckDBPyConnection, sql: str, values: Values = ()) -> list[dict[str, Any]]:
    """What a query gives, a dictionary a row, for people and programs; never for a table of records."""
    found = con.execute(sql, values)
    names = [str(column[0]) for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def exists(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a table or view of that name exists in the connection."""
    found = con.execute("SELECT count(*) FROM information_schema.tables WHERE table_name = ?", [table]).fetchall()
    return bool(found[0][0])


def scalar(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The single integer that `sql` returns (0 for NULL)."""
    row = next(iter(con.execute(sql).fetchall()), None)
    return int(row[0]) if row and row[0] is not None else 0
