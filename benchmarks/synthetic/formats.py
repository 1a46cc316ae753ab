"""How sources write phones, dates and addresses.

Here: formats as functions of columns. Not here: which source writes which (sources/), or errors (corrupt.py).
"""

from functools import cache

import numpy as np
import polars as pl

from benchmarks.synthetic.facts import table
from benchmarks.synthetic.scripts import spellings

_LANG = {"AZ": "az", "RO": "ro", "MD": "ro", "RU": "ru", "GB": "en", "TR": "tr", "UA": "uk", "CN": "zh"}


def phone(digits: pl.Series, style: str) -> pl.Series:
    """International digits as `plus` (+994…), `digits`, or `national` (050 123 45 67; others keep +)."""
    home = digits.str.starts_with("994")
    local = "0" + digits.str.slice(3)
    spaced = local.str.replace(r"^(\d{3})(\d{3})(\d{2})(\d{2})$", "${1} ${2} ${3} ${4}")
    if style == "digits":
        return digits
    if style == "plus":
        return "+" + digits
    return pl.select(pl.when(home).then(spaced).otherwise("+" + digits)).to_series()


def messy_phone(rng: np.random.Generator, digits: pl.Series) -> pl.Series:
    """Phones as people type them: one of five styles a row."""
    style = pl.Series(rng.integers(0, 5, len(digits)))
    national = phone(digits, "national")
    return pl.select(
        pl.when(style == 0).then("+" + digits)
        .when(style == 1).then(national.str.replace_all(" ", ""))
        .when(style == 2).then(national.str.replace_all(" ", "-"))
        .when(style == 3).then(national.str.replace(r"^(\d{3}) ", "(${1}) ")).otherwise(national)
    ).to_series()  # fmt: skip


def messy_date(rng: np.random.Generator, days: pl.Series) -> pl.Series:
    """Dates as people type them: mostly dd.mm.yyyy, else dd/mm/yyyy or ISO."""
    style = pl.Series(rng.choice(3, len(days), p=[0.7, 0.15, 0.15]))
    return pl.select(
        pl.when(style == 0).then(days.dt.strftime("%d.%m.%Y"))
        .when(style == 1).then(days.dt.strftime("%d/%m/%Y")).otherwise(days.dt.strftime("%Y-%m-%d"))
    ).to_series()  # fmt: skip


def city(frame: pl.DataFrame, form: str) -> pl.Series:
    """City names in the spelling `form`."""
    return _spelled("cities")[form].gather(frame["city"])


def street(frame: pl.DataFrame, form: str) -> pl.Series:
    """Streets with their kind in the spelling `form`: "Nizami küç."."""
    return _spelled("streets")[form].gather(frame["street"])


def postcode(frame: pl.DataFrame) -> pl.Series:
    """Postcodes: the city's prefix and the street's number."""
    number = pl.select((frame["street"] * 7 % 89 + 10).cast(pl.String)).to_series()
    return table("cities")["postcode"].gather(frame["city"]) + number


def address(frame: pl.DataFrame, form: str, abbreviations: tuple[str, str] = ("ev", "m.")) -> pl.Series:
    """One line: street, house, flat, city."""
    house, flat = abbreviations
    line = pl.concat_str(
        street(frame, form), pl.lit(f", {house} "), frame["house"], pl.lit(f", {flat} "), frame["flat"], pl.lit(", "),
        city(frame, form),
    )  # fmt: skip
    return pl.select(line.str.replace_all("  ", " ", literal=True)).to_series()


def words(*parts: pl.Series) -> pl.Series:
    """The non-empty parts, joined by a blank."""
    line = pl.concat_str(*(part.fill_null("") for part in parts), separator=" ")
    return pl.select(line.str.replace_all(r"\s+", " ").str.strip_chars()).to_series()


def nothing_if_blank(values: pl.Series) -> pl.Series:
    """Null for an empty text."""
    return values.replace("", None)


@cache
def _spelled(facts: str) -> pl.DataFrame:
    rows = table(facts)
    kinds = rows["kind"].to_list() if "kind" in rows.columns else [""] * rows.height
    made = []
    for country, native, latin, kind in zip(rows["country"], rows["native"], rows["latin"], kinds, strict=True):
        forms = spellings(native, _LANG[country], latin)
        tail = spellings(kind, _LANG[country], "lu" if country == "CN" and kind else "") if kind else {}
        made.append({form: f"{word} {tail[form]}" if kind else word for form, word in forms.items()})
    return pl.DataFrame(made)
