"""Metrics of the live version for a monitoring system, as a Prometheus text file that node_exporter picks up.

Here: which figures, and the text. Not here: counting (quality/figures), alarms (docs/runbook.md).
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import time

from store import suppression, versions
from store.duck import connect
from store.home import Home, write_durably
from store.manifest import Manifest

Sample = tuple[dict[str, str], float]
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
    target = path(home)
    target.parent.mkdir(exist_ok=True)
    write_durably(target, ("\n".join(_lines(home, stopped)) + "\n").encode())
    return target


def _lines(home: Home, stopped: bool) -> Iterator[str]:
    yield from _metric("last_run_timestamp_seconds", "when the last night ended", [({}, int(time()))])
    yield from _metric("last_night_stopped", "1 where the last night was not promoted", [({}, int(stopped))])
    if versions.live(home) is None:
        return
    live = versions.manifest(home)
    day = datetime.combine(live.business_date, datetime.min.time(), UTC).timestamp()
    seconds = [({"step": step}, value) for step, value in sorted(live.run.seconds.items())]
    yield from _metric("live_version", "number of the live version", [({}, live.version)])
    yield from _metric("business_date_timestamp_seconds", "business date of the live version", [({}, day)])
    yield from _metric("clients", "golden records", [({}, _rows(live, "golden_party"))])
    yield from _metric("review_items", "items that wait for a steward", [({}, _rows(live, "review"))])
    yield from _metric("step_seconds", "seconds of each step of the night", seconds)
    breached = sorted({gate.gate for gate in live.gates if not gate.ok})
    yield from _metric("gate_breached", "gates breached or overridden", [({"gate": name}, 1) for name in breached])
    waiting = len(suppression.open_restrictions(home))
    yield from _metric("erasures_waiting", "restrictions whose term still runs", [({}, waiting)])
    yield from _figures(home, live)


def _figures(home: Home, live: Manifest) -> Iterator[str]:
    if live.table("figure") is None:
        return
    with connect([home.root], home.cache) as con:
        versions.attach(con, home, live, ["figure", "quality_issue"])
        rows = con.execute(
            "SELECT CAST(figure AS VARCHAR), subject, value FROM figure WHERE version = ? ORDER BY ALL", [live.version]
        ).fetchall()
        issues = con.execute("""SELECT coalesce(owner, source), count(*) FROM quality_issue WHERE resolved IS NULL
                                GROUP BY ALL ORDER BY 1""").fetchall()
    for figure, (name, says, of) in _SHOWN.items():
        yield from _metric(name, says, [({of: subject}, value) for kind, subject, value in rows if kind == figure])
    yield from _metric("quality_issues", "scores below their target", [({"owner": owner}, n) for owner, n in issues])


def _rows(live: Manifest, table: str) -> int:
    entry = live.table(table)
    return entry.rows if entry else 0


def _metric(name: str, says: str, samples: Iterable[Sample]) -> Iterator[str]:
    """Source of the form: Prometheus text exposition format 0.0.4."""
    yield f"# HELP registry_{name} {says}"
    yield f"# TYPE registry_{name} gauge"
    for labels, value in samples:
        shown = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"registry_{name}{f'{{{shown}}}' if shown else ''} {value:.12g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
