"""What a connector needs beside its file: a private folder, and a DuckDB that reads nothing else.

Here: both, removed when they are left. Not here: what is read.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from store.duck import quote

MEMORY = "4GB"


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that only its owner may enter, removed with all it holds even after an error."""
    with tempfile.TemporaryDirectory(prefix="registry_") as folder:
        yield Path(folder)


@contextmanager
def duckdb_for(*readable: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that reaches the files `readable` and no other; it spills into a private folder."""
    paths = ", ".join(quote(str(path)) for path in readable)
    with private_folder() as folder, duckdb.connect(":memory:") as con:
        con.execute(f"SET temp_directory = {quote(str(folder))}")
        con.execute(f"SET memory_limit = '{MEMORY}'")
        con.execute(f"SET allowed_paths = [{paths}]")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        yield con
