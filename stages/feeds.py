"""Raw snapshots of feeds, and of sources whose map fills child units → `std_feed` and the `std_` tables of children.

Here: composition, and which rows a night maps: those that its parent's snapshots have not. A child row is made of its
raw row and of what is declared, so the others are as the parent has them. Not here: their standard form
(quality/children), client numbers (stages/view).
"""

import duckdb
import polars as pl

from quality.children import feed_rows, mapped_units, standard_units
from rules.contracts.children import FEEDS
from rules.feeds import Feed
from rules.sources import Source
from stages import staged
from stages.changed import changed_rows
from stages.night import Night
from store import snapshots

_UNITS = tuple(name for name in FEEDS if name != "std_feed")


def standardise_feeds(night: Night) -> dict[str, int]:
    """Stage the child rows of everything delivered that the parent has not; how many are new in each table."""
    total, everything = dict.fromkeys(FEEDS, 0), bool(night.plan.standard)
    with night.open(parent=() if everything else _UNITS) as con:
        con.execute("CREATE TEMP TABLE item_lost (unit VARCHAR, feed VARCHAR, item VARCHAR)")
        for source in filter(mapped_units, night.settings.delivered):
            for table, rows in _stage(con, night, source).items():
                total[table] += rows
        for table in () if everything else _UNITS:
            staged.write_lost(con, night, table, f"(SELECT feed, item FROM item_lost WHERE unit = '{table}')")
    made = {table: rows for table, rows in total.items() if rows}
    whole = tuple(made) if everything else ("std_feed",)
    with night.open(*whole) as con:
        night.save(con, *whole)
    return made


def _stage(con: duckdb.DuckDBPyConnection, night: Night, source: Source) -> dict[str, int]:
    """One source's new rows, and in `item_lost` the keys of those that the parent's tables lose."""
    rows = snapshots.scan(night.home, source.series, night.business_date)
    known = changed_rows(con, night, source)
    wanted = pl.col("record_id").is_in(con.sql("FROM changed").pl()["record_id"].implode()) if known else True
    new = rows.filter(wanted).collect()
    for unit in () if night.plan.standard else mapped_units(source):
        lost = "SELECT record_id AS item FROM changed" if known else f"SELECT DISTINCT item FROM parent_std_{unit}"
        of = "" if known else f"WHERE feed = '{source.name}'"
        con.execute(f"INSERT INTO item_lost SELECT 'std_{unit}', '{source.name}', item FROM ({lost} {of})")
    frames: dict[str, pl.DataFrame] = dict(standard_units(source, new)) if new.height else {}
    if isinstance(source, Feed):
        refused = snapshots.read_refused(night.home, source.series, night.business_date)
        frames["std_feed"] = feed_rows(source, naming(night, source), refused)
    for table, frame in frames.items():
        con.register(table, frame.to_arrow())
    return night.save_part(con, source.name, *frames)


def naming(night: Night, source: Source) -> pl.DataFrame:
    """The source's usable rows in the columns that say which records they hang on."""
    rows = snapshots.scan(night.home, source.series, night.business_date)
    of = source.columns_of_record if isinstance(source, Feed) else ()
    wanted = {"row", "record_id", snapshots.GONE, *of}
    return rows.select(name for name in rows.collect_schema().names() if name in wanted).collect()
