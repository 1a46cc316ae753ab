"""Raw snapshots of feeds, and of sources whose map fills child units → `std_feed` and the `std_` tables of children.

Here: composition; every night computes them wholly, from its snapshots alone, and stages what differs from its parent.
Not here: their standard form (quality/children), client numbers (stages/view).
"""

import duckdb
import polars as pl

from quality.children import feed_rows, mapped_units, standard_units
from rules.contracts.children import FEEDS
from rules.feeds import Feed
from rules.sources import Source
from stages.night import Night
from store import snapshots


def standardise_feeds(night: Night) -> dict[str, int]:
    """Stage the child rows of everything delivered; return the row counts of all tables together."""
    total = dict.fromkeys(FEEDS, 0)
    with night.open() as con:
        for source in filter(mapped_units, night.settings.delivered):
            for table, rows in _stage(con, night, source).items():
                total[table] += rows
    made = {table: rows for table, rows in total.items() if rows}
    with night.open(*made) as con:
        night.save(con, *made)
    return made


def _stage(con: duckdb.DuckDBPyConnection, night: Night, source: Source) -> dict[str, int]:
    usable, refused = snapshots.read(night.home, source.series, night.business_date)
    units = standard_units(source, usable, night.business_date) if usable.height else ()
    frames: dict[str, pl.DataFrame] = dict(units)
    if isinstance(source, Feed):
        frames["std_feed"] = feed_rows(source, usable, refused)
    for table, frame in frames.items():
        con.register(table, frame.to_arrow())
    return night.save_part(con, source.name, *frames)
