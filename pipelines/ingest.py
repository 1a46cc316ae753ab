"""Taking the day's snapshot of a source: from the source, from the keep, or the last good one within its policy.

Here: which of the three. Not here: reading (pipelines/sources), keeping (store/snapshots).
"""

from collections.abc import Mapping
from datetime import date

from pipelines.context import Place
from pipelines.sources.snapshot import Snapshot, snapshot
from rules.errors import ContractError, SourceError
from rules.sources import Source
from store import snapshots
from store.snapshots import SnapshotFacts


def land(place: Place, source: Source, day: date) -> Mapping[str, int]:
    """Make sure the snapshot of `source` for `day` is kept; return its row counts.

    A snapshot once kept is never taken again, unless the source is declared to be read otherwise or the kept one is
    stale. A source that cannot be read is served by its last good snapshot for `stale_nights`; one that breaks its
    contract never is.
    """
    facts = snapshots.read_facts(place.home, source.series, day)
    if facts is not None and facts.stale:
        snapshots.set_aside(place.home, source.series, day)
        facts = None
    facts = facts or _take(place, source, day)
    return {"rows": facts.rows, "usable": facts.usable, "cleaned values": facts.cleaned, "stale": int(facts.stale)}


def _take(place: Place, source: Source, day: date) -> SnapshotFacts:
    last = snapshots.latest_before(place.home, source.series, day)
    try:
        taken = snapshot(source, place.data, day, _read(place, source, last))
    except ContractError:
        raise
    except SourceError:
        if last is None or (day - date.fromisoformat(last.taken)).days > source.stale_nights:
            raise
        return _keep(place, source, day, date.fromisoformat(last.taken), _read(place, source, last))
    return _keep(place, source, day, day, taken)


def _read(place: Place, source: Source, facts: SnapshotFacts | None) -> Snapshot | None:
    if facts is None:
        return None
    frame, quarantine = snapshots.read(place.home, source.series, date.fromisoformat(facts.date))
    return Snapshot(frame, quarantine, facts.cleaned)


def _keep(place: Place, source: Source, day: date, taken_on: date, taken: Snapshot | None) -> SnapshotFacts:
    assert taken is not None
    with place.night(day).open() as con:
        kept = (source.series, day, taken_on, taken.cleaned)
        return snapshots.keep(con, place.home, kept, taken.frame, taken.quarantine)
