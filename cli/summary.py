"""The closing summary of a run: rows in, quarantined, pairs, clusters, golden, changes, where to look next.

Here: what is shown. Not here: how it came about.
"""

from typing import Any

from cli.options import show_table
from stages.publish import failures
from store.home import Home
from store.manifest import Manifest

_SHOWN = {
    "rows in": None, "quarantined": ("quarantine",), "pairs kept": ("pairs_person", "pairs_organisation"),
    "clients (golden records)": ("golden_party",), "to review": ("review",), "changes": ("change_event",),
}  # fmt: skip

MUCH = 0.1
"""Share of a source's rows in quarantine above which the summary says so."""


def summary(home: Home, version: Manifest, new: bool) -> dict[str, Any]:
    """Figures of a version as a plain object."""
    rows = {entry.name: entry.rows for entry in version.tables}
    counts = {
        name: sum(rows.get(table, 0) for table in tables) if tables else sum(entry.rows for entry in version.inputs)
        for name, tables in _SHOWN.items()
    }
    return {
        "version": version.version,
        "new": new,
        "business_date": version.business_date.isoformat(),
        "counts": counts,
        "carried": {entry.source: entry.carried for entry in version.inputs if entry.carried},
        "left_behind": {entry.source: entry.left_behind for entry in version.inputs if entry.left_behind},
        "stale_sources": [entry.source for entry in (*version.inputs, *version.feeds) if entry.stale],
        "much_quarantined": _much_quarantined(home, version),
        "golden_hash": version.content_hashes["golden_party"],
        "report": str(home.reports / f"{version.version:06d}.html"),
        "published": str(home.published),
        "unpublished": failures(home),
        "seconds": round(sum(version.run.seconds.values()), 1),
    }


def _much_quarantined(home: Home, version: Manifest) -> dict[str, float]:
    """Share of its rows that a source has in quarantine, where that is more than MUCH."""
    from store.opening import opened

    if not any(entry.name == "quarantine" and entry.rows for entry in version.tables):
        return {}
    with opened(home, ["quarantine"], version) as con:
        refused = dict(con.execute("SELECT source, count(*) FROM quarantine GROUP BY source").fetchall())
    shares = {entry.source: refused.get(entry.source, 0) / max(entry.rows, 1) for entry in version.inputs}
    return {source: round(share, 6) for source, share in sorted(shares.items()) if share > MUCH}


def show_summary(found: dict[str, Any]) -> None:
    """Print the summary as a table."""
    state = "made" if found["new"] else "was already the result of this date: nothing recomputed; --retake reads again"
    rows = [[name, count] for name, count in found["counts"].items()]
    show_table(f"Night {found['business_date']}: version {found['version']} {state}", ["", "rows"], rows)
    for source, share in found["much_quarantined"].items():
        print(f"! {source}: {share:.0%} of its rows are quarantined; is its key one row's own? See the report")
    for source, rows in found["carried"].items():
        print(f"  {source}: {rows:,} records gone from the source are carried on (when_gone)")
    for source, rows in found["left_behind"].items():
        print(f"! {source}: {rows:,} gone records do not fit its new declaration and were left behind")
    if found["stale_sources"]:
        print(f"! served by an earlier snapshot: {', '.join(found['stale_sources'])}")
    for output, problem in found["unpublished"].items():
        print(f"! {output} has not this version; the next run tries again. {problem}")
    print(f"Golden hash {found['golden_hash']}\nReport      {found['report']}\nPublished   {found['published']}")
