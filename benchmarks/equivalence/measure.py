"""Nights of one bank in both ways, and whether they are equal.

Here: the order of nights and events, and the comparison by content hashes. Not here: how a night runs (homes).
"""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.equivalence import events
from benchmarks.equivalence.homes import WARNS, Bank, Ran, bank, night, share, warn_only
from stages.history import replayed
from stages.verify import verify
from store import versions
from store.home import Home

SHARE = 0.0005
"""Decisions of each kind a night, as a share of the clients."""


@dataclass(frozen=True)
class Asked:
    """What is compared: clients of the bank, nights, seed."""

    clients: int
    nights: int
    seed: int


def measure(asked: Asked, folder: Path) -> dict[str, Any]:
    """`equal`, `invariants_ok` and, for every night, what it computed, what differs and how long both ways took."""
    made = bank(folder, asked.clients, asked.nights, asked.seed)
    warn_only(made)
    nights = [_night(made, folder, place, asked) for place in range(asked.nights)]
    return {
        "equal": all(not one["differs"] for one in nights),
        "invariants_ok": all(one["invariants_ok"] for one in nights),
        "feeds_replay": _feeds_replay(Home(folder / "incremental")),
        "warns_only": [WARNS],
        "clients": asked.clients,
        "seed": asked.seed,
        "nights": nights,
    }


def _night(made: Bank, folder: Path, place: int, asked: Asked) -> dict[str, Any]:
    homes = folder / "incremental", folder / "full"
    happened = _between(made, homes, place, asked) if place else {}
    incremental = night(made, homes[0], made.dates[place], full=False)
    if place == 0:
        share(*homes, "models", "keys")
    full = night(made, homes[1], made.dates[place], full=True)
    checked = verify(Home(homes[0]))
    broken = [found["id"] for found in checked["invariants"] if not found["ok"]]
    return happened | _compared(incremental, full) | {"invariants_ok": checked["ok"], "broken": broken}


def _between(made: Bank, homes: tuple[Path, Path], place: int, asked: Asked) -> dict[str, Any]:
    """Decisions before every night, a new model before the middle one, a roll-back before the last but one."""
    rng = random.Random(asked.seed * 1_000 + place)
    told: dict[str, Any] = {"decisions": events.decisions(homes, rng, made.dates[place], SHARE)}
    if place == asked.nights // 2:
        events.new_model(made, homes, made.dates[place - 1])
        told["event"] = "new model"
    elif asked.nights > 3 and place == asked.nights - 2:
        events.roll_back(homes)
        told["event"] = "rolled back"
    return told


def _feeds_replay(home: Home) -> bool:
    """Whether the events of all nights, from the first on, give the live golden parties and crosswalk."""
    live = versions.manifest(home)
    return all(live.content_hashes[table] == found for table, found in replayed(home, live.version).items())


def _compared(incremental: Ran, full: Ran) -> dict[str, Any]:
    mine, theirs = incremental.version.content_hashes, full.version.content_hashes
    seconds, whole = sum(incremental.seconds.values()), sum(full.seconds.values())
    rows = {entry.name: entry.rows for entry in incremental.version.tables}
    return {
        "version": incremental.version.version,
        "business_date": incremental.version.business_date.isoformat(),
        "plan": incremental.plan,
        "records": rows["std_record"],
        "clients": rows["golden_party"],
        "changes": rows["change_event"],
        "differs": sorted(name for name in {*mine, *theirs} if mine.get(name) != theirs.get(name)),
        "stage_seconds": round(seconds, 1),
        "full_stage_seconds": round(whole, 1),
        "share": round(seconds / whole, 3),
        "wall_seconds": round(incremental.wall, 1),
        "seconds": incremental.seconds,
        "full_seconds": full.seconds,
    }
