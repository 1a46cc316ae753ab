"""Excel: one workbook with a sheet per table.

Here: which sheets, read back. Not here: how a workbook is made safe (stages/paper), the folder it stands in (folders).
"""

from pathlib import Path

import duckdb
import fastexcel
from xlsxwriter import Workbook

from rules.errors import StoreError
from stages.paper.workbook import LONGEST_NAME, MOST_ROWS, sheet, workbook
from stages.publish.folders import Rows, assert_read_back
from stages.publish.job import Job
from stages.publish.tables import Shown, shown
from store.duck import scalar

FILE = "registry.xlsx"


def write_excel(job: Job, folder: Path) -> Rows:
    """The workbook; rows of all its sheets as read back."""
    path, given = folder / FILE, {}
    with job.opened() as con, workbook(path, job.version.business_date) as book:
        for table in filter(None, (shown(con, name, job.target) for name in job.tables)):
            given[table.name[:LONGEST_NAME]] = _sheet(con, book, table, job.target.name)
    reader = fastexcel.read_excel(path)
    for name, rows in given.items():
        assert_read_back(f"{job.target.name}, sheet {name}", rows, reader.load_sheet(name, dtypes="string").height)
    return {FILE: sum(given.values())}


def _sheet(con: duckdb.DuckDBPyConnection, book: Workbook, table: Shown, place: str) -> int:
    rows = scalar(con, f"SELECT count(*) FROM ({table.query})")
    if rows > MOST_ROWS:
        problem = f"{table.name} has {rows} rows, a sheet holds {MOST_ROWS}"
        raise StoreError(place, problem, "publish it as csv or parquet, or name fewer tables")
    sheet(book, table.name[:LONGEST_NAME], con.sql(table.ordered).pl())
    return rows
