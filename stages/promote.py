"""Promotion of a night: hash every staged table, write the manifest, make the version live.

Here: composition. Not here: how promotion is made safe (store/versions).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from quality.checks.expectations import Outcome
from rules.errors import RegistryError
from rules.sources import Source
from stages import staged
from stages.check import gate
from stages.gates import judge, require
from stages.night import Night
from stages.start import basis
from stages.stopped import tell
from store import snapshots, suppression, versions
from store.manifest import CheckEntry, InputEntry, Manifest, RunEntry, TableEntry


def promote(night: Night, seconds: Mapping[str, float]) -> Manifest:
    """Make the night's staged tables the live version and return its manifest; refused while a check or gate fails."""
    checked, made_with, live = gate(night), basis(night), night.parent
    if night.basis and night.basis != made_with:
        raise RegistryError(
            f"night of {night.business_date}", "what it is computed with changed meanwhile", "run again"
        )
    judged = judge(night)
    tell(night, judged)
    require(night, judged)
    new = Manifest(
        version=night.version,
        parent=live.version if live else None,
        business_date=night.business_date,
        inputs=_read(night, night.settings.sources),
        feeds=_read(night, night.settings.feeds),
        **made_with,
        decisions_upto=night.decisions_upto,
        decisions_hash=night.log.head(night.decisions_upto)[1],
        suppression_hash=suppression.head(night.home),
        tables=_tables(night),
        checks=_checks(checked),
        gates=tuple(one.entry for one in judged),
        run=RunEntry(started=datetime.now(UTC).isoformat(timespec="seconds"), seconds=dict(seconds)),
    )
    versions.promote(night.home, new)
    return new


def _read(night: Night, delivered: Sequence[Source]) -> tuple[InputEntry, ...]:
    """The night's raw snapshots of what is delivered."""
    found = (snapshots.read_facts(night.home, source.series, night.business_date) for source in delivered)
    return tuple(
        InputEntry(
            source=f.source, snapshot=f.taken, rows=f.rows, content_hash=f.content_hash, stale=f.stale,
            carried=f.carried, left_behind=f.left_behind,
        )
        for f in found
        if f is not None
    )  # fmt: skip


def _tables(night: Night) -> tuple[TableEntry, ...]:
    """Every contract table: whole, or as changes over the parent's; hashed, moved to the objects."""
    return tuple(staged.adopt(night, found) for found in staged.gathered(night))


def _checks(checked: tuple[Outcome, ...]) -> tuple[CheckEntry, ...]:
    return tuple(
        CheckEntry(
            stage=found.stage,
            rules=found.rules,
            failed=len(found.warnings) + len(found.blocking_failed),
            blocking_failed=len(found.blocking_failed),
        )
        for found in checked
    )
