"""JSON lines files: one object a line.

Here: files and broken lines. Not here: parsing (json_rows.py), types (contract.py).
"""

from pathlib import Path

import duckdb
import polars as pl
from polars.exceptions import PolarsError

from pipelines.sources.base import Connector, Raw, Request
from pipelines.sources.files import file_error, read_files
from pipelines.sources.json_rows import from_lines
from pipelines.sources.transcode import as_utf8, lines_of


def read(request: Request) -> Raw:
    """All files of a jsonl source; a line that is no object is a bad row, an unfinished last one fails the file."""
    return read_files(request, _read_one)


def _read_one(request: Request, path: Path) -> Raw:
    with as_utf8(request, path) as plain:
        lines, ended = lines_of(request, plain, path)
    try:
        raw = from_lines(lines)
    except (PolarsError, duckdb.Error) as error:
        raise file_error(request, path, f"not readable as JSON ({type(error).__name__})", "check the file") from None
    last = raw.bad_rows.filter(pl.col("row") == lines.height - 1)
    if last.height and not ended:
        raise file_error(request, path, "the file is truncated in its last row", "ask for the delivery again")
    return raw


CONNECTOR = Connector(("jsonl",), read)
