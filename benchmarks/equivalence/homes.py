"""Two homes of one bank: one runs incremental nights, the other computes everything every night.

Here: making them, one night in one home. Not here: what happens between nights (events), the verdict (measure).
"""

import shutil
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.accuracy.measure import tell
from benchmarks.demo.run import make_bank, systems
from pipelines.context import Place, set_place
from pipelines.ingest import land
from pipelines.run import has_models, train
from rules import gates
from stages.promote import promote
from stages.start import begin
from stages.steps import compute
from store import lock
from store.home import Home
from store.manifest import Manifest

FIRST = date(2026, 3, 2)
WARNS = "firewall_alarms"
"""Gate that only warns here: decisions at random contradict each other more than any bank's people do."""


@dataclass(frozen=True)
class Bank:
    """What the source systems deliver on each date."""

    folder: Path
    dates: tuple[date, ...]


@dataclass(frozen=True)
class Ran:
    """A night in one home: its version, what it computed, seconds of its steps and of the wall clock."""

    version: Manifest
    plan: str
    seconds: dict[str, float]
    wall: float


def bank(folder: Path, clients: int, nights: int, seed: int) -> Bank:
    """The synthetic bank over so many nights: records that come, change and go."""
    dates = tuple(FIRST + timedelta(days=place) for place in range(nights))
    return Bank(make_bank(Home(folder).prepare(), clients, dates, seed, tell), dates)


def warn_only(bank: Bank) -> None:
    """Let the gate `WARNS` warn."""
    rules, registry = bank.folder / "rules", bank.folder / "registry.yaml"
    if not rules.exists():
        rules.mkdir()
        (rules / gates.FILE).write_text(f"{WARNS}: {{blocks: false}}\n", encoding="utf-8")
        registry.write_text(registry.read_text(encoding="utf-8") + f"rules: {rules.name}\n", encoding="utf-8")


def opened(bank: Bank, home: Path) -> Place:
    """The bank's registry with this home."""
    place = set_place(bank.folder / "registry.yaml", home, bank.folder)
    place.home.prepare()
    return place


def night(bank: Bank, home: Path, day: date, full: bool) -> Ran:
    """Run one night by its stages, without Dagster; the first one of a home trains."""
    place = opened(bank, home)
    with systems(place, bank.folder, day):
        if not has_models(place.home):
            train(place, day)
        started = time.perf_counter()
        made = _steps(place, day, full)
    return Ran(*made, time.perf_counter() - started)


def _steps(place: Place, day: date, full: bool) -> tuple[Manifest, str, dict[str, float]]:
    one = place.night(day)
    plan = begin(one, full)
    try:
        started = time.perf_counter()
        for source in place.settings.delivered:
            land(place, source, day)
        seconds = {"raw": time.perf_counter() - started} | compute(one)
        started = time.perf_counter()
        version = promote(one, seconds)
        return version, str(plan), seconds | {"promote": time.perf_counter() - started}
    finally:
        lock.release(place.home)


def share(origin: Path, other: Path, *parts: str) -> None:
    """Give the other home the same folders."""
    for part in parts:
        shutil.rmtree(other / part, ignore_errors=True)
        shutil.copytree(origin / part, other / part)
