"""Where a source errs: picks cells by rate, changes them, and writes down every change.

Here: choice of cells and the mutation log. Not here: the errors themselves (corrupt.py).
"""

from collections.abc import Callable

import numpy as np
import polars as pl

from benchmarks.synthetic import chances, corrupt
from benchmarks.synthetic.draws import Ints, Mask, chance

Error = Callable[[np.random.Generator, pl.Series], pl.Series]
NAME_ERRORS: tuple[tuple[str, Error], ...] = (
    ("typo", corrupt.typo), ("ocr", corrupt.misread), ("sound", corrupt.misheard),
)  # fmt: skip


class Noise:
    """The errors of one source in one chunk on one night; `mended` rows are free of them."""

    def __init__(self, rng: np.random.Generator, size: int, rates: dict[str, float], mended: Mask) -> None:
        self.rng, self.size, self.rates, self.spared = rng, size, rates, mended
        self._log: list[pl.DataFrame] = []

    def pick(self, rate: float) -> Mask:
        """Cells hit with probability `rate`."""
        return chance(self.rng, rate, self.size)

    def name(self, values: pl.Series, field: str) -> pl.Series:
        """A word of a name or an address with the source's rates of typing, reading and hearing errors."""
        for kind, error in NAME_ERRORS:
            values = self.err(values, field, kind, self.pick(self.rates[kind]), error)
        return values

    def number(self, values: pl.Series, field: str, dummy: str = "", dummies: float = 0.0) -> pl.Series:
        """A number with wrong digits, dummies and blanks."""
        values = self.err(values, field, "digit", self.pick(self.rates["digit"]), corrupt.wrong_digit)
        values = self.put(values, field, "dummy", self.pick(dummies), pl.repeat(dummy, self.size, eager=True))
        return self.blank(values, field)

    def birth(self, values: pl.Series, mates: pl.Series) -> pl.Series:
        """A birth date with slips, the date of a household member, dummies and blanks."""
        values = self.err(values, "birth_date", "birth", self.pick(self.rates["birth"]), corrupt.birth_slip)
        values = self.put(values, "birth_date", "household_copy", self.pick(self.rates["copy"]), mates)
        dummy = pl.Series(np.where(self.rng.random(self.size) < 0.6, "1900-01-01", "1990-01-01")).str.to_date()
        rate = chances.DUMMY_BIRTH * (self.rates["birth"] / chances.DIRTY["birth"])
        return self.blank(self.put(values, "birth_date", "dummy", self.pick(rate), dummy), "birth_date")

    def blank(self, values: pl.Series, field: str, rate: float | None = None) -> pl.Series:
        """Missing values."""
        empty = pl.Series([None], dtype=values.dtype).new_from_index(0, self.size)
        return self.put(values, field, "blank", self.pick(self.rates["blank"] if rate is None else rate), empty, True)

    def put(
        self, values: pl.Series, field: str, kind: str, hit: Mask, others: pl.Series, empty: bool = False
    ) -> pl.Series:
        """Other values in the cells hit (where there is one, unless `empty` is meant)."""
        at = np.flatnonzero(hit & ~self.spared)
        new = others.gather(at)
        if not empty:
            new = pl.select(pl.coalesce(new, values.gather(at))).to_series()
        return self._replace(values, field, kind, at, new)

    def err(self, values: pl.Series, field: str, kind: str, hit: Mask, error: Error) -> pl.Series:
        """Errors in the cells hit."""
        rows = np.flatnonzero(hit)
        made = error(self.rng, values.gather(rows))
        keep = ~self.spared[rows]
        return self._replace(values, field, kind, rows[keep], made.filter(pl.Series(keep)))

    def note(self, field: str, kind: str, hit: Mask) -> None:
        """Write down a change made elsewhere."""
        rows = np.flatnonzero(hit)
        self._log.append(pl.DataFrame({"row": rows}).with_columns(field=pl.lit(field), kind=pl.lit(kind)))

    def log(self) -> pl.DataFrame:
        """Row, field and kind of every change."""
        empty = pl.DataFrame(schema={"row": pl.Int64, "field": pl.String, "kind": pl.String})
        return pl.concat([empty, *self._log])

    def _replace(self, values: pl.Series, field: str, kind: str, at: Ints, new: pl.Series) -> pl.Series:
        differs = new.ne_missing(values.gather(at)).to_numpy()
        hit = np.zeros(self.size, dtype=np.bool_)
        hit[at[differs]] = True
        self.note(field, kind, hit)
        return values.clone().scatter(at, new)
