"""Raw snapshots of feeds, and of sources whose map fills child units → `std_feed` and the `std_` tables of children.

Here: composition, and which rows a night maps: those that its parent's snapshots have not. A child row is made of its
raw row and of what is declared, so the others are as the parent has them. Not here: their standard form
(quality/children), client numbers (stages/view).
"""

import duckdb
import polars as pl

from quality.children import feed_rows, mapped_units, standard_units
from rules.contracts.children import FEEDS, OF_UNITS
from rules.feeds import Feed
from rules.sources import Source
from stages import staged
from stages.changed import changed_rows
from stages.night import Night
from store import snapshots


def standardise_feeds(night: Night) -> dict[str, int]:
    """Stage the child rows of everything delivered that the parent has not; how many are new in each table."""
    total, everything = dict.fromkeys(FEEDS, 0), bool(night.plan.standard)
    with night.open(parent=() if everything else OF_UNITS) as con:
        con.execute("CREATE TEMP TABLE item_lost (unit VARCHAR, feed VARCHAR, item VARCHAR)")
        for source in filter(mapped_units, night.settings.delivered):
            for table, rows in _stage(con, night, source).items():
                total[table] += rows
        for table in () if everything else OF_UNITS:
            staged.write_lost(con, night, table, f"(SELECT feed, item FROM item_lost WHERE unit = '{table}')")
    made = {table: rows for table, rows in total.items() if rows}
    whole = tuple(made) if everything else ("std_feed",)
    with night.open(*whole) as con:
        night.save(con, *whole)
    return made


def _stage(con: duckdb.DuckDBPyConnection, night: Night, source: Source) -> dict[str, int]:
    """One source's new rows, and in `item_lost` the keys of those that the parent's tables lose."""
    rows = snapshots.scan(night.home, source.series, night.business_date)
    names = naming(source, rows)
    con.register("delivered", names.to_arrow())
    known = changed_rows(con, night, source)
    if not night.plan.standard:
        _lose(con, source, known)
    new = snapshots.of_records(rows, con.sql("FROM changed").pl())
    frames: dict[str, pl.DataFrame] = dict(standard_units(source, new)) if new.height else {}
    if isinstance(source, Feed):
        refused = snapshots.read_refused(night.home, source.series, night.business_date)
        frames["std_feed"] = feed_rows(source, names, refused)
    for table, frame in frames.items():
        con.register(table, frame.to_arrow())
    return night.save_part(con, source.name, *frames)


def _lose(con: duckdb.DuckDBPyConnection, source: Source, known: bool) -> None:
    """What is changed, or all that the parent has of the source where that is not known."""
    for unit in mapped_units(source):
        all_of_it = f"SELECT DISTINCT item FROM parent_std_{unit} WHERE feed = '{source.name}'"
        items = "SELECT record_id AS item FROM changed" if known else all_of_it
        con.execute(f"INSERT INTO item_lost SELECT 'std_{unit}', '{source.name}', item FROM ({items})")


def naming(source: Source, rows: pl.LazyFrame) -> pl.DataFrame:
    """A snapshot's rows in the columns that say which records they hang on."""
    of = source.columns_of_record if isinstance(source, Feed) else ()
    wanted = {"row", "record_id", snapshots.GONE, *of}
    return rows.select(name for name in rows.collect_schema().names() if name in wanted).collect()
