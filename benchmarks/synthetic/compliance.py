"""What compliance works with: a watch list that names a few of the bank's own, and clients' tax self-certifications.

Here: these tables. Not here: what a rule makes of them. Draws are streams of their own: the records stay as they are.
"""

import numpy as np
import polars as pl

from benchmarks.synthetic.chunk import Chunk
from benchmarks.synthetic.draws import stream, weighted
from benchmarks.synthetic.view import family, given

_FEWEST, _PARTIES_EACH = 4, 500
_BY_NUMBER = 4
"""Every so many-th entry knows a passport, and another date of birth."""


def watch_list(chunk: Chunk) -> pl.DataFrame:
    """id, name, born, country, number, program: persons that the core system has; the same every night."""
    side = chunk.sides[0]
    known = side.records["core"].rows if "core" in side.records else np.arange(0)
    count = min(len(known), max(_FEWEST, side.parties.height // _PARTIES_EACH))
    rng = stream(chunk.seed, "watch list", chunk.number)
    people = side.parties[np.sort(rng.choice(known, count, replace=False))].with_columns(family="family0")
    numbered = pl.int_range(pl.len()) % _BY_NUMBER == 0
    name = given(people, "ascii") + " " + family(people, "ascii")
    return people.with_row_index("place").select(
        pl.format("W{}", pl.col("place") + chunk.number * 1000 + 1).alias("id"), name=name,
        born=pl.when(numbered).then(pl.col("birth").dt.offset_by("-7y")).otherwise("birth"), country="country",
        number=pl.when(numbered).then("passport0"), program=pl.lit("invented list"),
    )  # fmt: skip


def tax_residences(base: pl.DataFrame, rng: np.random.Generator, n: int) -> pl.DataFrame:
    """certificate_id, client_id, country, tax_number, reason: some name another country, some no number."""
    said, missing = pl.Series(rng.random(n) < 0.7), pl.Series(rng.random(n) < 0.5)
    countries = np.array(["AZ", "TR", "DE", "US"])[weighted(rng, (0.7, 0.15, 0.1, 0.05), n)]
    serial = pl.col("serial") + 10_000_000
    return base.select(
        pl.format("TAX{}", serial).alias("certificate_id"), pl.col("owner").alias("client_id"),
        country=pl.Series(countries, dtype=pl.String), tax_number=pl.when(said).then(pl.format("{}", serial * 7)),
        reason=pl.when(~said & ~missing).then(pl.lit("the country issues none")),
    )  # fmt: skip
