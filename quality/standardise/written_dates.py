"""What a date that is none still says: its digits as YYYY-MM-DD.

Here: text by declared formats, of dates that do not exist (1921-95-03) or lack a part (1983-04-00, 0000-04-18); a part
that is not known is all noughts. Not here: dates (quality/standardise/dates). Matching compares digits, so one wrong
digit need not lose the others; nowhere else may such a text stand for a date.
"""

from collections.abc import Sequence

import polars as pl

from quality.standardise.dates import DEFAULT_FORMATS

_DIGITS = {"%Y": 4, "%m": 2, "%d": 2}


def written_dates(values: pl.Series, formats: Sequence[str] = ()) -> pl.Series:
    """`values` as YYYY-MM-DD by the first of `formats` that they have the form of; null where none fits.

    A part may be missing where the format has separators ("1983-4-" by %Y-%m-%d), or has no such part (%Y-%m): either
    the year must be there, or month and day. Formats with two-digit years, month names or times are left out.
    """
    frame = pl.DataFrame({"raw": values.cast(pl.String).str.strip_chars()})
    read = [_written(parts) for shape in formats or DEFAULT_FORMATS if (parts := _parts(shape))]
    return frame.select(written=pl.coalesce(*read, pl.lit(None, pl.String)))["written"]


def _parts(shape: str) -> list[str]:
    """Components and the text between them; empty for a format that is no plain numeric date."""
    parts = pl.Series([shape]).str.extract_all("%.|[^%]+")[0].to_list()
    components = [part for part in parts if part.startswith("%")]
    plain = all(part in _DIGITS for part in components) and len(set(components)) == len(components)
    return parts if components and plain else []


def _written(parts: list[str]) -> pl.Expr:
    components = [part for part in parts if part in _DIGITS]
    pattern = f"^{''.join(_pattern(part, glued=len(components) == len(parts)) for part in parts)}$"
    found = {name: pl.col("raw").str.extract(pattern, place + 1) for place, name in enumerate(components)}
    digits = {name: found.get(name, pl.lit("")).str.zfill(size) for name, size in _DIGITS.items()}
    known = {name: digits[name] != "0" * size for name, size in _DIGITS.items()}
    said = known["%Y"] | (known["%m"] & known["%d"])
    return pl.when(said).then(pl.concat_str(digits["%Y"], digits["%m"], digits["%d"], separator="-"))


def _pattern(part: str, glued: bool) -> str:
    if part not in _DIGITS:
        return str(pl.Series([part]).str.escape_regex()[0])
    size = _DIGITS[part]
    if glued:
        return rf"(\d{{{size}}})"
    return rf"(\d{{{size}}}|)" if part == "%Y" else rf"(\d{{1,{size}}}|)"
