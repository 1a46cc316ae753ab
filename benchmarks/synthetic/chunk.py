"""One chunk of the bank: its parties, its records, and every source's extract on every night.

Here: putting the parts together for a bounded number of parties, so that memory does not grow with the bank. Not here:
writing files (bank.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from benchmarks.synthetic import chances, life
from benchmarks.synthetic.draws import Ints, scramble, stream
from benchmarks.synthetic.noise import Noise
from benchmarks.synthetic.organisations import organisations
from benchmarks.synthetic.population import people
from benchmarks.synthetic.records import PRIME, Universe, members, universe
from benchmarks.synthetic.sources import SOURCES, Source, Write
from benchmarks.synthetic.view import view, with_mates

SIZE = 100_000
_BLOCK, _ORGANISATIONS_FROM = 300_000, 200_000


@dataclass(frozen=True)
class Side:
    """The persons, or the organisations, of a chunk: attributes, days of change, records per source."""

    table: str
    parties: pl.DataFrame
    changed: dict[str, Ints]
    records: dict[str, Universe]


@dataclass(frozen=True)
class Chunk:
    """All parties of a chunk."""

    seed: int
    number: int
    nights: tuple[date, ...]
    sides: tuple[Side, Side]


def make(seed: int, number: int, count: int, nights: Sequence[date]) -> Chunk:
    """Chunk `number` with `count` parties."""
    firms = round(count * chances.LEGAL_ENTITY_SHARE)
    offset = number * SIZE
    persons = people(seed, number, offset, count - firms, nights[0])
    companies = organisations(seed, number, offset + count - firms, firms, count - firms, nights[0])
    rates = {
        "people": {"address": chances.MOVES_A_YEAR, "phone": chances.PHONES_A_YEAR, "email": chances.EMAILS_A_YEAR,
                   "passport": 0.1},
        "organisations": {"address": 0.04, "phone": 0.05},
    }  # fmt: skip
    sides = [
        _side(seed, number, table, parties, rates[table], shares, nights)
        for table, parties, shares in (
            ("people", persons, chances.PERSON_SOURCES),
            ("organisations", companies, chances.ORGANISATION_SOURCES),
        )
    ]
    return Chunk(seed, number, tuple(nights), (sides[0], sides[1]))


def truth(chunk: Chunk) -> pl.DataFrame:
    """source, record_id, entity_id of every record of every night."""
    frames = []
    for side in chunk.sides:
        for source, records in side.records.items():
            ever = pl.Series(records.goes > records.comes)
            party = entity(side.parties["party"].gather(records.rows))
            frames.append(pl.DataFrame({"record_id": records.record_id, "entity_id": party}).filter(ever)
                          .select(pl.lit(source).alias("source"), "record_id", "entity_id"))  # fmt: skip
    return pl.concat(frames)


def entity(party: pl.Series) -> pl.Series:
    """The name of each party in the truth; it tells nothing about households."""
    return "E" + pl.Series(scramble(party.to_numpy() + 1, PRIME, 61_803_399)).cast(pl.String).str.zfill(8)


def extracts(chunk: Chunk, night: int) -> Iterator[tuple[Source, pl.DataFrame, pl.DataFrame]]:
    """For each source: its extract on that night, sorted by key, and the log of its mutations."""
    for source in SOURCES:
        made = [
            _written(chunk, side, source, write, night)
            for side, write in zip(chunk.sides, (source.people, source.organisations), strict=True)
            if write is not None
        ]
        yield source, pl.concat([rows for rows, _ in made]).sort(source.key), pl.concat([log for _, log in made])


def _side(
    seed: int, number: int, table: str, parties: pl.DataFrame, rates: dict[str, float], shares: dict[str, float],
    nights: Sequence[date],
) -> Side:  # fmt: skip
    rng = stream(seed, f"life {table}", number)
    n = parties.height
    changed = {name: life.changes(rng, n, rate, nights) for name, rate in rates.items()}
    if table == "people":
        changed["surname"] = _marriages(rng, parties, nights)
    comes = life.night_of(rng, n, chances.NEW_A_NIGHT, len(nights))
    comes = np.where(comes == len(nights), 0, comes)
    first = number * _BLOCK + (_ORGANISATIONS_FROM if table == "organisations" else 0)
    known = members(stream(seed, f"members {table}", number), n, shares)
    records = {
        source: universe(seed, number, source, table, rows, comes, first, nights) for source, rows in known.items()
    }
    return Side(table, parties, changed, records)


def _marriages(rng: np.random.Generator, parties: pl.DataFrame, nights: Sequence[date]) -> Ints:
    """Wives bear their husband's name since a day after they turned 20; a few marry these nights."""
    n, today = parties.height, life.day(nights[0])
    grown = parties["birth"].to_physical().to_numpy().astype(np.int64) + 20 * 365
    when = np.minimum(grown + rng.integers(0, 12 * 365, n), today - rng.integers(1, 2000, n))
    recent = life.changes(rng, n, 0.0, nights)
    bears_another = (parties["family0"] != parties["family1"]).to_numpy()
    return np.asarray(np.where(bears_another, np.where(recent < life.NEVER, recent, when), life.NEVER))


def _written(chunk: Chunk, side: Side, source: Source, write: Write, night: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    records = side.records[source.name]
    frame, stale = view(
        side.parties, side.changed, records, (chunk.seed, chunk.number, source.name), chunk.nights, night
    )
    stale = stale.filter(pl.col("field").is_in(source.shows))
    if side.table == "people":
        frame = with_mates(frame, side.parties)
    rng = stream(chunk.seed, f"noise {source.name} {side.table}", chunk.number)
    noise = Noise(rng, frame.height, source.rates, records.mended <= night)
    rows = write(frame, noise).filter(pl.Series(records.alive(night)))
    return rows, _log(side, source, records, pl.concat([stale, noise.log()]))


def _log(side: Side, source: Source, records: Universe, log: pl.DataFrame) -> pl.DataFrame:
    row = log.get_column("row")
    return log.select(
        entity(side.parties["party"].gather(records.rows[row.to_numpy()])).alias("entity_id"),
        pl.lit(source.name).alias("source"),
        records.record_id.gather(row).alias("record_id"),
        "field",
        "kind",
    )
