"""A few rows that no source should deliver, so that quarantine and flags have something to show.

Here: rows without key, rows with a key used twice, impossible dates. Not here: ordinary errors (noise.py).
"""

from datetime import date

import polars as pl

BIRTH = {"core": "birth_date", "crm": "date_of_birth", "cards": "birth", "loans": "birth_date",
         "leads": "date_of_birth", "companies": "registered"}  # fmt: skip
EVERY = 2_500
"""Parties of the bank per bad row of each kind."""


def with_faults(rows: pl.DataFrame, source: str, key: str, parties: int) -> pl.DataFrame:
    """Add rows without key and rows whose key is taken, and spoil some dates."""
    count = max(1, parties // EVERY)
    spoiled = _spoil(rows, BIRTH[source], rows.get_column(key).gather_every(5, 3).head(count), key)
    nameless = rows.gather_every(7, 1).head(count).with_columns(pl.lit(None, dtype=rows.schema[key]).alias(key))
    taken = rows.gather_every(11, 2).head(count)
    return pl.concat([spoiled, taken, nameless])


def _spoil(rows: pl.DataFrame, column: str, keys: pl.Series, key: str) -> pl.DataFrame:
    impossible = pl.lit(date(2999, 12, 31)) if rows.schema[column] == pl.Date else pl.lit("31.02.1985")
    return rows.with_columns(
        pl.when(pl.col(key).is_in(keys.implode())).then(impossible).otherwise(column).alias(column)
    )
