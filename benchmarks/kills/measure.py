"""Killing a night at places spread over all that it writes, and counting what was lost or torn.

Here: the home, the kills, the verdict. A night is *torn* that leaves a live version which is neither the old nor the
new one; something is *lost* when a promoted file is gone or damaged, or the night run again comes out otherwise.
"""

import shutil
import signal
import tempfile
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.kills.victim import night, run_in_child
from quality.checks.expectations import prepare
from rules.errors import RegistryError
from store import versions
from store.home import Home

FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 3)
_REGISTRY = """
name: Two files
legal_entities: [{id: bank_az, country: AZ}, {id: lease_az, country: AZ}]
time_zone: Asia/Baku
sources: [sources/cards.yaml, sources/loans.yaml]
publish: [{kind: csv}]
memory: 1GB
threads: 1
certified_clusters: 10
"""


class Left(NamedTuple):
    """What a kill left: the live version (0 where it cannot be read), and whether every promoted file is whole."""

    live: int
    whole: bool


def kills(count: int, clients: int, seed: int = 1) -> dict[str, Any]:
    """Kill `count` nights: `{"kills", "lost", "torn", "old", "new"}`; the last two say which version was live then."""
    prepare()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        template, undisturbed, work = folder / "template", folder / "undisturbed", folder / "work"
        _must(run_in_child(lambda: _make(template, clients, seed)))
        shutil.copytree(template, undisturbed)
        _must(run_in_child(lambda: night(undisturbed, SECOND, note=folder / "changes")))
        expected = versions.manifest(Home(undisturbed / "home")).content_hashes
        changes = int((folder / "changes").read_text(encoding="utf-8"))
        return _kill_all(template, work, [1 + place * changes // count for place in range(count)], expected)


def _kill_all(template: Path, work: Path, places: list[int], expected: dict[str, str]) -> dict[str, Any]:
    """One home is killed later and later, until it has the new version; then it begins anew."""
    found = {"kills": 0, "lost": 0, "torn": 0, "old": 0, "new": 0}
    for place in places:
        if not work.exists():
            shutil.copytree(template, work)
        died = run_in_child(lambda place=place: night(work, SECOND, place)) == -signal.SIGKILL  # type: ignore[misc]
        left = _left(Home(work / "home"))
        found["kills"] += died
        found["torn"] += left.live not in (1, 2)
        found["lost"] += not left.whole
        found["old"] += died and left.live == 1
        found["new"] += died and left.live == 2
        if left.live != 1:
            found["lost"] += _again(work, expected)
    if work.exists():
        found["lost"] += _again(work, expected)
    return found


def _left(home: Home) -> Left:
    try:
        whole = not any(versions.damaged(home, versions.manifest(home, number)) for number in versions.numbers(home))
        return Left(versions.manifest(home).version, whole and 1 in versions.numbers(home))
    except RegistryError:
        return Left(0, False)


def _again(work: Path, expected: dict[str, str]) -> bool:
    """Whether the night, run again undisturbed, comes out otherwise; the home is gone afterwards."""
    ended = run_in_child(lambda: night(work, SECOND))
    home = Home(work / "home")
    other = ended != 0 or versions.manifest(home).content_hashes != expected or not _left(home).whole
    shutil.rmtree(work)
    return other


def _make(folder: Path, clients: int, seed: int) -> None:
    """Two file sources of the synthetic bank, a trained model, and the first night."""
    from benchmarks.accuracy.measure import tell
    from benchmarks.demo.run import make_bank
    from pipelines.context import set_place
    from pipelines.run import train

    bank = make_bank(Home(folder).prepare(), clients, (FIRST, SECOND), seed, tell)
    (bank / "registry.yaml").write_text(_REGISTRY, encoding="utf-8")
    train(set_place(bank / "registry.yaml", folder / "home"), FIRST)
    night(folder, FIRST)


def _must(code: int) -> None:
    if code:
        raise RegistryError("kills", "the home could not be made", "see the error above")
