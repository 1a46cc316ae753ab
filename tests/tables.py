"""Tables as tests read and fill them: of a promoted version through the view that everybody reads, or none at first."""

import itertools
import weakref

import duckdb
import polars as pl

from store import versions
from store.home import Home


def table(home: Home, name: str, version: int | None = None) -> pl.DataFrame:
    """Rows of a table of `version`, by default the live one, in a total order."""
    with duckdb.connect() as con:
        versions.attach(con, home, versions.manifest(home, version), [name])
        found: pl.DataFrame = con.sql(f"FROM {name} ORDER BY ALL").pl()
    return found


_IDLE: list[duckdb.DuckDBPyConnection] = []
_NUMBERS = itertools.count(1)


def blank() -> duckdb.DuckDBPyConnection:
    """An empty database of one thread; instances, which take 35 ms, are used again when nobody holds their database."""
    instance = _IDLE.pop() if _IDLE else duckdb.connect(config={"threads": 1})
    con, database = instance.cursor(), f"blank_{next(_NUMBERS)}"
    con.execute(f"ATTACH ':memory:' AS {database}")
    con.execute(f"USE {database}")
    weakref.finalize(con, _put_back, instance, database)
    return con


def _put_back(instance: duckdb.DuckDBPyConnection, database: str) -> None:
    instance.execute(f"DETACH {database}")
    _IDLE.append(instance)
