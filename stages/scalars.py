"""Scalar fields of a record: which standardiser each has, and the raw-against-standard table beside them.

Here: the declared list. Not here: any standard form.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

import polars as pl

from quality.standardise import codes
from quality.standardise.dates import standardise_dates, standardise_times
from quality.standardise.driver import Cache, remembered
from quality.standardise.written_dates import written_dates
from rules.contracts.standard import SCALARS
from rules.placeholders import Placeholders
from rules.source_map import DateFormat
from store.code import forms_version

Standardiser = Callable[[pl.Series], pl.DataFrame]

CODED: Mapping[str, Standardiser] = {
    "sex": codes.standardise_sex,
    "residence_country": codes.standardise_country,
    "country": codes.standardise_country,
    "language": codes.standardise_language,
    "roles": codes.standardise_roles,
    "pep": codes.standardise_booleans,
    "marital_status": codes.standardise_passthrough,
    "education": codes.standardise_passthrough,
    "life_status": codes.standardise_passthrough,
    "admin_level": codes.standardise_passthrough,
    "registered_capital": codes.standardise_decimals,
    "total_assets": codes.standardise_decimals,
    "birth_place": codes.standardise_passthrough,
    "occupation": codes.standardise_passthrough,
}
BIRTHS = ("birth_date", "registration_date")
EVENTS = ("death_date", "dissolution_date", "statement_date")
TIMES = ("created_at", "updated_at")
PLAIN = ("legal_entity", "branch", "party_type", "status", "photo_ref", "signature_ref", "legal_form", "activity_code")
_EMPTY = {"row": pl.Int64, "field": pl.String, "raw": pl.String, "standard": pl.String, "valid": pl.Boolean,
          "reason": pl.String}  # fmt: skip


def standardise_scalars(
    records: pl.DataFrame, formats: Mapping[str, DateFormat], cache: Cache, declared: Placeholders, as_of: date
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Standard scalars per row (`row`, `record_id`, fields) and the long table (`row`, field, raw, standard, …).

    An invalid date is kept out of the record (it stays in the long table): it must not win or match.
    """
    fields = (*CODED, *BIRTHS, *EVENTS)
    judged = {field: _judge(field, records[field], formats, cache, declared, as_of)
              for field in fields if not is_blank(records[field])}  # fmt: skip
    standard = {field: _standard(field, judged[field]) if field in judged else _nothing(field) for field in fields}
    times = {field: _time(records[field], formats.get(f"records.{field}")) for field in TIMES}
    long = [_long(records["row"], field, frame) for field, frame in judged.items() if field in SCALARS]
    kept = records.select("row", "record_id", *PLAIN).with_columns(**standard, **times)
    return kept, pl.concat([pl.DataFrame(schema=_EMPTY), *long])


def is_blank(values: pl.Series) -> bool:
    """Whether no row has a value: most sources, and all typed clients, leave most fields out."""
    return values.null_count() == values.len()


def _nothing(field: str) -> pl.Expr:
    return pl.lit(None, _kind(field))


@cache
def _kind(field: str) -> pl.DataType:
    """The type that a field has as standard."""
    return CODED[field](pl.Series([None], dtype=pl.String))["standard"].dtype if field in CODED else pl.Date()


def _standard(field: str, judged: pl.DataFrame) -> pl.Series:
    return judged["standard"] if field in CODED else _usable(judged)


def _time(values: pl.Series, shape: DateFormat | None) -> pl.Series | pl.Expr:
    return pl.lit(None, pl.Datetime("us")) if is_blank(values) else standardise_times(values, shape)


def _judge(
    field: str, values: pl.Series, formats: Mapping[str, DateFormat], cache: Cache, declared: Placeholders, as_of: date
) -> pl.DataFrame:
    if field in CODED:
        compute = CODED[field]
        return remembered(
            values.to_frame("value"),
            ["value"],
            lambda distinct: compute(distinct["value"]),
            cache,
            field,
            f"{codes.VERSION}-{forms_version()}",
        )
    shape = formats.get(f"records.{field}")
    kind = "birth" if field in BIRTHS else "event"
    formats_of = shape.formats if shape else ()
    judged = standardise_dates(values, formats_of, shape.pivot if shape else None, kind, as_of, declared)
    return judged.with_columns(written=written_dates(values, formats_of)) if field in BIRTHS else judged


def _usable(judged: pl.DataFrame) -> pl.Series:
    return judged.select(pl.when("valid").then("standard"))["standard"]


def _long(rows: pl.Series, field: str, judged: pl.DataFrame) -> pl.DataFrame:
    """Rows whose raw text differs from the standard one or is flagged; of a birth that is no date, its digits."""
    standard = pl.col("standard").cast(pl.String)
    if "written" in judged.columns:
        standard = standard.fill_null(pl.when(pl.col("reason") != "placeholder").then("written"))
    frame = judged.select(rows.alias("row"), pl.lit(field).alias("field"), "raw", standard, "valid", "reason")
    return frame.filter(
        pl.col("raw").is_not_null() & (pl.col("standard").ne_missing(pl.col("raw")) | ~pl.col("valid").fill_null(False))
    ).with_columns(pl.col("valid").fill_null(False))
