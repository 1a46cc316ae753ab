"""How long things are kept, and when client numbers must not change: the registry's calendar.

Here: the typed shapes of `freeze`, `retention` and `erasure` and what they say of a date. Not here: holding merges and
splits (stages/freeze), removing versions (store/retention), erasing (stages/erase).
"""

from datetime import date
from typing import Self

from pydantic import Field, model_validator

from rules.load import Declared, Misfit


class Freeze(Declared):
    """Business dates, both ends included, on which published client numbers neither merge nor split."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.last < self.first:
            raise Misfit("'to' lies before 'from'", "give the first and the last business date", ("to",))
        return self

    def covers(self, day: date) -> bool:
        """Whether `day` lies inside."""
        return self.first <= day <= self.last


class Retention(Declared):
    """How long versions and raw snapshots are kept, counted back from the live version's business date."""

    nightly_days: int = Field(default=30, ge=1)
    month_ends_years: int = Field(default=7, ge=0)
    snapshots_days: int = Field(default=400, ge=1)


class Erasure(Declared):
    """How a data subject is erased: a restricted record is erased once the law's `keep_days` are over.

    `key` is the environment variable with the secret that suppression hashes with; without it the home makes one.
    """

    keep_days: int = Field(default=0, ge=0)
    key: str | None = Field(default=None, pattern=r"^\$\{\w+\}$")
