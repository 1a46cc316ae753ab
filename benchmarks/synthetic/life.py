"""What happens to people over the years, and between two business dates.

Here: the day on which each attribute changed (days since 1970; NEVER if it did not), births of clients, deletions and
corrections of records. Not here: the values before and after (population.py).
"""

from collections.abc import Sequence
from datetime import date

import numpy as np

from benchmarks.synthetic import chances
from benchmarks.synthetic.draws import Ints, Mask, chance
from benchmarks.synthetic.population import EPOCH

NEVER = 10**6


def day(when: date) -> int:
    """Days since 1970."""
    return (when - EPOCH).days


def changes(rng: np.random.Generator, n: int, a_year: float, nights: Sequence[date]) -> Ints:
    """The day of the last change of an attribute that changes `a_year` times a year, some between the nights."""
    first, last = day(nights[0]), day(nights[-1])
    years = chances.HISTORY_DAYS / 365
    happened = chance(rng, 1 - float(np.exp(-a_year * years)), n)
    when = np.where(happened, first - rng.integers(1, chances.HISTORY_DAYS, n), NEVER)
    recent = chance(rng, chances.EVENTS_A_NIGHT * (len(nights) - 1), n)
    return np.asarray(np.where(recent, rng.integers(first + 1, max(last, first + 1) + 1, n), when))


def known(rng: np.random.Generator, change: Ints, lag_days: float, nights: Sequence[date]) -> Ints:
    """The day on which one source learns of each change; changes of these nights are heard at once or never here."""
    late = change + rng.exponential(lag_days, len(change)).astype(np.int64)
    heard = chance(rng, float(np.exp(-lag_days / 365)), len(change))
    recent = (change > day(nights[0])) & (change < NEVER)
    return np.asarray(np.where(recent, np.where(heard, change, NEVER), np.where(change == NEVER, NEVER, late)))


def night_of(rng: np.random.Generator, n: int, rate: float, nights: int) -> Ints:
    """The night (1, 2, …) at which something happens to each row with `rate` a night; `nights` if it does not."""
    hit: Mask = chance(rng, rate * max(nights - 1, 0), n)
    return np.asarray(np.where(hit, rng.integers(1, max(nights, 2), n), nights))
