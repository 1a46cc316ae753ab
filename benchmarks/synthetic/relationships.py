"""Who belongs to whom in core banking: spouses, parents, directors, owners.

Here: one row per declared relation between two delivered core records. Not here: households as such (households.py).
"""

import numpy as np
import polars as pl

from benchmarks.synthetic.chunk import Chunk
from benchmarks.synthetic.draws import Ints
from benchmarks.synthetic.households import SPOUSE


def relationships(chunk: Chunk, night: int) -> pl.DataFrame:
    """client_no, related_client_no, kind, share (per cent, owners only); both ends are in that night's table."""
    people, firms = chunk.sides
    person, firm = _number_of(chunk, 0, night), _number_of(chunk, 1, night)
    everyone, all_firms = np.arange(people.parties.height), np.arange(firms.parties.height)
    role = people.parties["role"].to_numpy()
    head = people.parties["household"].to_numpy() - people.parties["party"].to_numpy() + everyone
    wives = everyone[role == SPOUSE]
    father = people.parties["father"].to_numpy()
    parts = [
        _pairs(person.gather(wives), person.gather(head[wives]), "spouse"),
        _pairs(person.gather(everyone[father >= 0]), person.gather(father[father >= 0]), "child"),
        _pairs(firm.gather(all_firms), person.gather(_column(firms.parties, "director")), "director"),
        _pairs(firm.gather(all_firms), person.gather(_column(firms.parties, "owner")), "owner", firms.parties["share"]),
    ]
    whole = pl.concat(parts).drop_nulls(["client_no", "related_client_no"])
    return whole.sort("client_no", "related_client_no", "kind")


def _column(parties: pl.DataFrame, name: str) -> Ints:
    return parties.get_column(name).to_numpy().astype(np.int64)


def _number_of(chunk: Chunk, side: int, night: int) -> pl.Series:
    """The core number of each party of a side on that night; null if core does not know it."""
    records = chunk.sides[side].records["core"]
    alive = pl.Series(records.alive(night) & ~records.duplicate)
    known = pl.DataFrame({"row": records.rows, "no": records.record_id}).filter(alive)
    every = pl.DataFrame({"row": np.arange(chunk.sides[side].parties.height)})
    return every.join(known, on="row", how="left", maintain_order="left").get_column("no")


def _pairs(one: pl.Series, other: pl.Series, kind: str, share: pl.Series | None = None) -> pl.DataFrame:
    shares = pl.lit(None, dtype=pl.Int64) if share is None else share.cast(pl.Int64)
    return pl.select(one.alias("client_no"), other.alias("related_client_no")).with_columns(
        kind=pl.lit(kind), share=shares
    )
