"""One way to open DuckDB: capped memory, private temp space, no file access outside the home.

Here: connections. Not here: any SQL about clients.
"""

import atexit
import itertools
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, TypeVar

import duckdb
import polars as pl
import pyarrow as pa

from rules.errors import StoreError

Values = Sequence[Any] | Mapping[str, Any]
"""Parameters of a query, by place or by name."""


def quote(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


class _Limits(NamedTuple):
    """What a DuckDB instance may do; it cannot be changed once the instance runs."""

    folders: tuple[str, ...]
    work: Path
    memory: str
    threads: int | None
    as_written: bool
    spill: str | None


class _Instance(NamedTuple):
    """A running DuckDB, and the folder it spills into while somebody uses it."""

    limits: _Limits
    root: duckdb.DuckDBPyConnection
    spill: Path


_MOST_IDLE = 4
_IDLE: list[_Instance] = []
"""Instances that nobody uses, the longest idle first: making one takes 35 ms, for its catalogue of functions."""
_LOCK = Lock()
_NUMBERS = itertools.count(1)
os.register_at_fork(before=_IDLE.clear)
atexit.register(_IDLE.clear)


@contextmanager
def connect(
    folders: Sequence[Path], work: Path, memory: str = "4GB", threads: int | None = None, as_written: bool = False,
    spill: str | None = None, compressed: bool = False,
) -> Iterator[duckdb.DuckDBPyConnection]:  # fmt: skip
    """A new in-memory database that may read and write only `folders`, spilling under `work`, at most `spill`.

    The configuration is locked: SQL from declared rules cannot open other files or lift the caps. A further cursor of
    it comes from `cursor`. A database for few rows runs statements `as_written`: looking for a better plan takes longer
    than any plan. One that holds tables for long keeps them `compressed` once they are checkpointed: a quarter of the
    memory, and a few milliseconds for what is looked up in one. Raises StoreError where `memory` and the room for
    spilling do not suffice.
    """
    allowed = tuple(str(folder.resolve()) for folder in (*folders, work))
    instance = _taken(_Limits(allowed, work, memory, threads, as_written, spill))
    instance.spill.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = f"memory_{next(_NUMBERS)}"
    instance.root.execute(f"ATTACH ':memory:' AS {database}{' (COMPRESS)' if compressed else ''}")
    try:
        with instance.root.cursor() as con:
            yield _within(con, database)
    except duckdb.OutOfMemoryException:  # its text may hold a statement's values
        problem = f"did not suffice: memory {memory}, and {spill or 'the free disk'} to spill into"
        raise StoreError("DuckDB", problem, "raise memory or spill in registry.yaml, or free disk") from None
    finally:
        instance.root.execute(f"DETACH {database}")
        shutil.rmtree(instance.spill, ignore_errors=True)
        _put_back(instance)


@contextmanager
def cursor(con: duckdb.DuckDBPyConnection, schema: str = "main") -> Iterator[duckdb.DuckDBPyConnection]:
    """A further cursor of the database that `con` is in, for another thread; `con` is asked by nobody meanwhile.

    Its tables are those of `schema`.
    """
    with _LOCK:
        [(database,)] = con.execute("SELECT current_database()").fetchall()
    with con.cursor() as fresh:
        yield _within(fresh, f"{database}.{schema}")


def each(
    con: duckdb.DuckDBPyConnection, items: Sequence[_Item], work: Callable[[duckdb.DuckDBPyConnection, _Item], _Made]
) -> list[_Made]:
    """What `work` gives for every item, in their order, several at once: writing a sorted file keeps one thread busy.

    Each works on a cursor of `con`, which sees its tables and views, but for temporary ones. After an error nothing
    more is begun.
    """
    waiting, found = iter(range(len(items))), dict[int, _Made]()

    def take() -> None:
        try:
            with cursor(con) as fresh:
                for place in waiting:
                    found[place] = work(fresh, items[place])
        finally:
            deque(waiting, maxlen=0)

    at_once = min(scalar(con, "SELECT current_setting('threads')"), len(items))
    with ThreadPoolExecutor(max(1, at_once)) as pool:
        for taken in [pool.submit(take) for _ in range(at_once)]:
            taken.result()
    return [found[place] for place in range(len(items))]


def _within(con: duckdb.DuckDBPyConnection, database: str) -> duckdb.DuckDBPyConnection:
    return con.execute(f"USE {database}")


def _taken(limits: _Limits) -> _Instance:
    """An idle instance of these limits, or a new one."""
    with _LOCK:
        found = next((instance for instance in reversed(_IDLE) if instance.limits == limits), None)
        if found:
            _IDLE.remove(found)
    return found or _started(limits)


def _put_back(instance: _Instance) -> None:
    with _LOCK:
        _IDLE.append(instance)
        del _IDLE[:-_MOST_IDLE]


def _started(limits: _Limits) -> _Instance:
    limits.work.mkdir(parents=True, exist_ok=True)
    spill = Path(tempfile.mkdtemp(prefix="spill-", dir=limits.work))
    root = duckdb.connect(":memory:")
    root.execute(f"SET temp_directory = {quote(str(spill))}")
    root.execute(f"SET memory_limit = {quote(limits.memory)}")
    if limits.spill:
        root.execute(f"SET max_temp_directory_size = {quote(limits.spill)}")
    root.execute("SET GLOBAL TimeZone = 'UTC'")
    if limits.threads:
        root.execute(f"SET threads = {int(limits.threads)}")
    if limits.as_written:
        root.execute("SET GLOBAL enable_optimizer = false")
    root.execute(f"SET allowed_directories = [{', '.join(map(quote, limits.folders))}]")
    root.execute("SET enable_external_access = false")
    root.execute("SET lock_configuration = true")
    return _Instance(limits, root, spill)


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


def hold(con: duckdb.DuckDBPyConnection, view: str) -> None:
    """Read a view on files into a table of its name: for what asks it dozens of times."""
    con.execute(f"CREATE TABLE held_rows AS FROM {view}")
    con.execute(f"DROP VIEW {view}")
    con.execute(f"ALTER TABLE held_rows RENAME TO {view}")


def tables(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """All tables and views of the connection, by its catalogue: a query would take a Python variable for one."""
    return frozenset(name for (name,) in con.execute("SELECT table_name FROM information_schema.tables").fetchall())


def exists(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a table or view of that name exists in the connection."""
    return table in tables(con)


def scalar(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The single integer that `sql` returns (0 for NULL)."""
    row = next(iter(con.execute(sql).fetchall()), None)
    return int(row[0]) if row and row[0] is not None else 0
