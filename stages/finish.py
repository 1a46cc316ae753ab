"""The end of a night: promote, publish, report, remove what is past its term and erase what is due.

Here: their order. Not here: how each is done.
"""

import json
from pathlib import Path

from matching.model import MICRO
from rules.contracts import TABLES
from stages import metrics, notes
from stages.check import outcomes
from stages.delivered import input_count
from stages.erase import erase_due
from stages.findings import deliver
from stages.match import models as models_of
from stages.night import Night
from stages.promote import promote
from stages.publish import publish
from stages.report.facts import ModelFacts, RunFacts
from stages.report.page import write_report
from store import keymap, versions
from store.duck import connect
from store.manifest import Manifest
from store.retention import clean


def finish(night: Night) -> dict[str, int]:
    """Promote the night, publish the version, write its report, clean up; return the version's row counts."""
    seconds = night.folder / "seconds.json"
    noted = json.loads(seconds.read_text(encoding="utf-8")) if seconds.exists() else {}
    version = promote(night, noted)
    publish(night, version)
    deliver(night, version)
    report(night, version)
    notes.write(night.home, version)
    clean(night.home, night.settings.registry.retention)
    metrics.write(night.home)
    erase_due(night.home, night.settings, night.business_date)
    return {entry.name: entry.rows for entry in version.tables}


def complete(night: Night, version: Manifest) -> None:
    """Publish and report a version whose run died between promotion and report; what is there is left alone."""
    publish(night, version)
    deliver(night, version)
    if not report_path(night, version).exists():
        report(night, version)
    if not notes.path(night.home, version.version).exists():
        notes.write(night.home, version)


def report_path(night: Night, version: Manifest) -> Path:
    """Where the version's report lies."""
    return night.home.reports / f"{version.version:06d}.html"


def report(night: Night, version: Manifest) -> Path:
    """Write the version's HTML report and return its path."""
    path = report_path(night, version)
    with connect([night.home.root], night.folder, night.settings.registry.memory) as con:
        keymap.attach(con, night.home)
        versions.attach(con, night.home, version, TABLES)
        input_count(con, night)
        write_report(con, _facts(night, version), path)
    return path


def _facts(night: Night, version: Manifest) -> RunFacts:
    models = models_of(night)
    return RunFacts(
        version=version.version,
        parent=version.parent,
        business_date=version.business_date,
        bank=night.settings.registry.name,
        models=tuple(
            ModelFacts(party, model.name, model.match_weight / MICRO, model.review_weight / MICRO)
            for party, model in models.items()
            if model is not None
        ),
        inputs={entry.source: entry.rows for entry in version.inputs},
        carried=sum(entry.carried for entry in version.inputs),
        checks=outcomes(night),
        gates=version.gates,
        seconds=version.run.seconds,
        show_client_values=night.settings.registry.show_client_values,
    )
