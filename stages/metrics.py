"""Metrics of the live version for a monitoring system, as a Prometheus text file that node_exporter picks up.

Here: which figures, and the text. Not here: counting (quality/figures), alarms (docs/runbook.md).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from store import suppression, versions
from store.home import Home, write_durably
from store.manifest import Manifest
from store.opening import opened

_SHOWN = {
    "rows": ("source_rows", "rows delivered by the source", "source"),
    "quarantined": ("source_quarantined_rows", "rows of the source in quarantine", "source"),
    "stale_days": ("source_stale_days", "days since the source last delivered", "source"),
    "records": ("records", "records that were matched", "model"),
    "clusters": ("clusters", "clusters", "model"),
    "pairs": ("pairs", "scored pairs", "model"),
    "alarms": ("firewall_alarms", "refused unions that wait for a steward", "model"),
}
"""Figure → metric, what it says, and what its subject is called."""


def path(home: Home) -> Path:
    """Where the text file lies."""
    return home.root / "metrics" / "registry.prom"


def write(home: Home, stopped: bool = False) -> Path:
    """Write the metrics of the live version; `stopped` says that the last night was not promoted."""
    target, found = path(home), CollectorRegistry()
    _gauge(found, "last_run_timestamp_seconds", "when the last night ended").set_to_current_time()
    _gauge(found, "last_night_stopped", "1 where the last night was not promoted").set(stopped)
    if versions.live(home) is not None:
        _of_version(found, home, versions.manifest(home))
    target.parent.mkdir(exist_ok=True)
    write_durably(target, generate_latest(found))
    return target


def _of_version(found: CollectorRegistry, home: Home, live: Manifest) -> None:
    day = datetime.combine(live.business_date, datetime.min.time(), UTC).timestamp()
    _gauge(found, "live_version", "number of the live version").set(live.version)
    _gauge(found, "business_date_timestamp_seconds", "business date of the live version").set(day)
    _gauge(found, "clients", "golden records").set(_rows(live, "golden_party"))
    _gauge(found, "review_items", "items that wait for a steward").set(_rows(live, "review"))
    waiting = len(suppression.open_restrictions(home))
    _gauge(found, "erasures_waiting", "restrictions whose term still runs").set(waiting)
    breached = {gate.gate: 1 for gate in live.gates if not gate.ok}
    _each(found, "step_seconds", "seconds of each step of the night", "step", live.run.seconds)
    _each(found, "gate_breached", "gates breached or overridden", "gate", breached)
    _figures(found, home, live)


def _figures(found: CollectorRegistry, home: Home, live: Manifest) -> None:
    if live.table("figure") is None:
        return
    with opened(home, ["figure", "quality_issue"], live) as con:
        rows = con.execute(
            "SELECT CAST(figure AS VARCHAR), subject, value FROM figure WHERE version = ? ORDER BY ALL", [live.version]
        ).fetchall()
        issues = con.execute("""SELECT coalesce(owner, source), count(*) FROM quality_issue WHERE resolved IS NULL
                                GROUP BY ALL ORDER BY 1""").fetchall()
    for figure, (name, says, of) in _SHOWN.items():
        _each(found, name, says, of, {subject: value for kind, subject, value in rows if kind == figure})
    _each(found, "quality_issues", "scores below their target", "owner", dict(issues))


def _rows(live: Manifest, table: str) -> int:
    entry = live.table(table)
    return entry.rows if entry else 0


def _gauge(found: CollectorRegistry, name: str, says: str, *labels: str) -> Gauge:
    return Gauge(f"registry_{name}", says, labels, registry=found)


def _each(found: CollectorRegistry, name: str, says: str, label: str, values: Mapping[str, float]) -> None:
    gauge = _gauge(found, name, says, label)
    for subject, value in sorted(values.items()):
        gauge.labels(subject).set(value)
