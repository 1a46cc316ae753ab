"""Dates by the formats a source declares, in their order; nothing is guessed.

Here: text to calendar date, two-digit years by a declared pivot, impossible and placeholder dates. Not here: which
formats a source uses (its YAML). All polars expressions: no loop over values.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache

import polars as pl

from rules.placeholders import Placeholders, load_placeholders
from rules.source_map import DateFormat

VERSION = "1"
DEFAULT_FORMATS = ("%Y-%m-%d", "%Y%m%d")
SCHEMA = {"raw": pl.String, "standard": pl.Date, "valid": pl.Boolean, "reason": pl.String}
# chrono reads fewer or more digits than a format shows ("01.02.85" as the year 85), so a shape guards each format.
_SHAPE = {"%Y": r"\d{4}", "%y": r"\d{2}", "%m": r"\d{1,2}", "%d": r"\d{1,2}", "%H": r"\d{1,2}", "%M": r"\d{2}",
          "%S": r"\d{2}", "%f": r"\d{1,9}", "%b": r"\pL+", "%B": r"\pL+"}  # fmt: skip
_TIME_TAIL = r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"


def standardise_dates(
    values: pl.Series,
    formats: Sequence[str] = (),
    pivot: int | None = None,
    kind: str = "birth",
    as_of: date | None = None,
    declared: Placeholders | None = None,
) -> pl.DataFrame:
    """Parse `values` by `formats`; same height and order, columns raw, standard (Date), valid, reason.

    `pivot` is the last year a two-digit year may mean (2030: 30 is 2030, 31 is 1931; a pivot under 100 means 20xx).
    `kind` "birth" also refuses dates before the declared earliest birth and after `as_of`; "event" may be future.
    The standard date of a placeholder or of one out of bounds is kept beside valid = false.
    """
    wanted = tuple(formats) or DEFAULT_FORMATS
    text = _text(wanted)
    frame = pl.DataFrame({"raw": values.cast(pl.String)})
    parsed = frame.with_columns(
        standard=pl.coalesce(*(_parsed(text, shape, pivot) for shape in wanted), pl.lit(None, pl.Date)),
        shaped=pl.any_horizontal(*(text.str.contains(_pattern(shape)) for shape in wanted)),
        text=text,
    )
    reasons = _reason(kind, as_of, declared or load_placeholders(), pivot, wanted)
    return parsed.select("raw", "standard", valid=reasons.is_null(), reason=reasons)


def _text(formats: Sequence[str]) -> pl.Expr:
    text = pl.col("raw").str.strip_chars(" \t\r\n\u00a0")
    # Spreadsheets and drivers write a date as midnight of that day.
    return text.str.replace(_TIME_TAIL, "${1}") if "%Y-%m-%d" in formats else text


@cache
def _pattern(shape: str) -> str:
    pattern = ""
    glued = not any(sign in shape for sign in "./- ,")
    for part in _parts(shape):
        exact = r"\d{2}" if glued and part in ("%m", "%d", "%H") else _SHAPE.get(part)
        pattern += exact or pl.Series([part]).str.escape_regex()[0]
    return f"^{pattern}$"


def _parts(shape: str) -> list[str]:
    parts: list[str] = []
    while shape:
        length = 2 if shape[0] == "%" else 1
        parts.append(shape[:length])
        shape = shape[length:]
    return parts


def _parsed(text: pl.Expr, shape: str, pivot: int | None) -> pl.Expr:
    guarded = pl.when(text.str.contains(_pattern(shape))).then(text)
    if "%y" not in shape:
        return guarded.str.to_date(shape, strict=False)
    if pivot is None:
        return pl.lit(None, pl.Date)
    return _pivoted(guarded.str.to_date(shape, strict=False), pivot if pivot > 99 else 2000 + pivot)


def _pivoted(day: pl.Expr, pivot: int) -> pl.Expr:
    year = pivot - (pivot - day.dt.year()) % 100
    # Through text, because 29 February of the other century may not exist: then there is no such date.
    return pl.format("{}-{}", year, day.dt.strftime("%m-%d")).str.to_date("%Y-%m-%d", strict=False)


def _reason(
    kind: str, as_of: date | None, declared: Placeholders, pivot: int | None, formats: Sequence[str]
) -> pl.Expr:
    text, day = pl.col("text"), pl.col("standard")
    dummies = declared.birth_dates if kind == "birth" else declared.event_dates
    unpivoted = pl.any_horizontal(
        pl.lit(False), *(text.str.contains(_pattern(f)) for f in formats if "%y" in f and pivot is None)
    )
    chain = (
        pl.when(text.is_null() | (text == ""))
        .then(pl.lit("empty"))
        .when(text.str.contains(r"^[0\W]+$") | text.str.to_lowercase().is_in(list(declared.words)))
        .then(pl.lit("placeholder"))
        .when(day.is_null() & unpivoted)
        .then(pl.lit("two-digit year without a declared pivot"))
        .when(day.is_null() & pl.col("shaped"))
        .then(pl.lit("no such date"))
        .when(day.is_null())
        .then(pl.lit("not in declared formats"))
        .when(day.is_in(list(dummies)))
        .then(pl.lit("placeholder"))
    )
    if kind == "birth":
        chain = chain.when(day < declared.earliest_birth).then(pl.lit(f"before {declared.earliest_birth.year}"))
        if as_of is not None:
            chain = chain.when(day > as_of).then(pl.lit("in the future"))
    return chain.otherwise(pl.lit(None, pl.String))


def standardise_times(values: pl.Series, shape: DateFormat | None) -> pl.Series:
    """A timestamp by the declared formats, which may be dates."""
    formats = shape.formats if shape else ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
    text = values.to_frame("text")
    tries = [
        pl.col("text").str.to_datetime(form, strict=False, time_unit="us")
        if "%H" in form
        else pl.col("text").str.to_date(form, strict=False).cast(pl.Datetime("us"))
        for form in formats
    ]
    return text.select(pl.coalesce(tries).alias("time"))["time"]
