"""Parquet and CSV: a file per table.

Here: the two forms. Not here: the folder they stand in (folders).
"""

import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from rules.publication import Publication
from stages.publish.folders import Rows, assert_read_back
from stages.publish.job import Job
from stages.publish.tables import Shown, shown
from store.duck import each, identifier, quote, scalar

_TEMPTING = r"^[\s\v\pZ]*[=+@\t\r-]"
"""Cells that a spreadsheet would take for a formula …"""
_FIGURES = r"[+-]?[\d\s().,-]+"
"""… but for those that are wholly a number, a phone or a date."""


def write_files(job: Job, folder: Path) -> Rows:
    """Every table that the output shows; rows of each file as read back."""
    with job.opened() as con:
        found = each(con, job.tables, lambda own, name: write_table(own, name, job.target, folder, _whole(job, name)))
    return {name: rows for part in found for name, rows in part.items()}


def _whole(job: Job, name: str) -> Path | None:
    """The version's own file of a table, where it is a single one and no legal entity's part is asked for."""
    entry = job.version.table(name)
    files = entry.files if entry and not job.target.legal_entity else ()
    return job.night.home.root / files[0].path if len(files) == 1 else None


def write_table(
    con: duckdb.DuckDBPyConnection, name: str, target: Publication, folder: Path, whole: Path | None = None
) -> Rows:
    """One table, if the output shows any of its columns; copied from its `whole` file if that is what is shown."""
    table = shown(con, name, target)
    if table is None:
        return {}
    path = folder / f"{name}.{target.kind}"
    if whole and target.kind == "parquet" and table.plain and pq.read_schema(whole).names == list(table.columns):
        shutil.copyfile(whole, path)
    else:
        _write(con, table, target.kind, path)
    reader = "read_csv({}, all_varchar = true, header = true)" if target.kind == "csv" else "read_parquet({})"
    rows = scalar(con, f"SELECT count(*) FROM {reader.format(quote(str(path)))}")
    assert_read_back(f"{target.name}, {path.name}", scalar(con, f"SELECT count(*) FROM ({table.query})"), rows)
    return {path.name: rows}


def _write(con: duckdb.DuckDBPyConnection, table: Shown, kind: str, path: Path) -> None:
    query, options = _as_csv(table) if kind == "csv" else (table.ordered, "(FORMAT parquet, COMPRESSION zstd)")
    con.execute(f"COPY ({query}) TO {quote(str(path))} {options}")


def _as_csv(table: Shown) -> tuple[str, str]:
    texts = [column for column, kind in table.columns.items() if kind == "VARCHAR"]
    cells = ", ".join(neutral(column) if column in texts else identifier(column) for column in table.columns)
    forced = f", FORCE_QUOTE ({', '.join(map(identifier, texts))})" if texts else ""
    return f"SELECT {cells} FROM ({table.ordered})", f"(FORMAT csv, HEADER{forced})"


def neutral(column: str) -> str:
    """A text column for CSV: what a spreadsheet would run is led by an apostrophe."""
    cell = identifier(column)
    formula = f"regexp_matches({cell}, '{_TEMPTING}') AND NOT regexp_full_match({cell}, '{_FIGURES}')"
    return f"CASE WHEN {formula} THEN concat(chr(39), {cell}) ELSE {cell} END AS {cell}"
