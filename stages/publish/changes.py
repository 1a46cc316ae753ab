"""The change feed: what a version changed, as JSON lines, one file per kind of change.

Here: the files. `number_change` holds what happened to numbers this night, which consumers acknowledge (taken);
`redirect` every retired number with the one it stands for now. Not here: computing changes (golden_record/changes).
"""

from pathlib import Path

from stages.publish.folders import Rows, assert_read_back
from stages.publish.job import Job
from stages.publish.tables import Shown, shown
from store import versions
from store.duck import identifier, quote, scalar

EVENTS = ("merge", "split", "retire", "restore")
"""What happens to a number that a consumer has: it must learn of these."""
_LEDGER = ("ledger_event", "ledger_number")
_FILES = {
    "number_change": f"""
        SELECT position, event, client_number, other_number, cause, business_date FROM ledger_event
        WHERE version = {{version}} AND event IN {EVENTS} ORDER BY position""",
    "redirect": """
        SELECT client_number, state, resolves_to FROM ledger_number WHERE state <> 'live' ORDER BY client_number""",
}


def write_changes(job: Job, folder: Path) -> Rows:
    """A file per kind of change; rows of each as read back."""
    with job.opened() as con:
        versions.attach(con, job.night.home, job.version, _LEDGER)
        events = [shown(con, name, job.target) for name in ("change_event", "member_event") if name in job.tables]
        queries = {table.name: _with_json(table) for table in events if table}
        queries |= {name: query.format(version=job.version.version) for name, query in _FILES.items()}
        found = {}
        for name, query in queries.items():
            path = folder / f"{name}.jsonl"
            con.execute(f"COPY ({query}) TO {quote(str(path))} (FORMAT json)")
            with path.open("rb") as lines:
                found[path.name] = sum(1 for _ in lines)
            place = f"{job.target.name}, {path.name}"
            assert_read_back(place, scalar(con, f"SELECT count(*) FROM ({query})"), found[path.name])
    return found


def _with_json(table: Shown) -> str:
    """What is JSON in a text column as JSON."""
    cells = (f"CAST({identifier(c)} AS JSON) AS {identifier(c)}" if c in ("before", "after") else identifier(c)
             for c in table.columns)  # fmt: skip
    return f"SELECT {', '.join(cells)} FROM ({table.query}) ORDER BY position"
