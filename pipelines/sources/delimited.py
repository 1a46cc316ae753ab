"""Delimited text: CSV and TSV with a header line, read strictly as text.

Here: encoding, delimiter, quotes, ragged rows. Not here: types and names of columns (contract.py). DuckDB parses with
every column declared and nothing guessed; what it rejects comes back with a reason instead of being lost.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.sources.base import BAD_ROWS, Connector, Raw, Request, no_bad_rows, numbered
from pipelines.sources.contract import check_header
from pipelines.sources.files import file_error, read_files
from pipelines.sources.scratch import duckdb_for
from pipelines.sources.transcode import as_utf8

_FATAL = {
    "UNQUOTED VALUE": (
        "a quote is opened and not closed properly",
        'fix the file, or set read.quote: "" if quotes are plain text',
    ),
    "INVALID ENCODING": ("bytes that are not in the declared encoding", "declare read.encoding"),
    "LINE SIZE OVER MAXIMUM": ("a line is longer than 4 MB", "check read.delimiter and read.quote"),
}  # fmt: skip
_RAGGED = {"MISSING COLUMNS": "too few values in the row", "TOO MANY COLUMNS": "too many values in the row"}


def read(request: Request) -> Raw:
    """All files of a csv or tsv source; a ragged row is a bad row, a broken file a SourceError."""
    return read_files(request, _read_one)


def delimiter_of(request: Request) -> str:
    """The declared delimiter, else what the kind means."""
    return request.source.read.delimiter or ("\t" if request.source.kind == "tsv" else ",")


def _read_one(request: Request, path: Path) -> Raw:
    with as_utf8(request, path) as plain:
        with _parsed(request, plain, _header(request, plain, path), path) as con:
            bad = _rejected(request, con, path)
            frame = con.sql("SELECT * FROM good").pl()
            inside = _line_breaks_inside(con, frame)
        _check_end(request, plain, path, bad)
        _check_all_lines(request, plain, path, frame.height + bad.height + inside)
    return numbered(frame, bad)


def _header(request: Request, plain: Path, path: Path) -> list[str]:
    with plain.open("rb") as file:
        first = file.readline(4_000_000)
    if not first.strip():
        raise file_error(request, path, "the first line must hold the column names", "deliver the file with a header")
    try:
        line = first.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise file_error(request, path, *_FATAL["INVALID ENCODING"]) from None
    quote = request.source.read.quote
    style: dict[str, Any] = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    try:
        names = next(csv.reader([line], delimiter=delimiter_of(request), **style))
    except csv.Error:
        raise file_error(request, path, "the first line is no header", "check read.delimiter and read.quote") from None
    names = [name.strip() for name in names]
    check_header(request, f"{request.place}, file {path.name}", names)
    return names


@contextmanager
def _parsed(
    request: Request, plain: Path, header: list[str], path: Path
) -> Iterator[duckdb.DuckDBPyConnection]:  # fmt: skip
    try:
        with duckdb_for(plain) as con:
            con.execute(_statement(request, header), [str(plain)])
            yield con
    except duckdb.Error as error:
        raise file_error(request, path, _parser_says(error), "check read.delimiter, quote and encoding") from None


def _parser_says(error: duckdb.Error) -> str:
    """The parser's own text may quote the line it failed on, so only the kind of failure is told."""
    if "unterminated quote" in str(error).lower():
        return _FATAL["UNQUOTED VALUE"][0]
    return f"not readable as declared ({type(error).__name__})"


def _statement(request: Request, header: list[str]) -> str:
    columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in header)
    quote = _text(request.source.read.quote)
    return f"""CREATE TEMP TABLE good AS SELECT * FROM read_csv(?, columns = {{{columns}}}, auto_detect = false,
        header = true, delim = {_text(delimiter_of(request))}, quote = {quote}, escape = {quote},
        compression = 'none', strict_mode = true, null_padding = false, store_rejects = true,
        rejects_limit = 0, max_line_size = 4000000)"""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _rejected(request: Request, con: duckdb.DuckDBPyConnection, path: Path) -> pl.DataFrame:
    """Rows the parser refused: raggedness is theirs alone, anything else means that the file is broken."""
    kinds = [kind for (kind,) in con.execute("SELECT DISTINCT error_type::VARCHAR FROM reject_errors").fetchall()]
    for kind in sorted(kinds):
        if kind not in _RAGGED:
            raise file_error(request, path, *_FATAL.get(kind, (f"not readable as declared ({kind.lower()})", "")))
    if not kinds:
        return no_bad_rows()
    query = """SELECT CAST(max(line) - 2 AS BIGINT) AS row, 'ragged_row' AS rule, min(error_type::VARCHAR) AS kind
        FROM reject_errors GROUP BY line_byte_position ORDER BY row"""
    found: pl.DataFrame = con.sql(query).pl()
    return found.select("row", "rule", pl.col("kind").replace(_RAGGED).alias("reason")).cast(BAD_ROWS)


def _check_end(request: Request, plain: Path, path: Path, bad: pl.DataFrame) -> None:
    """A last row that is too short and has no line end is a transfer that broke off."""
    with plain.open("rb") as file:
        file.seek(-1, 2)
        ended = file.read() in (b"\n", b"\r")
    short_last = bad.filter(pl.col("row") == pl.col("row").max(), pl.col("reason") == _RAGGED["MISSING COLUMNS"])
    if not ended and short_last.height:
        raise file_error(request, path, "the file is truncated in its last row", "ask for the delivery again")


def _line_breaks_inside(con: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> int:
    """Line breaks that belong to values, of good and of rejected rows."""
    good = frame.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True).fill_null(0)).sum()).item()
    query = """SELECT coalesce(sum(length(csv_line) - length(replace(csv_line, chr(10), ''))), 0)
        FROM (SELECT DISTINCT line_byte_position, csv_line FROM reject_errors)"""
    return int(good or 0) + int(con.execute(query).fetchall()[0][0])


def _check_all_lines(request: Request, plain: Path, path: Path, accounted: int) -> None:
    """Every line is a row, part of a value, blank or the header; the parser drops lines when their ends are mixed."""
    with plain.open("rb") as file:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 22), b""))
        if lines > accounted + 1:
            file.seek(0)
            lines -= sum(not line.strip() for line in file)
    if lines > accounted + 1:
        raise file_error(request, path, "lines were left over after parsing", "deliver one kind of line end only")


CONNECTOR = Connector(("csv", "tsv"), read)
