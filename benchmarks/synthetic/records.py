"""Which source knows which party: memberships, duplicates, keys, and the nights a record comes, goes, is mended.

Here: the universe of records of one source in one chunk. Not here: what the records say (view.py, sources/).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from benchmarks.synthetic import chances
from benchmarks.synthetic.draws import Ints, Mask, chance, scramble, stream, weighted
from benchmarks.synthetic.life import day, night_of

PRIME = 99_999_989
STEP = {"core": 38_197_271, "crm": 57_885_161, "cards": 24_036_583, "loans": 20_996_011, "leads": 43_112_609,
        "companies": 32_582_657}  # fmt: skip
"""A step of its own for each source, so that equal places in two sources do not get equal keys."""
PREFIX = {"core": "", "crm": "CRM-", "cards": "K", "loans": "", "leads": "L-", "companies": "ORG"}


@dataclass(frozen=True)
class Universe:
    """Every record a source ever holds of a chunk's parties: row of the party, key, nights, day of creation."""

    rows: Ints
    record_id: pl.Series
    duplicate: Mask
    comes: Ints
    goes: Ints
    mended: Ints
    created: Ints

    def alive(self, night: int) -> Mask:
        """Which records the source delivers on that night (0 is the first)."""
        return np.asarray((self.comes <= night) & (self.goes > night))


def members(rng: np.random.Generator, count: int, shares: dict[str, float]) -> dict[str, Ints]:
    """For each source, the rows of the parties it knows; a party is in one to five of them."""
    known_in = weighted(rng, chances.SOURCES_OF_A_PARTY, count) + 1
    keys = np.log(np.array(list(shares.values()))) + rng.gumbel(size=(count, len(shares)))
    rank = np.argsort(np.argsort(-keys, axis=1), axis=1)
    return {name: np.flatnonzero(rank[:, i] < known_in) for i, name in enumerate(shares)}


def universe(
    seed: int,
    chunk: int,
    source: str,
    table: str,
    rows: Ints,
    party_comes: Ints,
    first_serial: int,
    nights: Sequence[date],
) -> Universe:
    """The records of `rows` in `source`, some twice; serial numbers start at `first_serial`."""
    rng = stream(seed, f"records {source} {table}", chunk)
    again = rows[chance(rng, chances.DUPLICATES[source], len(rows))]
    both = np.concatenate([rows, again])
    duplicate = np.arange(len(both)) >= len(rows)
    serial = scramble(first_serial + 1 + np.arange(len(both), dtype=np.int64), PRIME, STEP[source])
    keys = PREFIX[source] + pl.Series(serial + 100_000_000).cast(pl.String)
    comes = np.where(duplicate & chance(rng, 0.02, len(both)), 1, party_comes[both])
    goes = night_of(rng, len(both), chances.GONE_A_NIGHT, len(nights))
    mended = night_of(rng, len(both), chances.CORRECTED_A_NIGHT, len(nights))
    created = day(nights[0]) - rng.integers(1, chances.HISTORY_DAYS, len(both))
    goes = np.where(goes <= comes, len(nights), goes)
    o = np.argsort(serial)
    return Universe(both[o], keys.gather(o), duplicate[o], comes[o], goes[o], mended[o], created[o])
