"""Taking the day's snapshot of a source: from the source, from the keep, or the last good one within its policy.

Here: which of the three. Not here: reading (pipelines/sources), what is gone (pipelines/gone), keeping
(store/snapshots).
"""

from collections.abc import Mapping
from datetime import date
from functools import partial

import polars as pl

from pipelines.context import Place
from pipelines.gone import Carried, carry, delivered
from pipelines.sources.snapshot import Snapshot, snapshot
from rules.desk_source import KIND
from rules.errors import ContractError, SourceError
from rules.sources import Source
from stages import releases
from stages.erasure.children import named_in
from stages.erasure.rewrite import suppress
from store import snapshots
from store.snapshots import SnapshotFacts
from store.suppression import suppressed


def land(place: Place, source: Source, day: date) -> Mapping[str, int]:
    """Make sure the snapshot of `source` for `day` is kept; return its row counts, and whether it was taken before.

    A snapshot once kept is never taken again, unless the source is declared to be read otherwise or the kept one is
    stale. A source that cannot be read is served by its last good snapshot for `stale_nights`; one that breaks its
    contract never is.
    """
    facts = snapshots.read_facts(place.home, source.series, day)
    if facts is not None and facts.stale:
        snapshots.set_aside(place.home, source.series, day)
        facts = None
    before, facts = facts, facts or _take(place, source, day)
    counts = {"rows": facts.rows, "usable": facts.usable, "cleaned values": facts.cleaned, "stale": int(facts.stale)}
    seldom = {"carried": facts.carried, "gone and not carried": facts.left_behind, "taken before": int(bool(before))}
    return counts | {name: count for name, count in seldom.items() if count}


def _take(place: Place, source: Source, day: date) -> SnapshotFacts:
    last = snapshots.latest_before(place.home, source.series, day)
    known = _read(place, source.series, last) if last else None
    try:
        waived = partial(releases.waived, place.home, place.settings, source.name)
        folder = place.home.root if source.kind == KIND else place.data
        taken = snapshot(source, folder, day, delivered(known) if known else None, waived)
    except ContractError:
        raise
    except SourceError:
        if last is None or known is None or (day - date.fromisoformat(last.taken)).days > source.stale_nights:
            raise
        return _keep(place, source, (day, date.fromisoformat(last.taken)), Carried(known, last.left_behind))
    return _keep(place, source, (day, day), carry(source, _rows_before(place, source, day, known), taken, day))


def _rows_before(place: Place, source: Source, day: date, known: Snapshot | None) -> pl.DataFrame | None:
    """Rows of the last good snapshot; of a source newly declared, those of the last one under any declaration."""
    if known is not None:
        return known.frame
    found = snapshots.latest_of(place.home, source.name, day)
    return _read(place, *found).frame if found else None


def _read(place: Place, series: str, facts: SnapshotFacts) -> Snapshot:
    frame, quarantine = snapshots.read(place.home, series, date.fromisoformat(facts.date))
    return Snapshot(frame, quarantine, facts.cleaned)


def _keep(place: Place, source: Source, days: tuple[date, date], kept: Carried) -> SnapshotFacts:
    """Keep under the business date, the first of `days`, what was taken on the second."""
    frames = _without_the_erased(place, source, kept.taken)
    with place.night(days[0]).open() as con:
        named = (source.series, *days, kept.taken.cleaned)
        return snapshots.keep(con, place.home, named, *frames, kept.left_behind)


def _without_the_erased(place: Place, source: Source, taken: Snapshot) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Usable and refused rows; what is restricted or erased, and what hangs on it, is refused under its keyed hash."""
    frames = (taken.frame, taken.quarantine)
    named = named_in(source, *frames)
    erased = suppressed(place.home, place.settings.registry.erasure.key, named)
    return suppress(source.name, named.join(erased, on=("source", "record_id")), *frames) or frames
