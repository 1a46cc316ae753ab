"""What a connector needs beside its file: a private folder, and a DuckDB that reads nothing else.

Here: both, removed when they are left. Not here: what is read.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from rules.errors import StoreError
from store.duck import quote

MEMORY = "4GB"
BLOCK = 32 << 20
"""How much text is worked on at once: a source may be larger than memory."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that only its owner may enter, removed with all it holds even after an error."""
    with tempfile.TemporaryDirectory(prefix="registry_") as folder:
        yield Path(folder)


@contextmanager
def duckdb_for(*readable: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that reaches the files `readable` and no other; it spills into a private folder.

    StoreError where its memory and the room for spilling do not suffice: that is no fault of the source.
    """
    try:
        with _opened(readable) as con:
            yield con
    except duckdb.OutOfMemoryException:  # its text may hold a statement's values
        problem = f"did not suffice for reading: memory {MEMORY}, and the free disk of {tempfile.gettempdir()}"
        raise StoreError("DuckDB", problem, "free disk there, or set TMPDIR to a folder with more") from None


@contextmanager
def _opened(readable: tuple[Path, ...]) -> Iterator[duckdb.DuckDBPyConnection]:
    paths = ", ".join(quote(str(path)) for path in readable)
    with private_folder() as folder, duckdb.connect(":memory:") as con:
        con.execute(f"SET temp_directory = {quote(str(folder))}")
        con.execute(f"SET memory_limit = '{MEMORY}'")
        con.execute(f"SET allowed_paths = [{paths}]")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        yield con
