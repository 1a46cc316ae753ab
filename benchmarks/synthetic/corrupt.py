"""Errors in values: typing, reading, hearing, digits, birth dates.

Here: each error as a function of a text column, all rows at once. Not here: which rows (noise.py).
Every function draws the same number of random values for the same number of rows, whatever the values are: that keeps
the errors of a record the same from night to night.
"""

from functools import cache

import numpy as np
import polars as pl

from benchmarks.synthetic import chances
from benchmarks.synthetic.draws import weighted
from benchmarks.synthetic.facts import table

_ORDERS = 4
_LETTERS = np.array(list("abcdefghijklmnoprstuvyz"))


def typo(rng: np.random.Generator, values: pl.Series) -> pl.Series:
    """One slip of the fingers (sometimes two) in each value."""
    kind = pl.Series(weighted(rng, tuple(chances.TYPO_KIND.values()), len(values)))
    once = _slip(rng, values, kind)
    twice = _slip(rng, once, kind * 0)
    return pl.select(pl.when(kind == 4).then(twice).otherwise(once)).to_series()


def misread(rng: np.random.Generator, values: pl.Series) -> pl.Series:
    """A letter or digit read as one that looks alike."""
    return _confuse(rng, values, "confusions_ocr")


def misheard(rng: np.random.Generator, values: pl.Series) -> pl.Series:
    """A spelling replaced by one that sounds alike."""
    return _confuse(rng, values, "confusions_sound")


def wrong_digit(rng: np.random.Generator, values: pl.Series) -> pl.Series:
    """One digit of the last five characters replaced by another (left alone where that is no digit)."""
    n = len(values)
    frame = pl.DataFrame({"v": values, "back": rng.integers(1, 6, n), "add": rng.integers(1, 10, n)})
    at = pl.col("v").str.len_chars().cast(pl.Int64) - pl.col("back")
    old = pl.col("v").str.slice(at, 1).cast(pl.Int64, strict=False)
    new = pl.concat_str(pl.col("v").str.slice(0, at), (old + pl.col("add")) % 10, pl.col("v").str.slice(at + 1))
    return frame.select(pl.when((at >= 0) & old.is_not_null()).then(new).otherwise("v")).to_series()


def birth_slip(rng: np.random.Generator, values: pl.Series) -> pl.Series:
    """A wrong birth date: a digit, a shifted component, the year by one, day and month swapped."""
    n = len(values)
    frame = pl.DataFrame({"d": values, "kind": weighted(rng, tuple(chances.BIRTH_KIND.values()), n),
                          "part": rng.integers(0, 3, n), "sign": rng.choice([-1, 1], n),
                          "add": rng.integers(1, 9, n)})  # fmt: skip
    y, m, d = pl.col("d").dt.year(), pl.col("d").dt.month().cast(pl.Int32), pl.col("d").dt.day().cast(pl.Int32)
    digit = (
        pl.when(part=0).then(_date(y - y % 10 + (y % 10 + pl.col("add")) % 10, m, d))
        .when(part=1).then(_date(y, m, d % 10 + (d // 10 + pl.col("add")) % 3 * 10))
        .otherwise(_date(y, m, d - d % 10 + (d % 10 + pl.col("add")) % 10))
    )  # fmt: skip
    shift = (
        pl.when(part=0).then(_date(y, (m + pl.col("sign") - 1) % 12 + 1, d))
        .when(part=1).then(pl.col("d") + pl.duration(days="sign")).otherwise(_date(y + pl.col("sign") * 10, m, d))
    )  # fmt: skip
    wrong = (
        pl.when(kind=0).then(digit).when(kind=1).then(shift)
        .when(kind=2).then(_date(y + pl.col("sign"), m, d)).otherwise(_date(y, d, m))
    )  # fmt: skip
    return frame.select(pl.coalesce(wrong, _date(y + 1, m, d), "d")).to_series()


def _date(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """The date, or null where there is none such."""
    text = pl.concat_str(
        year.cast(pl.String), month.cast(pl.String).str.zfill(2), day.cast(pl.String).str.zfill(2), separator="-"
    )
    return text.str.to_date("%Y-%m-%d", strict=False)


def _slip(rng: np.random.Generator, values: pl.Series, kind: pl.Series) -> pl.Series:
    n = len(values)
    where = np.where(rng.random(n) < chances.TYPO_FIRST_LETTER, 0.0, 0.15 + 0.85 * rng.random(n))
    frame = pl.DataFrame({"v": values, "k": kind, "w": where, "r": _LETTERS[rng.integers(0, len(_LETTERS), n)],
                          "slot": rng.integers(0, 4, n)})  # fmt: skip
    size = pl.col("v").str.len_chars()
    frame = frame.with_columns(at=(pl.col("w") * size).floor().cast(pl.Int64)).with_columns(
        old=pl.col("v").str.slice(pl.col("at"), 1)
    )
    near = (pl.col("old").str.to_lowercase() + pl.col("slot").cast(pl.String)).replace_strict(
        _neighbours(), default=None
    )
    new = pl.coalesce(near, pl.col("r"))
    new = pl.when(pl.col("old").str.contains(r"^\p{Lu}")).then(new.str.to_uppercase()).otherwise(new)
    before, after = pl.col("v").str.slice(0, pl.col("at")), pl.col("v").str.slice(pl.col("at") + 1)
    swapped = pl.concat_str(before, after.str.slice(0, 1), "old", after.str.slice(1))
    slipped = (
        pl.when(k=1).then(pl.concat_str(before, after)).when(k=2).then(pl.concat_str(before, "old", new, after))
        .when(k=3).then(swapped).otherwise(pl.concat_str(before, new, after))
    )  # fmt: skip
    return frame.select(pl.when(size > 2).then(slipped).otherwise("v")).to_series()


@cache
def _neighbours() -> dict[str, str]:
    """Key and slot 0–3 to a neighbouring key."""
    keys: dict[str, list[str]] = {}
    for key, neighbour in table("confusions_keyboard").iter_rows():
        keys.setdefault(key, []).append(neighbour)
    return {f"{key}{slot}": near[slot % len(near)] for key, near in keys.items() for slot in range(4)}


def _confuse(rng: np.random.Generator, values: pl.Series, facts: str) -> pl.Series:
    """Apply to each value the first confusion that fits; a quarter of the rows each search in another order."""
    order = rng.integers(0, _ORDERS, len(values))
    changed = values.clone()
    for group in range(_ORDERS):
        rows = np.flatnonzero(order == group)
        if len(rows):
            changed = changed.scatter(
                rows, values.gather(rows).to_frame("v").select(_first_fit(facts, group)).to_series()
            )
    return changed


@cache
def _first_fit(facts: str, group: int) -> pl.Expr:
    pairs = table(facts).rows()
    start = group * len(pairs) // _ORDERS
    fits = [
        pl.when(pl.col("v").str.contains(written, literal=True)).then(
            pl.col("v").str.replace(written, other, literal=True)
        )
        for written, other in pairs[start:] + pairs[:start]
    ]
    return pl.coalesce(*fits, "v")
