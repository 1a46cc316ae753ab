"""Writing the management reports: one page, one workbook.

Here: rendering. Not here: what they say (questions). The workbook runs nothing: text is text, also where it looks like
a formula. Files are readable by their owner only.
"""

from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from rules.contracts import TABLES as DECLARED
from stages.management.questions import REPORTS, TABLES, Question
from stages.paper import render
from store import versions
from store.duck import connect, exists
from store.home import Home, private, write_durably
from store.manifest import Manifest
from store.tables import empty_sql

_HERE = Path(__file__).parent
_MOST_ROWS = 1_000_000
"""What a sheet of Excel holds, about."""
_MOST_FITTED = 10_000
"""Rows up to which columns are made as wide as what they hold, which takes time."""
_RIGHT = (pl.Decimal, pl.Int64, pl.Int32, pl.Float64)


def write(home: Home, folder: Path, version: int | None = None) -> list[Path]:
    """Write `report-VERSION.html` and `.xlsx` into `folder`; their paths. The same version gives the same bytes."""
    found = versions.manifest(home, version)
    with connect([home.root], home.staging) as con:
        versions.attach(con, home, found, TABLES)
        for name in TABLES:
            if not exists(con, name):
                con.execute(f"CREATE VIEW {name} AS {empty_sql(DECLARED[name])}")
        frames = {question: _asked(con, question) for report in REPORTS for question in report.tables}
    page, book = (folder / f"report-{found.version:06d}{suffix}" for suffix in (".html", ".xlsx"))
    with private():
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(page, _page(found, frames).encode())
        workbook(book, found, frames)
    return [page, book]


def _asked(con: duckdb.DuckDBPyConnection, question: Question) -> pl.DataFrame:
    frame: pl.DataFrame = con.sql(f"SELECT * FROM ({question.sql}) LIMIT {_MOST_ROWS}").pl()
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


def workbook(path: Path, found: Manifest, frames: dict[Question, pl.DataFrame]) -> None:
    """One sheet for each table, with filters and a fixed head; it appears whole or not at all."""
    import xlsxwriter

    part = path.with_name(path.name + ".part")
    with xlsxwriter.Workbook(part, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime.combine(found.business_date, time())})
        for question, frame in frames.items():
            frame.write_excel(
                book, question.title, dtype_formats={pl.Decimal: "#,##0.00", pl.Date: "yyyy-mm-dd"}, autofilter=True,
                autofit=frame.height < _MOST_FITTED, freeze_panes=(1, 0),
            )  # fmt: skip
    part.replace(path)
