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

TEMPTING = r"^\s*[\t\r\n]|^[\p{Z}\p{Cc}\p{Cf}]*[=+@＝＋－＠﹦﹢﹣﹫-]"
"""Cells that a spreadsheet would take for a formula, by a sign that may be a wide one and stand behind unseen ones …"""
_FIGURES = r"[+-]?[\d\s().,-]+"
"""… but for those that are wholly a number, a phone or a date."""


def write_files(job: Job, folder: Path) -> Rows:
    """Every table that the output shows; rows of each file as read back."""
    with job.opened() as con:
        found = each(con, job.tables, lambda own, name: _write_of(own, job, name, folder))
    return {name: rows for part in found for name, rows in part.items()}


def _write_of(con: duckdb.DuckDBPyConnection, job: Job, name: str, folder: Path) -> Rows:
    """One table of the version; where no legal entity's part is asked for, it has the rows that the manifest says.

    Its own file is taken where it is a single one.
    """
    entry = job.version.table(name)
    if entry is None or job.target.legal_entity:
        return write_table(con, name, job.target, folder)
    whole = job.night.home.root / entry.files[0].path if len(entry.files) == 1 else None
    return write_table(con, name, job.target, folder, whole, entry.rows)


def write_table(
    con: duckdb.DuckDBPyConnection, name: str, target: Publication, folder: Path, whole: Path | None = None,
    given: int | None = None,
) -> Rows:  # fmt: skip
    """One table, if the output shows any of its columns; copied from its `whole` file if that is what is shown.

    It must have the rows `given`, or as many as are asked for.
    """
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
    given = scalar(con, f"SELECT count(*) FROM ({table.query})") if given is None else given
    assert_read_back(f"{target.name}, {path.name}", given, rows)
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
    formula = f"regexp_matches({cell}, '{TEMPTING}') AND NOT regexp_full_match({cell}, '{_FIGURES}')"
    return f"CASE WHEN {formula} THEN concat(chr(39), {cell}) ELSE {cell} END AS {cell}"
