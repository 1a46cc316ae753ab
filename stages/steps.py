"""The steps of a night in their order, from kept snapshots to checked tables, in one process and without Dagster.

Here: composition of stages. Not here: taking snapshots (pipelines/ingest), the nightly job (pipelines/assets), which
starts the same steps one by one.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from rules.sources import Source
from stages import identify, match
from stages.certify import certify
from stages.check import STAGES, check, check_raw
from stages.feeds import standardise_feeds
from stages.night import Night
from stages.scorecard import measure
from stages.standardise import standardise
from stages.view import compute_view

Step = tuple[str, Callable[[], object]]
Work = Callable[[Night], Mapping[str, int]]

COMMON: tuple[tuple[str, Work], ...] = (
    ("children", standardise_feeds),
    ("match_input", match.prepare),
    *((f"pairs_{party}", partial(match.score, party=party)) for party in match.MODELS),
    ("clusters", match.cluster),
    ("crosswalk", identify.identify),
    ("golden_record", identify.golden),
    ("client_view", compute_view),
    ("scorecard", measure),
    ("certified", certify),
)
"""What follows the standard forms of every source, in order."""


def compute(night: Night, sources: Sequence[Source] | None = None, checked: bool = True) -> dict[str, float]:
    """Stage and check every table of a night that has begun and whose snapshots are kept; seconds of each step.

    `sources` says in which order theirs arrive, by default as declared.
    """
    seconds = {}
    for name, work in in_order(night, sources, checked):
        started = time.perf_counter()
        work()
        seconds[name] = round(time.perf_counter() - started, 3)
    return seconds


def in_order(night: Night, sources: Sequence[Source] | None = None, checked: bool = True) -> Iterator[Step]:
    """Every step that `compute` takes; each may be taken by a process of its own."""
    sources = night.settings.sources if sources is None else sources
    for source in (*sources, *night.settings.feeds) if checked else ():
        yield f"check_raw_{source.name}", partial(check_raw, night, source)
    for source in sources:
        yield f"std_{source.name}", partial(standardise, night, source)
    for name, work in COMMON:
        yield name, partial(work, night)
    for stage in STAGES if checked else ():
        yield f"check_{stage}", partial(check, night, stage)
