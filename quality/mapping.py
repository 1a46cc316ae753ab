"""Raw snapshot → canonical raw frames: each declared map entry applied as polars expressions.

Here: moving values to their canonical fields, value maps, constants, lists in cells, several columns into one. Not
here: making a value right (quality.standardise) - every value stays the source's text, dates with their formats
alongside.
"""

from collections import defaultdict
from dataclasses import dataclass

import dataframely as dy
import polars as pl

from rules.contracts import children
from rules.contracts.columns import PARTY_TYPES
from rules.source_map import (
    CHILD_UNITS,
    DATE_FIELDS,
    DEFAULT_KIND,
    NEEDED,
    PARTY_UNITS,
    RECORD_FIELDS,
    UNITS,
    DateFormat,
    MapEntry,
    Term,
)
from rules.sources import ISO_DATE, ISO_DATETIME, Source
from store.snapshots import GONE

_LABELS = {"kind", "type", "order", "script", "preferred", "from_date", "to_date"}
_DATETIMES = {
    "created_at", "updated_at",
    *(name for unit in CHILD_UNITS for name, column in children.fields(unit).items()
      if isinstance(column, dy.Datetime)),
}  # fmt: skip
CLOSED = {"status": "closed", "roles": "former"}
"""What a record says of itself once its source no longer has it (`when_gone: close`)."""
QUARANTINE = pl.Schema({"row": pl.Int64, "rule": pl.String, "reason": pl.String})


@dataclass(frozen=True)
class Mapped:
    """Canonical raw frames of one snapshot, joined by `row`; quarantined rows stand in no other frame.

    `date_formats` is keyed "<frame>.<field>", e.g. "records.birth_date", "identifiers.issued_on".
    """

    records: pl.DataFrame
    names: pl.DataFrame
    identifiers: pl.DataFrame
    addresses: pl.DataFrame
    contacts: pl.DataFrame
    date_formats: dict[str, DateFormat]
    quarantine: pl.DataFrame


def map_snapshot(source: Source, rows: pl.DataFrame) -> Mapped:
    """Apply `source.map` to snapshot rows (`row`, `record_id` and the declared columns, all text)."""
    everyone = _records(source, rows)
    refused = everyone.filter(pl.col("party_type").is_in(PARTY_TYPES).fill_null(False).not_())
    records = everyone.filter(pl.col("party_type").is_in(PARTY_TYPES))
    kept = rows.join(records.select("row"), on="row", how="semi", maintain_order="left") if refused.height else rows
    units = {target: unit_frame(target, source.map, kept) for target in PARTY_UNITS}
    party_types = records.select("row", "party_type")
    names = units["name"].join(party_types, on="row", how="left", maintain_order="left")
    return Mapped(
        records=records,
        names=names,
        identifiers=units["identifier"],
        addresses=units["address"],
        contacts=units["contact"],
        date_formats=date_formats(source),
        quarantine=_quarantine(refused),
    )


def date_formats(source: Source) -> dict[str, DateFormat]:
    """Formats of every mapped date field: the entry's own, else those of its columns, else ISO."""
    found: dict[str, list[DateFormat]] = defaultdict(list)
    for entry in source.map:
        for field, term in entry.fields.items():
            if field in DATE_FIELDS:
                found[f"{entry.frame}.{field}"].append(_format_of(source, entry, field, term))
    return {place: _union(formats) for place, formats in found.items()}


def _format_of(source: Source, entry: MapEntry, field: str, term: Term) -> DateFormat:
    if entry.date:
        return entry.date
    declared = next((found for column in term.columns if (found := source.date_of(column))), None)
    return declared or DateFormat(formats=ISO_DATETIME if field in _DATETIMES else ISO_DATE)


def _union(formats: list[DateFormat]) -> DateFormat:
    every = tuple(dict.fromkeys(text for one in formats for text in one.formats))
    return DateFormat(formats=every, pivot=next((one.pivot for one in formats if one.pivot), None))


def _records(source: Source, rows: pl.DataFrame) -> pl.DataFrame:
    """One row per record; when two entries name the same field the first with a value wins."""
    values: dict[str, list[pl.Expr]] = defaultdict(list)
    for entry in source.map:
        if entry.target in RECORD_FIELDS:
            values[entry.target].append(_scalar(entry.fields[entry.target], rows, entry.target in DATE_FIELDS))
    values["legal_entity"].append(pl.lit(source.legal_entity, pl.String))
    fields = [
        pl.coalesce(values[field]).alias(field) if field in values else pl.lit(None, pl.String).alias(field)
        for field in RECORD_FIELDS
    ]
    return _closed(rows.select("row", "record_id", *fields, *_gone(source, rows)))


def _gone(source: Source, rows: pl.DataFrame) -> list[pl.Expr]:
    """Whether the source has lost the record and says that it is closed then."""
    gone = pl.col(GONE).is_not_null() if source.when_gone == "close" and GONE in rows.columns else pl.lit(False)
    return [gone.alias("_gone")]


def _closed(records: pl.DataFrame) -> pl.DataFrame:
    """A gone record is closed and its client a former one, whatever the source said last; the rest of it stays."""
    values = [pl.when("_gone").then(pl.lit(word)).otherwise(field).alias(field) for field, word in CLOSED.items()]
    return records.with_columns(values).drop("_gone")


