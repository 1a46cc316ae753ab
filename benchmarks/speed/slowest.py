"""The slowest statements of a night and how DuckDB plans them.

Here: watching DuckDB, one file a statement. Not here: the steps of a night (measure), their seconds and memory (meter).
A statement is explained before it runs, on the tables that it reads: a night that is watched takes longer.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

MOST = 20
"""So many statements are kept."""
_PLANNED = ("SELECT", "WITH", "FROM", "CREATE", "INSERT", "COPY")
_BY = ("execute", "sql")


class Slow(NamedTuple):
    """A statement that took its time."""

    seconds: float
    statement: str
    plan: str


@contextmanager
def watched(folder: Path | None) -> Iterator[None]:
    """Leave the slowest statements of all connections in `folder`, each with seconds, text and plan; None: do nothing.

    Parameters are not written, nor plans that hold them: they may be values of a client.
    """
    if folder is None:
        yield
        return
    found: list[Slow] = []
    plain = {name: getattr(duckdb.DuckDBPyConnection, name) for name in _BY}
    for name, run in plain.items():
        setattr(duckdb.DuckDBPyConnection, name, _timed(run, plain["execute"], found))
    try:
        yield
    finally:
        for name, run in plain.items():
            setattr(duckdb.DuckDBPyConnection, name, run)
        _write(folder, found)


def _timed(run: Callable[..., Any], execute: Callable[..., Any], found: list[Slow]) -> Callable[..., Any]:
    def timed(con: duckdb.DuckDBPyConnection, statement: str, *values: Any, **named: Any) -> Any:
        plan = "" if values else _plan(con, execute, statement)
        started = time.perf_counter()
        result = run(con, statement, *values, **named)
        found.append(Slow(time.perf_counter() - started, statement, plan))
        found.sort(reverse=True)
        del found[MOST:]
        return result

    return timed


def _plan(con: duckdb.DuckDBPyConnection, execute: Callable[..., Any], statement: str) -> str:
    """How DuckDB plans a statement; empty where there is nothing to plan."""
    if not statement.lstrip().upper().startswith(_PLANNED):
        return ""
    try:
        return "\n".join(str(row[1]) for row in execute(con, f"EXPLAIN {statement}").fetchall())
    except duckdb.Error:
        return ""


def _write(folder: Path, found: list[Slow]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, slow in enumerate(found, start=1):
        text = f"{slow.seconds:.3f} s\n\n{slow.statement.strip()}\n\n{slow.plan}\n"
        (folder / f"{number:02d}.txt").write_text(text, encoding="utf-8")
