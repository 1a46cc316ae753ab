"""Parquet files: typed columns, checked against the contract later.

Here: reading. Not here: types (contract.py).
"""

from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from pipelines.sources.base import Connector, Raw, Request, numbered
from pipelines.sources.contract import check_most
from pipelines.sources.files import file_error, read_files


def read(request: Request) -> Raw:
    """All files of a parquet source; a damaged or truncated file is a SourceError."""
    return read_files(request, _read_one)


def rows_of(path: Path) -> int:
    """Rows that the footer declares, before any of them is read."""
    return int(pl.scan_parquet(path, glob=False, hive_partitioning=False).select(pl.len()).collect().item())


def _read_one(request: Request, path: Path) -> Raw:
    try:
        check_most(request, rows_of(path))
        return numbered(pl.read_parquet(path, use_pyarrow=False, glob=False, hive_partitioning=False))
    except (PolarsError, OSError) as error:
        problem = f"not a whole Parquet file ({type(error).__name__})"
        raise file_error(request, path, problem, "ask for the delivery again") from None


CONNECTOR = Connector(("parquet",), read)
