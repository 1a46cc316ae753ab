"""Tables of a promoted version as tests read them: through the view that everybody reads."""

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
