"""Release notes of a version: what came in, what became of the clients, what gates and scores said, how it was made.

Here: one Markdown page per version, kept beside its manifest. It holds counts and declared words, never a client's
value. Not here: the night's report (stages/report).
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from rules.contracts.quality import QUALITY
from rules.errors import NotFound
from store import versions
from store.home import Home, write_durably
from store.manifest import Manifest
from store.opening import opened

FILE = "notes.md"


def path(home: Home, version: int) -> Path:
    """Where a version's notes lie."""
    return versions.manifest_path(home, version).with_name(FILE)


def write(home: Home, version: Manifest) -> Path:
    """Write the notes of a promoted version."""
    target = path(home, version.version)
    write_durably(target, (compose(home, version) + "\n").encode())
    return target


def read(home: Home, version: int | None = None) -> str:
    """The notes of a version, by default the live one; NotFound where a release before this one made it."""
    found = versions.manifest(home, version)
    kept = path(home, found.version)
    if not kept.exists():
        raise NotFound(f"version {found.version}", "has no release notes", "nights from now on write them")
    return kept.read_text(encoding="utf-8")


def compose(home: Home, new: Manifest) -> str:
    """The page as Markdown."""
    old = versions.manifest(home, new.parent) if new.parent else None
    follows = f"Follows version {old.version} of {old.business_date}." if old else "The first version."
    with opened(home, ["change_event", *QUALITY], new) as con:
        changes = con.execute("SELECT event, count(*) FROM change_event GROUP BY event ORDER BY event").fetchall()
        issues = con.execute(f"""
            SELECT coalesce(owner, source), source, field, rule, failed, checked, resolved IS NOT NULL
            FROM quality_issue WHERE first_seen = DATE '{new.business_date}' OR resolved = DATE '{new.business_date}'
            ORDER BY ALL""").fetchall()
    parts = (
        [f"# Version {new.version}, business date {new.business_date}", "", follows],
        ["", "## Sources", "", *_table(_SOURCE_HEAD, _sources(new, old))],
        ["", "## Clients", "", *_table(("", "count"), [("golden records", _rows(new)), *changes])],
        ["", "## Gates", "", *_gates(new)],
        ["", "## Quality", "", *(_issue(*row) for row in issues)] if issues else [],
        ["", "## Made with", "", *_made_with(new, old)],
    )
    return "\n".join(line for part in parts for line in part)


_SOURCE_HEAD = ("source", "rows", "before", "carried", "")


def _sources(new: Manifest, old: Manifest | None) -> Iterator[tuple[object, ...]]:
    before = {entry.source: f"{entry.rows:,}" for entry in old.inputs} if old else {}
    for entry in new.inputs:
        state = "stale: served by an earlier snapshot" if entry.stale else ""
        yield entry.source, f"{entry.rows:,}", before.get(entry.source, "–"), f"{entry.carried:,}", state


def _rows(version: Manifest) -> int:
    table = version.table("golden_party")
    return table.rows if table else 0


def _gates(new: Manifest) -> Iterator[str]:
    broken = [one for one in new.gates if not one.ok]
    yield f"{len(new.gates) - len(broken)} of {len(new.gates)} kept."
    for one in broken:
        by = f"overridden by {one.overridden_by}: {one.reason}" if one.overridden_by else "a warning"
        yield f"- {one.gate} of {one.subject}: {one.found}; {one.expected}. {by}"


def _issue(owner: str, source: str, field: str, rule: str, failed: int, checked: int, resolved: bool) -> str:
    state = "resolved" if resolved else "new"
    return f"- {owner}: {rule} of {source} {field}, {failed:,} of {checked:,} fail ({state})"


def _made_with(new: Manifest, old: Manifest | None) -> Iterator[str]:
    for party, model in sorted(new.models.items()):
        changed = " (changed)" if old and old.models.get(party) != model else ""
        yield f"- model of {party}: {model}{changed}"
    for name, now, before in (
        ("rules", new.rules_hash, old and old.rules_hash), ("software", new.code_version, old and old.code_version),
    ):  # fmt: skip
        yield f"- {name}: {now[:12]}{' (changed)' if before and before != now else ''}"
    yield f"- decisions: the first {new.decisions_upto} rows of the log"


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(map(str, line))} |" for line in lines]
