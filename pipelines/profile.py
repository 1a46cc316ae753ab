"""What a column seems to hold: type, date formats, fill, and the canonical field it may map to.

Here: looking at a sample. Not here: taking the sample (sample.py), writing YAML (onboard.py). A profile holds counts
and patterns, never a value.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from anyascii import anyascii

from pipelines.header_words import HEADER_WORDS, KEY_WORDS

DATE_FORMATS = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d-%m-%Y", "%Y/%m/%d", "%d %b %Y", "%d.%m.%y",
    "%d/%m/%y",
)  # fmt: skip
DATETIME_FORMATS = (
    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M",
)  # fmt: skip
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_PHONE = r"^\+\d[\d\s().-]{7,17}$"
_MOST, _SOME = 0.9, 0.3
"""Share of values that must show a pattern; less is enough when the header says the same."""


@dataclass(frozen=True)
class Column:
    """A profiled column; `target` is a canonical field like name.given, or None."""

    name: str
    kind: str
    formats: tuple[str, ...]
    null_share: float
    distinct: int
    rows: int
    target: str | None

    @property
    def unique(self) -> bool:
        """True when every sampled row has a value of its own."""
        return self.rows > 0 and self.distinct == self.rows

    @property
    def ambiguous(self) -> bool:
        """True when day and month cannot be told apart in the sample."""
        return {"%d/%m/%Y", "%m/%d/%Y"} <= set(self.formats)


def profile(frame: pl.DataFrame) -> list[Column]:
    """Profile every column of a sample."""
    return [_column(series) for series in frame.iter_columns()]


def key_of(columns: list[Column]) -> str:
    """The most likely key: unique, with a header like id or number, else the first unique, else the first column."""
    named = [c.name for c in columns if c.unique and re.fullmatch(KEY_WORDS, folded(c.name))]
    return next(iter([*named, *(c.name for c in columns if c.unique), columns[0].name]))


def folded(header: str) -> str:
    """A header in lower case words joined by `_`; Cyrillic stays, accents go."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", header.strip())
    latin = "".join(sign if "\u0400" <= sign <= "\u04ff" else anyascii(sign) for sign in plain)
    return re.sub(r"[\W_]+", "_", latin.lower()).strip("_")


def _column(series: pl.Series) -> Column:
    values = _texts(series)
    target = _by_value(values) or _by_header(series.name)
    least = _SOME if target and target.endswith(("_date", "_at")) else _MOST
    kind, formats = _typed(series.dtype) or _guessed(values, least)
    if target and target.endswith(("_date", "_at")) and kind not in ("date", "datetime"):
        target = None
    if kind in ("integer", "decimal") and series.dtype == pl.String:
        kind = "text"  # digits may be an identifier with leading zeros; the bank decides
    share = series.null_count() / series.len() if series.len() else 1.0
    return Column(series.name, kind, formats, share, values.len(), series.len(), target)


def _texts(series: pl.Series) -> pl.Series:
    if isinstance(series.dtype, (pl.List, pl.Struct, pl.Null)):
        return pl.Series(series.name, [], dtype=pl.String)
    texts = series.cast(pl.String).str.strip_chars()
    return texts.filter(texts != "").drop_nulls().unique(maintain_order=True)


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
        formats = _formats(values, candidates, least)
        if formats:
            return kind, formats
    for kind, pattern in (("integer", r"^[+-]?\d+$"), ("decimal", r"^[+-]?\d+[.,]\d+$")):
        if _share(values, pattern) == 1.0:
            return kind, ()
    return "text", ()


def _formats(values: pl.Series, candidates: tuple[str, ...], least: float) -> tuple[str, ...]:
    """Formats that together read most values, best first; years outside 1850-2100 do not count."""
    if values.is_empty():
        return ()
    read = {form: _reads(values, form) for form in candidates}
    covered = pl.Series([False] * values.len())
    chosen: list[str] = []
    for form in sorted(read, key=lambda one: (-int(read[one].sum()), candidates.index(one))):
        if (read[form] & ~covered).any() or (chosen and read[form].sum() == read[chosen[0]].sum() and read[form].any()):
            chosen.append(form)
            covered = covered | read[form]
    return tuple(chosen) if covered.sum() >= least * values.len() else ()


def _reads(values: pl.Series, form: str) -> pl.Series:
    if form == "%Y%m%d" and _share(values, r"^(18|19|20)\d{6}$") < _MOST:
        return pl.Series([False] * values.len())
    parsed = values.str.strptime(pl.Datetime if "%H" in form else pl.Date, form, strict=False)
    return parsed.dt.year().is_between(1850, 2100).fill_null(False)


def _share(values: pl.Series, pattern: str) -> float:
    return int(values.str.contains(pattern).sum()) / values.len() if values.len() else 0.0


def _by_value(values: pl.Series) -> str | None:
    """Fields that give themselves away: e-mails, international phones, numbers with right check digits."""
    if _share(values, _EMAIL) >= _MOST:
        return "contact.email"
    if _share(values, _PHONE) >= _MOST:
        return "contact.phone"
    sample = values.head(200).to_list()
    for target, check in _checks():
        if len(sample) >= 5 and sum(check(value) for value in sample) >= _MOST * len(sample):
            return target
    return None


def _checks() -> list[tuple[str, Callable[[str], bool]]]:
    from stdnum import iban, lei
    from stdnum.cn import ric, uscc
    from stdnum.md import idno
    from stdnum.ro import cnp
    from stdnum.ru import inn

    packs = {"lei": lei, "iban": iban, "ro_cnp": cnp, "cn_ric": ric, "cn_uscc": uscc, "md_idno": idno, "ru_inn": inn}
    return [(f"identifier.{name}", pack.is_valid) for name, pack in packs.items()]


def _by_header(header: str) -> str | None:
    word = folded(header)
    return next((target for target, pattern in HEADER_WORDS if re.fullmatch(pattern, word)), None)
