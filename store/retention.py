"""Removing versions and raw snapshots that are past their term.

Here: what is past its term, and removing it. Not here: the term (rules/calendar), who reads a version (reading). Time
is the live version's business date, not the clock, so the same home always loses the same. A removed version leaves
its manifest with the file `removed` beside it.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from rules.calendar import Retention
from store import reading, snapshots, versions
from store.home import Home, write_durably
from store.manifest import Manifest
from store.versions import REMOVED


@dataclass(frozen=True)
class Plan:
    """What is past its term: versions, versions kept since somebody reads them, files and folders."""

    versions: tuple[int, ...]
    in_use: tuple[int, ...]
    objects: tuple[Path, ...]
    snapshots: tuple[Path, ...]
    extracts: tuple[Path, ...]

    @property
    def bytes(self) -> int:
        """Size of all files that go."""
        files = [file for folder in (*self.snapshots, *self.extracts) for file in folder.rglob("*") if file.is_file()]
        return sum(file.stat().st_size for file in (*self.objects, *files))


_NOTHING = Plan((), (), (), (), ())


def plan(home: Home, rule: Retention | None) -> Plan:
    """What `clean` would remove now; without a rule nothing.

    Never the live version, the newest one (it has the whole ledger), the ones that these were built on, a version
    that is being read, or the last snapshot of a source. Raises IntegrityError on a damaged manifest: who cannot be
    read cannot say which files are its own.
    """
    with _planned(home, rule) as found:
        return found


def clean(home: Home, rule: Retention | None) -> Plan:
    """Remove what is past its term and return it; without a rule everything stays. The home must be held."""
    with _planned(home, rule) as found:
        for number in found.versions:
            write_durably(versions.manifest_path(home, number).with_name(REMOVED), b"past its term\n")
    for file in found.objects:
        file.unlink(missing_ok=True)
    for folder in (*found.snapshots, *found.extracts):
        shutil.rmtree(folder)
    return found


@contextmanager
def _planned(home: Home, rule: Retention | None) -> Iterator[Plan]:
    """The plan; while it is worked on nobody begins to read what goes."""
    if rule is None or versions.live(home) is None:
        yield _NOTHING
        return
    kept = versions.kept(home)
    found = {number: versions.manifest(home, number) for number in kept}
    live = versions.manifest(home)
    stays = _needed(home, live) | _within_term(list(found.values()), live.business_date, rule)
    past = [number for number in kept if number not in stays]
    with ExitStack() as held:
        gone = tuple(number for number in past if held.enter_context(reading.alone(home, number)))
        named = {f.path for number in kept if number not in gone for t in found[number].tables for f in t.files}
        objects = (path for path in home.objects.glob("*/*.parquet") if str(path.relative_to(home.root)) not in named)
        extracts = (path for number in gone for path in home.published.glob(f"*/{number:06d}"))
        in_use = tuple(number for number in past if number not in gone)
        yield Plan(gone, in_use, tuple(sorted(objects)), _old_snapshots(home, live, rule), tuple(sorted(extracts)))


def _needed(home: Home, live: Manifest) -> set[int]:
    """Live, newest, and what they were built on: the parent, and the version before, whose ledger went in."""
    newest = versions.newest(home)
    built_on = {number for one in (live, newest) for number in (one.version - 1, one.parent) if number}
    return {live.version, newest.version} | built_on


def _within_term(found: list[Manifest], today: date, rule: Retention) -> set[int]:
    """Versions of the last days, and the last version of every month of the last years."""
    nightly = {one.version for one in found if one.business_date > today - timedelta(days=rule.nightly_days)}
    months: dict[tuple[int, int], Manifest] = {}
    for one in sorted(found, key=lambda one: (one.business_date, one.version)):
        months[(one.business_date.year, one.business_date.month)] = one
    first = (today.year - rule.month_ends_years, today.month)
    return nightly | {one.version for month, one in months.items() if rule.month_ends_years and month >= first}


def _old_snapshots(home: Home, live: Manifest, rule: Retention) -> tuple[Path, ...]:
    """Snapshots past their term, also those set aside; the last one really taken of a source stays, and the live's."""
    oldest = live.business_date - timedelta(days=rule.snapshots_days)
    folders = [path for path in sorted(home.snapshots.glob("*/*/????-??-??*")) if path.name[:10] <= oldest.isoformat()]
    last = {source: _last(home, source) for source in {path.parent.parent.name for path in folders}}
    used = live.business_date.isoformat()
    return tuple(path for path in folders if path not in last[path.parent.parent.name] and path.name[:10] != used)


def _last(home: Home, source: str) -> set[Path]:
    """The last snapshot really taken under each declaration: reading and carrying go on from it."""
    every = [path for path in home.snapshots.glob(f"{source}/*") if path.is_dir()]
    found = ((series, snapshots.latest_before(home, f"{source}/{series.name}", date.max)) for series in every)
    return {series / facts.date for series, facts in found if facts is not None}
