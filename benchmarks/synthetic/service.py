"""Who looks after whom: relationship managers, and the clients that the CRM says each one has.

Here: a few managers for each chunk, one of whom leaves on the last night. Not here: who should have whom.
"""

import numpy as np
import polars as pl

from benchmarks.synthetic.chunk import Chunk

_PARTIES_EACH, _FEWEST, _CAPACITY = 250, 4, 40
_KNOWN = ("knows_occupation", "knows_finances", "by_appointment", "buys_monthly")


def managers(chunk: Chunk, night: int) -> pl.DataFrame:
    """code, capacity, left_on: the bank's managers on that night."""
    staff = codes(chunk)
    left = [None] * (len(staff) - 1) + [chunk.nights[-1] if night else None]
    return pl.DataFrame({"code": staff, "capacity": _CAPACITY, "left_on": pl.Series(left, dtype=pl.Date)})


def assignments(chunk: Chunk, base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    """Records of the CRM with a manager each, and what that one says to know."""
    staff = np.array(codes(chunk))
    known = {name: pl.Series(rng.random(n) < 0.3) for name in _KNOWN}
    return base.select(
        pl.format("RMA{}", pl.col("serial") + 10_000_000).alias("assignment_id"), pl.col("owner").alias("client_id"),
        manager=pl.Series(staff[rng.integers(0, len(staff), n)], dtype=pl.String), since="since", **known,
    )  # fmt: skip


def codes(chunk: Chunk) -> list[str]:
    """Codes of the managers of a chunk."""
    parties = sum(side.parties.height for side in chunk.sides)
    return [f"RM{chunk.number:02d}{one:03d}" for one in range(max(_FEWEST, parties // _PARTIES_EACH))]
