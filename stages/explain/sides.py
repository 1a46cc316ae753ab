"""What the two arguments stand for: `source:record_id` is a record, anything without a colon is a client number.

Here: finding their records in a version, and errors that say why a record is not there. Not here: comparing them.
"""

from dataclasses import dataclass

import duckdb

from rules.contracts.columns import MODEL_OF
from rules.errors import NotFound, RegistryError
from stages.explain.facts import Side
from stages.lookup import resolve
from store.home import Home

NEEDED = ("crosswalk", "clusters", "quarantine", "ledger_number")
"""Tables in which a side is looked up."""


@dataclass(frozen=True)
class Party:
    """A side with its record keys, its model (person or organisation) and its cluster."""

    side: Side
    keys: tuple[int, ...]
    model: str
    cluster: int


def find(con: duckdb.DuckDBPyConnection, home: Home, asked: str) -> Party:
    """The records that `asked` stands for in the version attached to `con`; NotFound says where to look."""
    if ":" in asked:
        source, _, record_id = asked.partition(":")
        where, values = "x.source = ? AND x.record_id = ?", [source, record_id]
    else:
        where, values = "x.client_number = ?", [resolve(con, home, asked)]
    rows = con.execute(_RECORDS.format(where=where), values).fetchall()
    if not rows:
        raise absent(con, *values)
    number, model, cluster = rows[0][3], MODEL_OF[str(rows[0][4])], int(rows[0][5])
    side = Side(asked, str(number), tuple(f"{row[1]}:{row[2]}" for row in rows))
    return Party(side, tuple(int(row[0]) for row in rows), model, cluster)


_RECORDS = """
    SELECT x.record_key, x.source, x.record_id, x.client_number, x.party_type, c.cluster_key
    FROM crosswalk x JOIN clusters c USING (record_key) WHERE {where} ORDER BY x.source, x.record_id"""


def absent(con: duckdb.DuckDBPyConnection, source: str, record_id: str = "") -> NotFound:
    """Why a record that was asked for is not in the version; the message names its source, never its key."""
    place = f"record of {source}" if record_id else "client number"
    held = "SELECT rule FROM quarantine WHERE source = ? AND record_id = ? ORDER BY row LIMIT 1"
    rules = con.execute(held, [source, record_id]).fetchall()
    if rules:
        return NotFound(
            place, f"it is in quarantine (rule {rules[0][0]}), so it was never compared", "mend it in its source"
        )
    if con.execute("SELECT 1 FROM crosswalk WHERE source = ? LIMIT 1", [source]).fetchall():
        known = con.execute("SELECT 1 FROM key_map WHERE source = ? AND record_id = ?", [source, record_id]).fetchall()
        expected = "an earlier version had it, this one has not" if known else "this source has no such record"
        return NotFound(place, expected, "check the key, or look it up", "registry find --record SOURCE RECORD_ID")
    names = [str(row[0]) for row in con.execute("SELECT DISTINCT source FROM crosswalk ORDER BY 1").fetchall()]
    return NotFound(place, f"there is no such source, only {', '.join(names)}", "write SOURCE:RECORD_ID")


def apart(left: Party, right: Party) -> tuple[Party, Party]:
    """The two sides without overlap: a record against its own client means against the client's other records.

    One client against itself stays as it is: then the question is what holds it together.
    """
    if left.keys == right.keys:
        if len(left.keys) > 1:
            return left, right
        raise RegistryError(
            "explain", "both arguments are the same single record", "give two records, or a client with several"
        )
    if set(left.keys) < set(right.keys):
        return left, _without(right, left)
    if set(right.keys) < set(left.keys):
        return _without(left, right), right
    return left, right


def _without(whole: Party, part: Party) -> Party:
    """`whole` less the records of `part`."""
    kept = [(key, name) for key, name in zip(whole.keys, whole.side.records, strict=True) if key not in part.keys]
    side = Side(whole.side.asked, whole.side.client_number, tuple(name for _, name in kept))
    return Party(side, tuple(key for key, _ in kept), whole.model, whole.cluster)
