"""Opening a version to be asked: its tables as views, and the keys of their records.

Here: the one way to read what was promoted. Not here: which version is live (versions), what is asked.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from store import keymap, versions
from store.duck import connect
from store.home import Home
from store.manifest import Manifest


@contextmanager
def opened(
    home: Home,
    tables: Iterable[str] | None = None,
    of: Manifest | None = None,
    folders: Sequence[Path] = (),
    memory: str = "4GB",
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with all or some tables of a version, by default the live one, and `key_map`.

    It may read and write `folders` besides the home. Spills go to the cache: a night's sweep leaves it alone.
    """
    found = of or versions.manifest(home)
    with connect([home.root, *folders], home.prepare().cache, memory) as con:
        keymap.attach(con, home)
        versions.attach(con, home, found, tables)
        yield con
