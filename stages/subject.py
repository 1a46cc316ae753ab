"""Everything the registry holds of one client, for the person it is about: as JSON and as a page that people can read.

Here: gathering and writing it. Not here: the queries of the golden record (stages/lookup). Source of the rule: right of
access and to data portability (GDPR articles 15 and 20).
"""

import json
from pathlib import Path
from typing import Any

from rules.contracts.children import UNITS
from rules.contracts.standard import STANDARD
from stages import lookup
from stages.paper import render
from store import versions
from store.decisions import open_log
from store.duck import rows, tables
from store.entered import Entered
from store.home import Home, private, write_durably
from store.opening import opened

_HERE = Path(__file__).parent / "subject_page"
_FORMS = tuple(name for name in STANDARD if name != "quarantine")
_CHILDREN = tuple(f"std_{unit}" for unit in UNITS)
Row = dict[str, Any]


def gather(home: Home, number: str) -> Row:
    """Golden record, source records with every standard form and what hangs on them, the client view, history,
    decisions, and who received it.

    Raises NotFound for a number that stands for no client.
    """
    found = lookup.client(home, number)
    current = found["party"]["client_number"]
    records = [(row["source"], row["record_id"]) for row in found["records"]]
    with opened(home) as con:
        version = versions.manifest(home)
        known = tables(con)
        forms = {name: rows(con, _of_records(name), [current]) for name in _FORMS}
        hung = {name: rows(con, _hanging(name), [current]) for name in _CHILDREN if name in known}
        past = rows(con, _HISTORY, [current]) if version.table("history_value") else []
    decided = open_log(home).decisions().values()
    about = [
        one.shown(version.business_date, values=True)
        for one in decided
        if {*one.entry.left, *one.entry.right} & {*records}
    ]
    entered = [
        {"form": one.form, "at": one.at, "by": one.user, "said": ", ".join(f"{k}: {v}" for k, v in one.fields.items())}
        for one, holds in Entered(home).about(records) if holds
    ]  # fmt: skip
    outputs = sorted(path.parent.name for path in home.published.glob(f"*/{version.version:06d}"))
    return {
        "client_number": current, "asked": number, "version": version.version, "business_date": version.business_date,
        "golden": {name: found[name] for name in ("party", "names", "identifiers", "addresses", "contacts", "lineage")},
        "records": {name: rows for name, rows in (forms | hung).items() if rows},
        "view": {part: _without_others(rows) for part, rows in found["view"].items() if rows},
        "history": past, "decisions": about, "entered_at_the_desk": entered, "published_to": outputs,
    }  # fmt: skip


def export(home: Home, number: str, folder: Path) -> list[Path]:
    """Write `subject-NUMBER.json` and `.html`, readable by their owner only; their paths."""
    found = gather(home, number)
    with private():
        folder.mkdir(parents=True, exist_ok=True)
        written = [folder / f"subject-{found['client_number']}{suffix}" for suffix in (".json", ".html")]
        write_durably(written[0], (json.dumps(found, indent=1, default=str, ensure_ascii=False) + "\n").encode())
        write_durably(
            written[1], render(_HERE, "subject.html", {"found": found, "tables": _tables(found)}, {}).encode()
        )
    return written


def _tables(found: Row) -> list[tuple[str, list[str], list[Row]]]:
    """Title, filled columns and rows of each part of the page."""
    parts = {**{name: found["golden"][name] for name in ("names", "identifiers", "addresses", "contacts")},
             "where each value came from": found["golden"]["lineage"],
             **{f"as our systems hold it: {name.removeprefix('std_')}": r for name, r in found["records"].items()},
             **{f"what we compute of it: {part}": rows for part, rows in found["view"].items()},
             "history": found["history"], "decisions": found["decisions"],
             "entered at the client desk": found["entered_at_the_desk"]}  # fmt: skip
    return [(title, _filled(rows), rows) for title, rows in parts.items() if rows]


def _filled(rows: list[Row]) -> list[str]:
    return [column for column in rows[0] if any(row[column] not in (None, "", []) for row in rows)]


def _of_records(table: str) -> str:
    """Rows of a standardised table, each with the name of its record."""
    own = ", source, record_id" if table == "std_record" else ""
    return f"""
        SELECT x.source, x.record_id, t.* EXCLUDE (record_key{own}) FROM {table} t
        JOIN crosswalk x USING (record_key) WHERE x.client_number = ? ORDER BY ALL"""


def _hanging(table: str) -> str:
    """Rows of feeds, and child units of the records themselves."""
    return f"""
        SELECT t.* FROM {table} t JOIN crosswalk x USING (source, record_id) WHERE x.client_number = ? ORDER BY ALL"""


def _without_others(rows: list[Row]) -> list[Row]:
    """What a view says, but for the names of other clients that the bank found beside this one."""
    return [{column: value for column, value in row.items() if column != "display_name"} for row in rows]


_HISTORY = """
    SELECT field, value, valid_from, valid_to, known_from, known_to FROM history_value
    WHERE client_number = ? ORDER BY field, valid_from, known_from"""
