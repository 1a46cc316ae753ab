"""What every connector receives and returns.

Here: the shapes and the rules of a location. Not here: any format (one module each), the contract (contract.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from rules.errors import SourceError
from rules.load import expand_env
from rules.sources import Source

BAD_ROWS = pl.Schema({"row": pl.Int64, "rule": pl.String, "reason": pl.String})


@dataclass(frozen=True)
class Request:
    """One read: the source, the folder of registry.yaml, the business date, and where to continue from."""

    source: Source
    folder: Path
    business_date: date
    since: str | None = None

    @property
    def place(self) -> str:
        """How messages name the source."""
        return f"source {self.source.name}"

    def connection(self) -> str:
        """The connection with its secrets; only for opening it, never for a message."""
        return expand_env(self.source.connection or "", self.place)

    def fail(self, expected: str, next_step: str = "") -> SourceError:
        """A SourceError that names this source."""
        return SourceError(self.place, expected, next_step)


@dataclass(frozen=True)
class Raw:
    """What a connector read: typed or text columns, one row per record, position in the input as `row`.

    `bad_rows` (row, rule, reason) could not be read as rows. Positions are unique over both frames.
    """

    frame: pl.DataFrame
    bad_rows: pl.DataFrame


@dataclass(frozen=True)
class Extract:
    """A read that kept its contract: `row` and every declared column as text (lists as List(String))."""

    frame: pl.DataFrame
    bad_rows: pl.DataFrame
    cleaned: int


class Connector(NamedTuple):
    """A kind of source and the function that reads it."""

    kinds: tuple[str, ...]
    read: Callable[[Request], Raw]


def numbered(frame: pl.DataFrame, bad_rows: pl.DataFrame | None = None) -> Raw:
    """Give good rows the positions that bad rows leave free."""
    if bad_rows is None or bad_rows.is_empty():
        return Raw(frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("row")), no_bad_rows())
    taken = bad_rows.get_column("row")
    places = pl.int_range(0, frame.height + bad_rows.height, dtype=pl.Int64, eager=True)
    free = places.filter(~places.is_in(taken.implode())).head(frame.height)
    return Raw(frame.with_columns(free.alias("row")), bad_rows)


def stacked(parts: list[Raw]) -> Raw:
    """Several files of one source as one read, positions running on."""
    frames, bad, start = [], [], 0
    for part in parts:
        frames.append(part.frame.with_columns(pl.col("row") + start))
        bad.append(part.bad_rows.with_columns(pl.col("row") + start))
        start += part.frame.height + part.bad_rows.height
    if len(parts) == 1:
        return parts[0]
    return Raw(pl.concat(frames, how="diagonal_relaxed"), pl.concat(bad))


def no_bad_rows() -> pl.DataFrame:
    """An empty frame of bad rows."""
    return pl.DataFrame(schema=BAD_ROWS)
