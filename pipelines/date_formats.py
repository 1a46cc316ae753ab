"""Which date formats a column is written in.

Here: trying the known formats on distinct values. Not here: dates of a declared source (quality.standardise.dates).
"""

import polars as pl

DATE_FORMATS = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d-%m-%Y", "%Y/%m/%d", "%d %b %Y", "%d.%m.%y",
    "%d/%m/%y",
)  # fmt: skip
DATETIME_FORMATS = (
    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M",
)  # fmt: skip
_MOST = 0.9
"""Share of values that must look like %Y%m%d: eight digits are more often a number."""
_MONTH_FIRST = {"%d/%m/%Y", "%m/%d/%Y"}


def ambiguous(formats: tuple[str, ...]) -> bool:
    """True when day and month cannot be told apart."""
    return set(formats) >= _MONTH_FIRST


def formats_of(values: pl.Series, candidates: tuple[str, ...], least: float) -> tuple[str, ...]:
    """Formats that together read most values, best first; years outside 1850-2100 do not count."""
    if values.is_empty():
        return ()
    read = {form: _reads(values, form) for form in candidates}
    count = {form: read[form].count() for form in candidates}
    chosen: list[str] = []
    covered = pl.Series([False] * values.len())
    for form in sorted(read, key=lambda one: (-count[one], candidates.index(one))):
        new = (read[form].is_not_null() & ~covered).any()
        if new or (chosen and _as_good(read[form], read[chosen[0]])):
            chosen.append(form)
            covered = covered | read[form].is_not_null()
    return tuple(chosen) if covered.sum() >= least * values.len() else ()


def _as_good(other: pl.Series, best: pl.Series) -> bool:
    """True when another format reads as many values, and reads them differently."""
    return bool(other.count() == best.count() > 0 and (other != best).any())


def _reads(values: pl.Series, form: str) -> pl.Series:
    """The moment that each value is by this format, or null."""
    if form == "%Y%m%d" and values.str.contains(r"^(18|19|20)\d{6}$").sum() < _MOST * values.len():
        return pl.Series([None] * values.len(), dtype=pl.Datetime("us"))
    kind = pl.Datetime("us") if "%H" in form else pl.Date
    parsed = values.str.strptime(kind, form, strict=False).cast(pl.Datetime("us"))
    return parsed.to_frame("at").select(pl.when(pl.col("at").dt.year().is_between(1850, 2100)).then("at")).to_series()
