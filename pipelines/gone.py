"""Records that a source no longer delivers, carried into tonight's snapshot (`when_gone` of the source).

Here: which rows are carried, and since when they are gone. Not here: what a gone record looks like in standard form
(quality/mapping), keeping snapshots (store/snapshots). A night, a full one and a replay then need tonight's snapshot
alone.
"""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import polars as pl

from pipelines.sources.snapshot import Snapshot, record_id
from rules.sources import Source
from store.snapshots import GONE

_DATE = pl.lit(None, pl.Date).alias(GONE)


class Carried(NamedTuple):
    """Tonight's snapshot with the carried rows, and how many gone rows could not be carried."""

    taken: Snapshot
    left_behind: int


def delivered(kept: Snapshot) -> Snapshot:
    """A kept snapshot without what was carried into it: what the source itself said."""
    if GONE not in kept.frame.columns:
        return kept
    return Snapshot(kept.frame.filter(pl.col(GONE).is_null()).drop(GONE), kept.quarantine, kept.cleaned)


def carry(source: Source, last: pl.DataFrame | None, taken: Snapshot, day: date) -> Carried:
    """Lay beside the rows of `taken` those of `last` whose key is not delivered, neither usable nor quarantined.

    `last` holds the rows of the last good snapshot, its own carried ones too; their `gone_since` stays. A record that
    comes back is delivered, so it loses its `gone_since`. `remove` leaves all of them out.
    """
    frame = taken.frame.with_columns(_DATE)
    if last is None or source.when_gone == "remove":
        return Carried(replace(taken, frame=frame), 0)
    known = _as_declared(source, last)
    keys = pl.concat([taken.frame.select("record_id"), taken.quarantine.select("record_id")]).drop_nulls()
    if known is None:
        return Carried(replace(taken, frame=frame), last.join(keys, on="record_id", how="anti").height)
    gone = known.join(keys, on="record_id", how="anti").with_columns(pl.col(GONE).fill_null(pl.lit(day)))
    used = pl.concat([frame.get_column("row"), taken.quarantine.get_column("row")]).max()
    place = pl.int_range(pl.len(), dtype=pl.Int64) + pl.lit(used, pl.Int64).fill_null(-1) + 1
    placed = gone.sort("record_id").with_columns(place.alias("row"))
    both = pl.concat([frame, placed.select(frame.columns)]).sort("record_id")
    return Carried(replace(taken, frame=both), last.height - known.height)


def _as_declared(source: Source, last: pl.DataFrame) -> pl.DataFrame | None:
    """The rows under tonight's declaration; None where they lack one of its columns or hold another type.

    Their key is made anew: under another key the old one would name nobody, and every client would be gone. Of rows
    that share the new key none can be carried.
    """
    lists = {name for name, declared in source.contract.columns.items() if declared.kind == "list"}
    held = {name: isinstance(kind, pl.List) for name, kind in last.schema.items()}
    if any(held.get(name) != (name in lists) for name in source.contract.columns):
        return None
    since = last.get_column(GONE) if GONE in last.columns else pl.Series(GONE, [None] * last.height, pl.Date)
    columns = [name for name in source.contract.columns if name != "record_id"]
    keyed = last.with_columns(record_id(source.read.key).alias("record_id"), since)
    fitting = keyed.filter(pl.col("record_id").is_not_null() & ~pl.col("record_id").is_duplicated())
    return fitting.select("row", "record_id", *columns, GONE)
