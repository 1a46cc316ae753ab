"""Running one step of a night inside Dagster: timed, announced, its errors without client values.

Here: what every asset has in common. Not here: what a step does.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import dataframely as dy
import duckdb
import polars as pl
from dagster import DagsterExecutionInterruptedError, Failure, MaterializeResult, MetadataValue, TableColumnLineage

from rules.contracts import TABLES
from rules.errors import RegistryError
from rules.trace import place_of
from stages.night import Night
from store import lock

Listener = Callable[[str, str, Mapping[str, int]], None]
T = TypeVar("T")
INTERRUPTS = (DagsterExecutionInterruptedError, KeyboardInterrupt)
"""What a step ends with on SIGTERM and SIGINT."""
OWN_TEXTS = (
    "source", "client_number", "other_number", "resolves_to", "legal_entity", "party_type", "event", "field", "rule",
    "state", "strategy",
)  # fmt: skip
"""Text columns that hold declared words and the registry's own numbers, in whatever table."""
_ESCAPES = str.maketrans({char: f"&#{ord(char)};" for char in "&|<[`"})
_listeners: list[Listener] = []


def listen(listener: Listener | None) -> None:
    """Call `listener(step, "started" | "finished", counts)`, and no other, around every step run in this process.

    What is about to come is told as `listener(sentence, "announced", {})`.
    """
    _listeners[:] = [listener] if listener else []


def announce(what: str) -> None:
    """Tell who listens what comes, before it begins."""
    _tell(what, "announced", {})


def run_step(
    night: Night, name: str, work: Callable[[], Mapping[str, int]], columns: TableColumnLineage | None = None
) -> MaterializeResult[Any]:
    """Run `work`, note its seconds, and report its row counts with a preview that shows no client value.

    `columns`: where the columns of its tables are from.

    Every step takes the home, because Dagster's page can start one alone, in a process of its own.
    """
    guarded(name, lambda: lock.acquire(night.home))
    _tell(name, "started", {})
    begun = time.perf_counter()
    counts = guarded(name, work)
    _note_seconds(night, name, time.perf_counter() - begun)
    _tell(name, "finished", counts)
    tables = {f"rows of {table}": MetadataValue.int(rows) for table, rows in counts.items()}
    previews = guarded(name, lambda: _previews(night, counts))
    total = MetadataValue.int(next(iter(counts.values()), 0))
    lineage = {"dagster/column_lineage": columns} if columns else {}
    return MaterializeResult(metadata={"dagster/row_count": total, **tables, **previews, **lineage})


def guarded(name: str, work: Callable[[], T]) -> T:
    """Run `work`; an expected error keeps its words, any other only its type and place: its text may hold values.

    An interrupt stops the job, also where a library answers it with an error of its own.
    """
    try:
        return work()
    except RegistryError as error:
        raise Failure(description=str(error), allow_retries=False) from None
    except Exception as error:
        if _interrupted(error):
            raise DagsterExecutionInterruptedError from None
        raise Failure(description=f"{name}: unexpected {type(error).__name__} at {place_of(error)}") from None


def _interrupted(error: Exception) -> bool:
    """DuckDB ends a query that an interrupt broke off with an error of its own, once as a bare RuntimeError."""
    broken_off = isinstance(error, RuntimeError) and str(error) == "Query interrupted"
    cause = error.__cause__ or error.__context__
    return broken_off or isinstance(error, duckdb.InterruptException) or isinstance(cause, INTERRUPTS)


def was_stopped(problem: str) -> bool:
    """Whether what Dagster tells of a failed step is that someone, or the machine, stopped the run."""
    return problem.endswith(tuple(interrupt.__name__ for interrupt in INTERRUPTS))


def seconds(night: Night) -> dict[str, float]:
    """Seconds of every step run so far tonight."""
    path = night.folder / "seconds.json"
    found: dict[str, float] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _note_seconds(night: Night, name: str, value: float) -> None:
    night.folder.mkdir(parents=True, exist_ok=True)
    noted = seconds(night) | {name: round(value, 3)}
    (night.folder / "seconds.json").write_text(json.dumps(noted), encoding="utf-8")


def _tell(name: str, what: str, counts: Mapping[str, int]) -> None:
    for listener in _listeners:
        listener(name, what, counts)


def _previews(night: Night, counts: Mapping[str, int]) -> dict[str, MetadataValue]:
    shown = [table for table in counts if table in TABLES and night.has(table)]
    if not shown:
        return {}
    with night.open(*shown) as con:
        return {f"preview of {table}": MetadataValue.md(preview(con, table)) for table in shown}


def preview(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """First rows of a table as Markdown: only columns whose values the registry makes itself."""
    shown = [name for name, column in TABLES[table].columns().items() if _own(name, column)][:8]
    columns = ", ".join(f'"{name}"' for name in shown)
    rows = con.sql(f"SELECT {columns} FROM {table} LIMIT 5").fetchall()
    lines = [" | ".join(shown), " | ".join("---" for _ in shown)]
    return "\n".join([*lines, *(" | ".join(_cell(value) for value in row) for row in rows)])


def _own(name: str, column: dy.Column) -> bool:
    """Neither personal nor free text: a source may write anything into branch, status or roles."""
    if (column.metadata or {}).get("pii", "-") != "-":
        return False
    kind = column.dtype
    return name in OWN_TEXTS or kind.is_numeric() or kind in (pl.Boolean, pl.Date) or isinstance(kind, pl.Enum)


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).translate(_ESCAPES).split())
