"""Which outputs get which versions, and what became of each.

Here: composition. Not here: any form. An output that takes every version in turn gets those it missed; the others get
the newest alone.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rules.errors import NotFound, RegistryError
from rules.publication import Publication
from rules.settings import Settings
from rules.trace import place_of
from stages.night import Night
from stages.publish import taken
from stages.publish.changes import write_changes
from stages.publish.delta import write_delta
from stages.publish.excel import write_excel
from stages.publish.files import write_files
from stages.publish.folders import write_folder
from stages.publish.job import Job
from stages.publish.postgresql import write_postgresql
from store import versions
from store.home import Home, write_durably
from store.manifest import Manifest

_FORMS: dict[str, Callable[[Job], str]] = {
    "parquet": partial(write_folder, write=write_files),
    "csv": partial(write_folder, write=write_files),
    "excel": partial(write_folder, write=write_excel),
    "changes": partial(write_folder, write=write_changes),
    "delta": write_delta,
    "postgresql": write_postgresql,
}
_IN_TURN = ("changes", "delta")
_FAILED = "failed.json"
_DEFAULT = (Publication(kind="parquet"), Publication(kind="csv"))


def publish(night: Night, version: Manifest) -> dict[str, str]:
    """Bring every declared output to `version`; return output → place of those that have it.

    One that cannot be written is noted with its reason, see `failures`, and harms no other. One that has the version
    already is left alone.
    """
    done: dict[str, str] = {}
    failed: dict[str, str] = {}
    for target in night.settings.registry.publish or _DEFAULT:
        try:
            for due in _due(night.home, target, version):
                done[target.name] = _FORMS[target.kind](Job(night, due, target))
                _name_latest(night.home.published / target.name, due.version)
        except RegistryError as error:
            failed[target.name] = str(error)
        except Exception as error:  # any library's; its text may hold a client's values
            failed[target.name] = f"unexpected {type(error).__name__} at {place_of(error)}"
        if target.name in failed:
            done.pop(target.name, None)
    night.home.published.mkdir(exist_ok=True)
    write_durably(night.home.published / _FAILED, json.dumps(failed, indent=1, sort_keys=True).encode())
    return done


def failures(home: Home) -> dict[str, str]:
    """Outputs that the last publication could not bring to its version, with the reason."""
    path = home.published / _FAILED
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def state(home: Home, settings: Settings) -> list[dict[str, Any]]:
    """Each output: the version it has, why it lacks the live one, what its consumer acknowledged and what waits for it.

    `version` and `acknowledged` are empty where there is none; `waiting` counts number changes of a change feed.
    """
    known, failed = taken.taken(home), failures(home)
    found: list[dict[str, Any]] = []
    for target in settings.registry.publish or _DEFAULT:
        consumer = taken.consumer_of(target)
        behind = known.get(consumer, 0) if consumer else None
        found.append({
            "output": target.name, "version": _newest(home.published / target.name), "acknowledged": behind,
            "waiting": None if behind is None else len(taken.waiting(home, behind)),
            "problem": failed.get(target.name, ""),
        })  # fmt: skip
    return found


def point(home: Home, version: int) -> None:
    """Make `latest.txt` of every output that has the version name it, as after a rollback."""
    for folder in sorted(home.published.glob(f"*/{version:06d}")):
        _name_latest(folder.parent, version)


def _name_latest(place: Path, version: int) -> None:
    place.mkdir(exist_ok=True)
    write_durably(place / "latest.txt", f"{version:06d}\n".encode())


def _due(home: Home, target: Publication, version: Manifest) -> list[Manifest]:
    """The versions to be written, oldest first: `version`, and before it those it descends from that were missed."""
    due, place = [version], home.published / target.name
    while target.kind in _IN_TURN and (before := _missed(home, place, due[0].parent)):
        due.insert(0, before)
    return due


def _missed(home: Home, place: Path, number: int | None) -> Manifest | None:
    """The manifest of a version that an output, once begun, has not; None where it has it, or it is no longer kept."""
    if not number or (place / f"{number:06d}").exists() or number < _first(place):
        return None
    try:
        versions.require_kept(home, number)
        return versions.manifest(home, number)
    except NotFound:
        return None


def _newest(place: Path) -> int | None:
    """The version that `latest.txt` names."""
    latest = place / "latest.txt"
    return int(latest.read_text(encoding="utf-8")) if latest.exists() else None


def _first(place: Path) -> float:
    """The oldest version of an output; it is not filled with what was before it was declared."""
    return min((int(path.name) for path in place.glob("[0-9]*") if path.name.isdigit()), default=float("inf"))