def unit_frame(target: str, entries: tuple[MapEntry, ...], rows: pl.DataFrame) -> pl.DataFrame:
    """All units of one kind, one row each, numbered from 0 in mapping order within a record."""
    fields = UNITS[target]
    parts = [
        _unit(entry, rows).with_columns(pl.lit(place, pl.Int32).alias("_entry"))
        for place, entry in enumerate(entries)
        if entry.target == target
    ]
    schema = {"row": pl.Int64, **dict.fromkeys(fields, pl.String), "_item": pl.Int32, "_entry": pl.Int32}
    stacked = pl.concat([pl.DataFrame(schema=schema), *parts]).sort("row", "_entry", "_item", maintain_order=True)
    return stacked.with_columns(_place_in_row().alias("ordinal")).select("row", "ordinal", *fields)


def _place_in_row() -> pl.Expr:
    """Place within the run of equal `row`; a window function over a sorted column costs thirty times as much."""
    place = pl.int_range(pl.len(), dtype=pl.Int32)
    starts = pl.when(pl.col("row").ne_missing(pl.col("row").shift())).then(place)
    return place - starts.forward_fill()


def _unit(entry: MapEntry, rows: pl.DataFrame) -> pl.DataFrame:
    listed = [field for field, term in entry.fields.items() if _is_list(term, rows)]
    lists = [_listed(entry.fields[field], rows).alias(field) for field in listed]
    plain = [
        _scalar(term, rows, field in DATE_FIELDS).alias(field)
        for field, term in entry.fields.items()
        if field not in listed
    ]
    frame = rows.select("row", *plain, *lists)
    if listed:
        numbers = pl.int_ranges(pl.col(listed[0]).list.len(), dtype=pl.Int32).alias("_item")
        frame = frame.with_columns(numbers).explode([*listed, "_item"])
        mapped = [_mapped(pl.col(field).str.strip_chars(), entry.fields[field]).alias(field) for field in listed]
        frame = frame.with_columns(mapped)
    frame = frame.filter(_has_value(entry))
    return _complete(entry.target, frame)


def _complete(target: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the unit's unmapped fields as nulls and a default kind where the source gave none."""
    missing = [pl.lit(None, pl.String).alias(field) for field in UNITS[target] if field not in frame.columns]
    if "_item" not in frame.columns:
        missing.append(pl.lit(0, pl.Int32).alias("_item"))
    frame = frame.with_columns(missing)
    if target in DEFAULT_KIND:
        frame = frame.with_columns(pl.col("kind").fill_null(DEFAULT_KIND[target]))
    return frame.select("row", *UNITS[target], pl.col("_item").fill_null(0).cast(pl.Int32))


def _has_value(entry: MapEntry) -> pl.Expr:
    """A unit is there when a field that says something - no label, no constant - has a value.

    A country is a label where something else is needed: its column is filled also in rows without a number.
    """
    labels = _LABELS | ({"country"} - set(NEEDED.get(entry.target, ("country",))))
    said = [f for f, term in entry.fields.items() if f not in labels and term.constant is None]
    return pl.any_horizontal([pl.col(field).is_not_null() for field in said] or [pl.lit(False)])


def _is_list(term: Term, rows: pl.DataFrame) -> bool:
    return term.split is not None or any(isinstance(rows.schema[column], pl.List) for column in term.columns)


def _listed(term: Term, rows: pl.DataFrame) -> pl.Expr:
    """A list expression; empty and missing cells become a list without values."""
    column = pl.col(term.columns[0])
    if not isinstance(rows.schema[term.columns[0]], pl.List):
        column = column.str.split(term.split or ";")
    cleaned = column.list.eval(pl.element().filter(pl.element().str.strip_chars() != ""))
    return cleaned.fill_null(pl.lit([], pl.List(pl.String)))


def _scalar(term: Term, rows: pl.DataFrame, dated: bool = False) -> pl.Expr:
    """One value of a term; in a date a missing column keeps its place ("1983--18"), or its neighbour would take it."""
    if term.constant is not None:
        return pl.lit(term.constant, pl.String)
    texts = [_text(column, rows) for column in term.columns]
    if len(texts) == 1:
        return _mapped(texts[0], term)
    parts = [text.fill_null("") for text in texts] if dated else texts
    joined = pl.concat_str(parts, separator=term.join, ignore_nulls=True)
    empty = pl.all_horizontal([text.is_null() for text in texts])
    return _mapped(pl.when(empty).then(pl.lit(None, pl.String)).otherwise(joined), term)


def _text(column: str, rows: pl.DataFrame) -> pl.Expr:
    """A cell as text; a list that goes to a single field is joined by commas."""
    if isinstance(rows.schema[column], pl.List):
        return pl.col(column).list.join(",")
    return pl.col(column)


def _mapped(value: pl.Expr, term: Term) -> pl.Expr:
    """Value map: an undeclared value takes the default; without one it is kept for the standardiser to flag."""
    if term.values is None:
        return value if term.default is None else value.fill_null(term.default)
    if term.default is not None:
        return value.replace_strict(term.values, default=term.default, return_dtype=pl.String)
    return value.replace(term.values)


def _quarantine(refused: pl.DataFrame) -> pl.DataFrame:
    missing = pl.col("party_type").is_null()
    reason = (
        pl.when(missing)
        .then(pl.lit("party_type has a value"))
        .otherwise(pl.lit("the value map of party_type gives one of " + ", ".join(PARTY_TYPES)))
    )
    return refused.select("row", pl.lit("party_type").alias("rule"), reason.alias("reason")).cast(QUARANTINE)
