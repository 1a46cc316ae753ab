"""Bounds of a raw snapshot: enough rows, not too many, no sudden drop, a key in every row.

Here: plain arguments that a source's contract declares. Not here: column names and types, which the reader refuses
before a snapshot exists, or duplicate keys, of which standardisation quarantines every copy.
"""

import duckdb
import polars as pl

from quality.checks.rules import METRICS
from store.duck import identifier


def count_raw(
    con: duckdb.DuckDBPyConnection,
    table: str,
    *,
    name: str,
    key: str,
    min_rows: int | None = None,
    max_rows: int | None = None,
    max_drop: float | None = None,
    previous_rows: int | None = None,
) -> pl.DataFrame:
    """Check the snapshot `table` of source `name`; columns as METRICS, the table shown as `raw_<name>`.

    `max_drop` is a share (0.3 = 30 %) of `previous_rows`. Bounds block; rows without a key, or with one that another
    row has, only warn: they go to quarantine. For a bound, `violations` is by how many rows it is missed.
    """
    rows, keyed, distinct = _sizes(con, table, key)
    floor = _drop_floor(max_drop, previous_rows)
    found = [
        ("min rows", max(0, (min_rows or 0) - rows), True),
        ("max rows", max(0, rows - max_rows) if max_rows is not None else 0, True),
        ("max drop", max(0, floor - rows), True),
        ("key not null", rows - keyed, False),
        ("key unique", keyed - distinct, False),
    ]
    return pl.DataFrame([(f"raw_{name}", rule, rows, n, b) for rule, n, b in found], METRICS, orient="row")


def _sizes(con: duckdb.DuckDBPyConnection, table: str, key: str) -> tuple[int, int, int]:
    """Rows, rows with a key, distinct keys."""
    query = f"SELECT count(*), count({identifier(key)}), count(DISTINCT {identifier(key)}) FROM {identifier(table)}"
    rows, keyed, distinct = con.execute(query).fetchall()[0]
    return rows, keyed, distinct


def _drop_floor(max_drop: float | None, previous_rows: int | None) -> int:
    """Fewest rows that a drop of at most `max_drop` allows; counted in whole parts per million, not in floats."""
    if max_drop is None or previous_rows is None:
        return 0
    kept = 1_000_000 - round(max_drop * 1_000_000)
    return -(-previous_rows * kept // 1_000_000)
