"""A full night, the same night incrementally, and bare Splink, on one synthetic bank.

Here: the order of the runs and the figures. Not here: the meter, the command.
"""

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.demo.run import systems
from benchmarks.equivalence.homes import Bank, bank, opened
from benchmarks.speed.bare import bare_splink
from benchmarks.speed.meter import StageMeter
from benchmarks.speed.slowest import watched
from pipelines.context import Place
from pipelines.ingest import land
from pipelines.run import has_models, train
from quality.checks.expectations import prepare
from rules.engine import Spark
from stages.finish import finish
from stages.night import Night
from stages.start import begin
from stages.steps import in_order
from store import lock, versions
from store.manifest import Manifest

RECORDS_OF_A_CLIENT = 2.25
"""Records that the synthetic bank's systems hold of a client, on average."""
CHANGED_A_NIGHT = 0.01
"""Share of records that come, change or go in one night of the synthetic bank (benchmarks/synthetic/chances)."""
SEED = 20260302


class Ran(NamedTuple):
    """One night: what it cost, its wall time and its version."""

    meter: StageMeter
    wall: float
    version: Manifest


def measure(
    records: int, share: float, folder: Path, spark: Spark | None = None, profile: Path | None = None
) -> dict[str, Any]:
    """Figures of a bank of about so many records, with homes kept in `folder`; seconds leave out training and start-up.

    `profile` gets the slowest statements of the full and of the incremental night, which take longer then.

    With `spark` the nights that compute everything are spread over that cluster; memory is the driver's.

    `total_seconds` and `stages` are of a full night whose standard forms of values are remembered; `cold_seconds` of
    the first night, which knows none. `night` is the same night computed incrementally.
    """
    nights = 1 + max(1, round(share / CHANGED_A_NIGHT))
    made = bank(folder / "bank", round(records / RECORDS_OF_A_CLIENT), nights, SEED)
    prepare()
    cold = _night(made, folder / "incremental", 0, spark=spark)
    shutil.rmtree(folder / "full", ignore_errors=True)
    shutil.copytree(folder / "incremental", folder / "full", ignore=shutil.ignore_patterns("postgres"))
    with watched(profile and profile / "night"):
        part = _night(made, folder / "incremental", nights - 1)
    with watched(profile and profile / "full"):
        full = _night(made, folder / "full", nights - 1, everything=True, spark=spark)
    place = opened(made, folder / "full")
    bare = bare_splink(place, place.night(made.dates[-1]))
    return _figures(cold, part, full, bare) | {"disk_mb": _megabytes(folder / "full")}


def _figures(cold: Ran, part: Ran, full: Ran, bare: float) -> dict[str, Any]:
    entry, total = full.version.table("std_record"), full.meter.seconds
    records = entry.rows if entry else 0
    return {
        "records": records,
        "total_seconds": total,
        "wall_seconds": round(full.wall, 3),
        "cold_seconds": cold.meter.seconds,
        "records_per_second": round(records / total),
        "peak_mb": full.meter.peak_mb,
        "stages": full.meter.stages,
        "bare_splink_seconds": bare,
        "ratio": round(total / bare, 2),
        "night": {
            "seconds": part.meter.seconds,
            "share": round(part.meter.seconds / total, 4),
            "wall_seconds": round(part.wall, 3),
            "peak_mb": part.meter.peak_mb,
            "stages": part.meter.stages,
            "equal": part.version.content_hashes == full.version.content_hashes,
        },
    }


def _night(made: Bank, home: Path, number: int, everything: bool = False, spark: Spark | None = None) -> Ran:
    """One night from the source systems to publication; the first one of a home trains before."""
    place, day = _on(opened(made, home), spark), made.dates[number]
    with systems(place, made.folder, day):
        if not has_models(place.home):
            train(place, day)
        started, meter = time.perf_counter(), StageMeter()
        try:
            _steps(place, place.night(day), everything, meter)
        finally:
            lock.release(place.home)
        return Ran(meter, time.perf_counter() - started, versions.manifest(place.home))


def _on(place: Place, spark: Spark | None) -> Place:
    """The place with `engine: spark` on that cluster, or as declared."""
    engine = {"engine": "spark", "spark": spark} if spark else {}
    registry = place.settings.registry.model_copy(update=engine)
    return replace(place, settings=replace(place.settings, registry=registry))


def _steps(place: Place, night: Night, everything: bool, meter: StageMeter) -> None:
    begin(night, everything)
    for source in place.settings.delivered:
        meter(f"raw_{source.name}", lambda source=source: land(place, source, night.business_date))  # type: ignore[misc]
    for name, work in in_order(night):
        meter(name, work)
    meter("live_version", lambda: finish(night))


def _megabytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 10**6
