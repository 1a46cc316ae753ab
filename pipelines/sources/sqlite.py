"""SQLite files, read in one read-only transaction.

Here: reading, and the types of cells (SQLite types values, not columns). Not here: names (contract.py).
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import monotonic

import polars as pl
from polars.exceptions import PolarsError

from pipelines.sources.base import Connector, Raw, Request, numbered
from pipelines.sources.contract import check_names
from pipelines.sources.files import file_error, read_files
from pipelines.sources.sql import condition, from_clause, order
from rules.errors import ContractError
from store.duck import identifier, quote

_CELLS = {
    "text": {"text"},
    "integer": {"integer"},
    "decimal": {"integer", "real"},
    "bool": {"integer"},
    "date": {"text"},
    "datetime": {"text"},
    "list": {"text"},
}
_CHUNK = 20_000
_STEPS = 10_000
SECONDS = 600.0
"""Limit of a read without read.timeout_seconds."""


def read(request: Request) -> Raw:
    """All files of a sqlite source; a cell of another type than declared is a ContractError."""
    return read_files(request, _read_one)


def _read_one(request: Request, path: Path) -> Raw:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as con:
            _limit(request, con)
            con.execute("BEGIN")
            _check(request, con)
            return numbered(_text(request, con))
    except (sqlite3.Error, PolarsError, UnicodeError) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            problem = f"the query took longer than {_seconds(request):g} seconds"
            raise file_error(request, path, problem, "check read.table and the views it reads") from None
        problem = f"not readable as SQLite ({type(error).__name__})"
        raise file_error(request, path, problem, "check the file and read.table") from None


def _seconds(request: Request) -> float:
    return request.source.read.timeout_seconds or SECONDS


def _limit(request: Request, con: sqlite3.Connection) -> None:
    """Interrupt whatever runs when the time is over: a view may call itself without end."""
    end = monotonic() + _seconds(request)
    con.set_progress_handler(lambda: monotonic() > end, _STEPS)


def _check(request: Request, con: sqlite3.Connection) -> None:
    cursor = con.execute(f"SELECT * FROM {from_clause(request)} LIMIT 0")
    check_names(request, [name for name, *_ in cursor.description])
    columns = request.source.contract.columns
    kinds = ", ".join(f"group_concat(DISTINCT typeof({identifier(name)}))" for name in columns)
    found = con.execute(f"SELECT {kinds} FROM {from_clause(request)}").fetchone()
    for (name, declared), cells in zip(columns.items(), found, strict=True):
        wrong = sorted(set((cells or "null").split(",")) - {"null"} - _CELLS[declared.kind])
        if wrong:
            problem = f"column '{name}' is declared {declared.kind} and holds {wrong[0]} values"
            raise ContractError(request.place, problem, "ask the source's owner, then change the contract")


def _text(request: Request, con: sqlite3.Connection) -> pl.DataFrame:
    """Every cell as text. SQLite itself writes blocks of rows as JSON, so that no row becomes a Python object."""
    columns = request.source.contract.columns
    cells = ", ".join(f"{quote(name)}, CAST({identifier(name)} AS TEXT)" for name in columns)
    places = f"row_number() OVER ({order(request).strip()}) - 1 AS row_"
    query = f"""WITH placed AS (SELECT *, {places} FROM {from_clause(request)}{condition(request)})
        SELECT group_concat(json_object({cells}), char(10)) FROM (SELECT * FROM placed ORDER BY row_)
        GROUP BY row_ / {_CHUNK} ORDER BY row_ / {_CHUNK}"""
    schema = dict.fromkeys(columns, pl.String)
    blocks = [pl.read_ndjson(text.encode(), schema=schema) for (text,) in con.execute(query)]
    frame = pl.concat([pl.DataFrame(schema=schema), *blocks])
    lists = [name for name, declared in columns.items() if declared.kind == "list"]
    return frame.with_columns(pl.col(name).str.json_decode(pl.List(pl.String)) for name in lists)


CONNECTOR = Connector(("sqlite",), read)
