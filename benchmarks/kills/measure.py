"""Killing a night at places spread over all that it writes, and counting what was lost or torn.

Here: the home, the kills, the verdict. A night is *torn* that leaves a live version which is neither the old nor the
new one; something is *lost* when a promoted file is gone or damaged, or the night run again comes out otherwise. Every
kill begins with the home as it was before its step. The night is run again after the last kill of each step, and after
all that left the new version live.
"""

import shutil
import signal
import tempfile
from bisect import bisect_right
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.demo.run import TWO_FILES, make_bank
from benchmarks.kills.victim import night, run_in_child, take, watched
from pipelines.context import set_place
from pipelines.run import train
from quality.checks.expectations import prepare
from rules.errors import RegistryError
from store import versions
from store.home import Home

FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 3)
_CHEAP = "threads: 1\ncertified_clusters: 1\n"


class Left(NamedTuple):
    """What a kill left: the live version (0 where it cannot be read), and whether every promoted file is whole."""

    live: int
    whole: bool


def kills(count: int, clients: int, seed: int = 1) -> dict[str, Any]:
    """Kill `count` nights: `{"kills", "lost", "torn", "old", "new", "again"}`.

    `old` and `new` say which version was live then, `again` how many nights were run again.
    """
    prepare()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        work, before, note = Path(name) / "work", Path(name) / "before", Path(name) / "changes"
        _must(run_in_child(lambda: _make(work, clients, seed)))
        _must(run_in_child(lambda: watched(work, SECOND, lambda step: _keep(work, before / str(step)), note)))
        expected = versions.manifest(Home(work / "home")).content_hashes
        *starts, changes = map(int, note.read_text(encoding="utf-8").split())
        places = [place * changes // count for place in range(count)]
        return _kill_all(work, before, [_of_step(starts, place) for place in places], expected)


def _of_step(starts: list[int], place: int) -> tuple[int, int]:
    """The step that makes the change after `place` others, and which of its own changes it is."""
    step = bisect_right(starts, place) - 1
    return step, place - starts[step] + 1


def _kill_all(work: Path, before: Path, places: list[tuple[int, int]], expected: dict[str, str]) -> dict[str, Any]:
    found = dict.fromkeys(("kills", "lost", "torn", "old", "new", "again"), 0)
    last = dict(places)
    for step, fatal in places:
        died = _killed(work, before / str(step), step, fatal)
        left = _left(Home(work / "home"))
        found["kills"] += died
        found["torn"] += left.live not in (1, 2)
        found["lost"] += not left.whole
        found["old"] += died and left.live == 1
        found["new"] += died and left.live == 2
        if left.live != 1 or last[step] == fatal:
            found["again"] += 1
            found["lost"] += _comes_out_otherwise(work, expected)
    return found


def _killed(work: Path, before: Path, step: int, fatal: int) -> bool:
    """Kill the step at a change, or at one before where it makes fewer than it was watched to make."""
    for change in range(fatal, 0, -1):
        shutil.rmtree(work)
        _keep(before, work)
        if run_in_child(lambda change=change: take(work, SECOND, step, change)) == -signal.SIGKILL:  # type: ignore[misc]
            return True
    return False


def _keep(folder: Path, target: Path) -> None:
    shutil.copytree(folder, target)


def _left(home: Home) -> Left:
    try:
        whole = not any(versions.damaged(home, versions.manifest(home, number)) for number in versions.numbers(home))
        return Left(versions.manifest(home).version, whole and 1 in versions.numbers(home))
    except RegistryError:
        return Left(0, False)


def _comes_out_otherwise(work: Path, expected: dict[str, str]) -> bool:
    """Whether the night, run again undisturbed, has another result."""
    ended, home = run_in_child(lambda: night(work, SECOND)), Home(work / "home")
    return ended != 0 or versions.manifest(home).content_hashes != expected or not _left(home).whole


def _make(folder: Path, clients: int, seed: int) -> None:
    """Two file sources of the synthetic bank, a trained model, and the first night."""
    bank = make_bank(Home(folder).prepare(), clients, (FIRST, SECOND), seed, lambda *_: None)
    (bank / "registry.yaml").write_text(TWO_FILES.read_text(encoding="utf-8") + _CHEAP, encoding="utf-8")
    train(set_place(bank / "registry.yaml", folder / "home"), FIRST)
    night(folder, FIRST)


def _must(code: int) -> None:
    if code:
        raise RegistryError("kills", "the home could not be made", "see the error above")
