"""What a column seems to hold: type, date formats, fill, and the canonical field it may map to.

Here: looking at a sample. Not here: taking the sample (sample.py), writing YAML (onboard.py). A profile holds counts
and patterns, never a value.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from pipelines.date_formats import DATE_FORMATS, DATETIME_FORMATS, ambiguous, formats_of
from pipelines.header_words import KEY_WORDS, folded
from pipelines.targets import fits, share_of, target_of

_MOST, _SOME = 0.9, 0.3
"""Share of values that must be dates; less is enough when the header says the same."""


@dataclass(frozen=True)
class Column:
    """A profiled column; `target` is a canonical field like name.given, or None, `sure` when more than a guess."""

    name: str
    kind: str
    formats: tuple[str, ...]
    null_share: float
    distinct: int
    rows: int
    target: str | None
    sure: bool = False

    @property
    def unique(self) -> bool:
        """True when every sampled row has a value of its own."""
        return self.rows > 0 and self.distinct == self.rows and self.kind != "list"

    @property
    def ambiguous(self) -> bool:
        """True when day and month cannot be told apart in the sample."""
        return ambiguous(self.formats)


def profile(frame: pl.DataFrame) -> list[Column]:
    """Profile every column of a sample."""
    return [_column(series) for series in frame.iter_columns()]


def key_of(frame: pl.DataFrame, columns: list[Column]) -> tuple[str, ...]:
    """The most likely key: a unique column, else the first two columns that are unique together, else nothing.

    Headers like id or number come first. Of a sample without rows it is the first column.
    """
    ordered = sorted(columns, key=lambda c: not re.fullmatch(KEY_WORDS, folded(c.name)))
    if not frame.height:
        return (ordered[0].name,)
    alone = [(c.name,) for c in ordered if c.unique]
    return next(iter(alone), None) or next(_unique_pairs(frame, ordered), ())


def _unique_pairs(frame: pl.DataFrame, columns: list[Column]) -> Iterator[tuple[str, ...]]:
    filled = [c for c in columns if c.null_share == 0 and c.distinct and c.kind != "list"]
    for one, other in combinations(filled, 2):
        pair = [pl.col(c.name).cast(pl.String).str.strip_chars() for c in (one, other)]
        if one.distinct * other.distinct >= frame.height and frame.select(pair).n_unique() == frame.height:
            yield one.name, other.name


def _column(series: pl.Series) -> Column:
    values, filled = _texts(series)
    target, sure = target_of(series.name, values)
    dated = target is not None and target.endswith(("_date", "_at"))
    kind, formats = _typed(series.dtype) or _guessed(values, _SOME if dated else _MOST)
    if target and not fits(target, kind, values):
        target = None
    if dated:
        typed = _typed(series.dtype) is not None
        sure = typed or (bool(formats_of(values, formats, _MOST)) and not ambiguous(formats))
    if kind in ("integer", "decimal") and series.dtype == pl.String:
        kind = "text"  # digits may be an identifier with leading zeros; the bank decides
    share = 1 - filled / series.len() if series.len() else 1.0
    return Column(series.name, kind, formats, share, values.len(), series.len(), target, sure and target is not None)


def _texts(series: pl.Series) -> tuple[pl.Series, int]:
    """Distinct values as text, of a list column its elements, and how many rows hold any."""
    nested = isinstance(series.dtype, pl.List) and isinstance(series.dtype.inner, (pl.List, pl.Struct, pl.Null))
    if nested or isinstance(series.dtype, (pl.Struct, pl.Null)):
        return pl.Series(series.name, [], dtype=pl.String), series.len() - series.null_count()
    rows = series.alias("value").to_frame().with_row_index()
    if isinstance(series.dtype, pl.List):
        rows = rows.explode("value")
    texts = rows.with_columns(pl.col("value").cast(pl.String).str.strip_chars()).filter(pl.col("value") != "")
    return texts.get_column("value").unique(maintain_order=True), texts.get_column("index").n_unique()


def _typed(found: pl.DataType) -> tuple[str, tuple[str, ...]] | None:
    if isinstance(found, pl.List):
        return "list", ()
    if isinstance(found, pl.Date):
        return "date", DATE_FORMATS[:1]
    if isinstance(found, pl.Datetime):
        return "datetime", DATETIME_FORMATS[:1]
    if isinstance(found, pl.Boolean):
        return "bool", ()
    if found.is_integer():
        return "integer", ()
    return ("decimal", ()) if found.is_numeric() else None


def _guessed(values: pl.Series, least: float) -> tuple[str, tuple[str, ...]]:
    for kind, candidates in (("datetime", DATETIME_FORMATS), ("date", DATE_FORMATS)):
        formats = formats_of(values, candidates, least)
        if formats:
            return kind, formats
    for kind, pattern in (("integer", r"^[+-]?\d+$"), ("decimal", r"^[+-]?\d+[.,]\d+$")):
        if share_of(values, pattern) == 1.0:
            return kind, ()
    return "text", ()
