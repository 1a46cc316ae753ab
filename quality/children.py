"""Snapshot rows of a feed, or of a source → standard rows of the child units that its map fills.

Here: texts to the types of the declared tables, and which fields could not be read. Not here: moving columns to fields
(mapping), client numbers (client_view). A value that cannot be read is left empty and its field named in `problems`;
the text stays in the snapshot.
"""

from collections.abc import Callable, Iterator, Mapping

import dataframely as dy
import polars as pl

from quality.listed import with_name_keys
from quality.mapping import date_formats, unit_frame
from quality.standardise.codes import standardise_booleans, standardise_country, standardise_decimals
from quality.standardise.dates import standardise_dates, standardise_times
from rules.contracts import children
from rules.feeds import Feed, SourceColumn
from rules.source_map import CHILD_UNITS, DateFormat
from rules.sources import Source
from store.snapshots import GONE

_JOIN = "|"
_COUNTRY, _CODES = "country", ("currency",)


def mapped_units(source: Source) -> tuple[str, ...]:
    """Child units that the map fills, in the order of their declaration."""
    return tuple(unit for unit in CHILD_UNITS if any(entry.target == unit for entry in source.map))


def feed_rows(feed: Feed, usable: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    """Rows of `std_feed`: every row of the snapshot with the record it names, or why no unit is made of it."""
    owner = owned(feed, usable).select("row", "item", "source", "record_id", GONE)
    nobody = (pl.col("record_id").is_null() | pl.col("source").is_null()) & pl.lit(feed.of is not None)
    lacking = pl.when(nobody).then(pl.lit(f"{_JOIN.join(feed.columns_of_record)} names a record"))
    good = owner.select("row", "item", "source", "record_id", lacking.alias("refused"))
    bad = refused.select(
        "row", pl.col("record_id").alias("item"), pl.lit(_one_source(feed), pl.String).alias("source"),
        pl.lit(None, pl.String).alias("record_id"), pl.col("reason").alias("refused"),
    )  # fmt: skip
    return pl.concat([good, bad]).with_columns(pl.lit(feed.name).alias("feed"))


def owned(source: Source, usable: pl.DataFrame) -> pl.DataFrame:
    """Snapshot rows with `item`, and as `source` and `record_id` the record that the row is or belongs to."""
    rows = usable if GONE in usable.columns else usable.with_columns(pl.lit(None, pl.Date).alias(GONE))
    rows = rows.rename({"record_id": "item"})
    if not isinstance(source, Feed):
        return rows.with_columns(pl.lit(source.name).alias("source"), pl.col("item").alias("record_id"))
    parts = [pl.col(column).str.strip_chars() for column in source.record]
    named = pl.concat_str(parts, separator=_JOIN) if parts else pl.lit(None, pl.String)
    of = pl.col(source.of.column) if isinstance(source.of, SourceColumn) else pl.lit(source.of, pl.String)
    return rows.with_columns(of.alias("source"), named.alias("record_id"))


def _one_source(source: Source) -> str | None:
    """The source that every row of a delivery hangs on, if it is one."""
    of = getattr(source, "of", source.name)
    return of if isinstance(of, str) else None


def relation_ends(source: Source, usable: pl.DataFrame) -> pl.DataFrame:
    """(item, source, record_id): the records that snapshot rows name as the other end of a relation."""
    rows = owned(source, usable)
    ends = _with_defaults(source, unit_frame("relationship", source.map, rows)).join(
        rows.select("row", "item"), on="row"
    )
    return ends.select("item", source="other_source", record_id=pl.col("other_record").str.strip_chars())


def standard_units(source: Source, usable: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """(table, rows) of every child unit that `source` maps, in the columns of its contract."""
    rows = owned(source, usable)
    if not (isinstance(source, Feed) and source.of is None):
        rows = rows.filter(pl.col("record_id").is_not_null(), pl.col("source").is_not_null())
    link = rows.select("row", pl.lit(source.name).alias("feed"), "item", "source", "record_id", GONE)
    formats = date_formats(source)
    for unit in mapped_units(source):
        units = unit_frame(unit, source.map, rows)
        standard = _typed(unit, _with_defaults(source, units), formats)
        whole = pl.concat([units.select("row", "ordinal"), standard], how="horizontal").join(
            link, on="row", how="inner", maintain_order="left"
        )
        keyed = with_name_keys(whole) if unit == "listed" else whole
        table = f"std_{unit}"
        yield table, _ended(source, keyed).select(children.FEEDS[table].column_names())


def _with_defaults(source: Source, units: pl.DataFrame) -> pl.DataFrame:
    """The feed's own legal entity, and the record's own source for the other end of a relation."""
    own = {"legal_entity": source.legal_entity, "other_source": _one_source(source)}
    filled = [pl.col(name).fill_null(pl.lit(value, pl.String)) for name, value in own.items() if name in units.columns]
    return units.with_columns(filled)


def _typed(unit: str, units: pl.DataFrame, formats: Mapping[str, DateFormat]) -> pl.DataFrame:
    """The unit's fields in their declared types, and `problems`."""
    words, typed, problems = children.words(unit), {}, []
    for name, column in children.fields(unit).items():
        shape = formats.get(f"{unit}.{name}")
        typed[name] = _as(name, column, units[name], shape, words.get(name))
        lost = units[name].is_not_null() & typed[name].is_null()
        odd = ~typed[name].is_in(words[name]) if name in words else lost
        problems.append(pl.DataFrame({name: lost | odd.fill_null(False)}))
    broken = pl.concat(problems, how="horizontal").select(sorted(typed))
    named = [pl.when(pl.col(name)).then(pl.lit(name)) for name in broken.columns]
    told = broken.select(pl.concat_str(named, separator=",", ignore_nulls=True).alias("problems"))["problems"]
    return pl.DataFrame({**typed, "problems": told.replace("", None)})


def _as(
    name: str, column: dy.Column, values: pl.Series, shape: DateFormat | None, words: tuple[str, ...] | None
) -> pl.Series:
    if isinstance(column, dy.Date):
        formats, pivot = (shape.formats, shape.pivot) if shape else ((), None)
        return standardise_dates(values, formats, pivot, "event")["standard"]
    if isinstance(column, dy.Datetime):
        return standardise_times(values, shape)
    if isinstance(column, dy.Decimal):
        return standardise_decimals(values, scale=column.scale or 0)["standard"]
    if isinstance(column, dy.Bool):
        return _of_distinct(values, standardise_booleans)
    if isinstance(column, dy.Int32):
        return values.cast(pl.Int32, strict=False)
    if name == _COUNTRY:
        return _of_distinct(values, standardise_country)
    text = values.str.strip_chars()
    return text.str.to_uppercase() if name in _CODES else text.str.to_lowercase() if words else text


def _of_distinct(values: pl.Series, standardise: Callable[[pl.Series], pl.DataFrame]) -> pl.Series:
    distinct = values.drop_nulls().unique().sort()
    standard = standardise(distinct)["standard"]
    return values.replace_strict(distinct, standard, default=None, return_dtype=standard.dtype)


def _ended(source: Source, units: pl.DataFrame) -> pl.DataFrame:
    """What the feed no longer delivers is over since then, where the feed says so (`when_gone: close`)."""
    if source.when_gone != "close":
        return units
    gone = pl.col(GONE).is_not_null()
    over = {"to_date": pl.coalesce("to_date", GONE) if "to_date" in units.columns else None}
    closed = pl.when(gone).then(pl.lit("closed")).otherwise("status") if "balance" in units.columns else None
    changes = [change.alias(name) for name, change in {**over, "status": closed}.items() if change is not None]
    return units.with_columns(changes)
