"""The two sliders of a client page: which day is asked about, and which version is believed about it.

Here: the places they go through, where they stand, the address of a place. Not here: the state of a moment
(stages/as_of), how sliders look (templates).
"""

from bisect import bisect_right
from collections.abc import Sized
from dataclasses import dataclass
from datetime import date

import duckdb


@dataclass(frozen=True)
class Nights:
    """The nights of a history: business date by version, oldest first."""

    made: dict[int, date]

    @property
    def dates(self) -> list[date]:
        """The days that can be asked about; between two of them nothing changed."""
        return sorted(set(self.made.values()))

    @property
    def versions(self) -> list[str]:
        """The versions, each with its business date."""
        return [f"{version} · {day}" for version, day in self.made.items()]

    def places(self, day: date | None, version: int | None) -> tuple[int, int]:
        """Where the sliders stand at a moment: at the last night until the day, and the last version until that one."""
        days = len(self.dates) if day is None else bisect_right(self.dates, day)
        known = len(self.made) if version is None else bisect_right(list(self.made), version)
        return max(days - 1, 0), max(known - 1, 0)

    def query(self, day: int | None, version: int | None) -> str:
        """The moment at two places as an address has it; nothing where both are the last."""
        dates, versions = self.dates, list(self.made)
        last = dates[-1], versions[-1]
        chosen = dates[_at(dates, day)], versions[_at(versions, version)]
        return "" if chosen == last else f"?as_of={chosen[0]}&known_at={chosen[1]}"


def _at(places: Sized, place: int | None) -> int:
    last = len(places) - 1
    return last if place is None else min(place, last)


def nights(con: duckdb.DuckDBPyConnection) -> Nights:
    """The nights of the version's history."""
    return Nights(dict(con.execute("SELECT version, business_date FROM history_night ORDER BY version").fetchall()))
