"""JSON lines files: one object a line.

Here: files and broken lines. Not here: parsing (json_rows.py), types (contract.py).
"""

from pathlib import Path

import duckdb
from polars.exceptions import PolarsError

from pipelines.sources.base import Connector, Raw, Request
from pipelines.sources.files import file_error, read_files
from pipelines.sources.json_rows import from_lines
from pipelines.sources.transcode import as_utf8, check_end, line_blocks


def read(request: Request) -> Raw:
    """All files of a jsonl source; a line that is no object is a bad row, an unfinished last one fails the file."""
    return read_files(request, _read_one)


def _read_one(request: Request, path: Path) -> Raw:
    with as_utf8(request, path) as plain:
        try:
            raw = from_lines(line_blocks(request, plain, path))
        except (PolarsError, duckdb.Error) as error:
            problem = f"not readable as JSON ({type(error).__name__})"
            raise file_error(request, path, problem, "check the file") from None
        check_end(request, plain, path, raw)
    return raw


CONNECTOR = Connector(("jsonl",), read)
