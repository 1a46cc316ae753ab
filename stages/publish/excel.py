"""Excel: one workbook with a sheet per table. Texts are written as texts: nothing in them is run or becomes a link.

Here: the workbook. Not here: the folder it stands in (folders).
"""

from datetime import datetime, time
from pathlib import Path

import duckdb
import fastexcel
from xlsxwriter import Workbook

from rules.errors import StoreError
from stages.publish.folders import Rows, assert_read_back
from stages.publish.job import Job
from stages.publish.tables import Shown, shown
from store.duck import scalar

FILE = "registry.xlsx"
_MOST, _LONGEST_NAME = 1_048_575, 31
"""Rows below the head that a sheet holds, and letters of its name."""
_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_excel(job: Job, folder: Path) -> Rows:
    """The workbook; rows of all its sheets as read back."""
    path, given = folder / FILE, {}
    with job.opened() as con, Workbook(path, _PLAIN) as book:
        book.set_properties({"created": datetime.combine(job.version.business_date, time())})
        for table in filter(None, (shown(con, name, job.target) for name in job.tables)):
            given[table.name[:_LONGEST_NAME]] = _sheet(con, book, table, job.target.name)
    reader = fastexcel.read_excel(path)
    for sheet, rows in given.items():
        assert_read_back(f"{job.target.name}, sheet {sheet}", rows, reader.load_sheet(sheet, dtypes="string").height)
    return {FILE: sum(given.values())}


def _sheet(con: duckdb.DuckDBPyConnection, book: Workbook, table: Shown, place: str) -> int:
    rows = scalar(con, f"SELECT count(*) FROM ({table.query})")
    if rows > _MOST:
        problem = f"{table.name} has {rows} rows, a sheet holds {_MOST}"
        raise StoreError(place, problem, "publish it as csv or parquet, or name fewer tables")
    con.sql(table.ordered).pl().write_excel(book, table.name[:_LONGEST_NAME], autofilter=False)
    return rows
