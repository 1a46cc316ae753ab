"""Writing the management reports: one page, one workbook.

Here: rendering. Not here: what they say (questions). Files are readable by their owner only.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from rules.contracts import TABLES as DECLARED
from stages.management.questions import REPORTS, TABLES, Question
from stages.paper import render
from stages.paper.workbook import MOST_ROWS, sheet, workbook
from store import versions
from store.duck import tables
from store.home import Home, private, write_durably
from store.manifest import Manifest
from store.opening import opened
from store.tables import empty_sql

_HERE = Path(__file__).parent
_RIGHT = (pl.Decimal, pl.Int64, pl.Int32, pl.Float64)


def write(home: Home, folder: Path, version: int | None = None) -> list[Path]:
    """Write `report-VERSION.html` and `.xlsx` into `folder`; their paths. The same version gives the same bytes."""
    found = versions.manifest(home, version)
    with opened(home, TABLES, found) as con:
        for name in set(TABLES) - tables(con):
            con.execute(f"CREATE VIEW {name} AS {empty_sql(DECLARED[name])}")
        frames = {question: _asked(con, question) for report in REPORTS for question in report.tables}
    page, book = (folder / f"report-{found.version:06d}{suffix}" for suffix in (".html", ".xlsx"))
    with private():
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(page, _page(found, frames).encode())
        _book(book, found, frames)
    return [page, book]


def _asked(con: duckdb.DuckDBPyConnection, question: Question) -> pl.DataFrame:
    frame: pl.DataFrame = con.sql(f"SELECT * FROM ({question.sql}) LIMIT {MOST_ROWS}").pl()
    wide = [pl.col(name).cast(pl.Decimal(38, 2)) for name, kind in frame.schema.items() if isinstance(kind, pl.Decimal)]
    return frame.with_columns(wide)


def _page(found: Manifest, frames: dict[Question, pl.DataFrame]) -> str:
    values = {"version": found.version, "business_date": found.business_date, "reports": REPORTS, "frames": frames,
              "right": lambda frame, name: isinstance(frame.schema[name], _RIGHT)}  # fmt: skip
    return render(_HERE, "management.html", values, {"cell": _cell})


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def _book(path: Path, found: Manifest, frames: dict[Question, pl.DataFrame]) -> None:
    """One sheet for each table; the file appears whole or not at all."""
    part = path.with_name(path.name + ".part")
    with workbook(part, found.business_date) as book:
        for question, frame in frames.items():
            sheet(book, question.title, frame)
    part.replace(path)
