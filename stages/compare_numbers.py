"""Which client numbers would change, were a night run now with either model, by the ledger's own rule.

Here: both sides' clusters → crosswalk and ledger events. Not here: the rule (golden_record/identity), whose working
tables come and go.
"""

from typing import Any

import duckdb

from golden_record.identity import assign_numbers
from rules.contracts.identity import EVENTS, IDENTITY
from stages.staged import LEDGER
from store import versions
from store.duck import scalar
from store.home import Home
from store.manifest import Manifest

Row = dict[str, Any]


def changes(con: duckdb.DuckDBPyConnection, home: Home, version: Manifest) -> Row:
    """Events of the ledger under A and under B, records whose number would differ from today's, and between the two.

    Reads `clusters_a`, `clusters_b`, `std_record`; records of the other kind of party keep their live clusters.
    """
    _parents(con, home, version)
    night = versions.next_number(home)
    found: Row = {}
    for side in "ab":
        _clusters(con, side)
        assign_numbers(con, night, version.business_date)
        found[side] = _events(con, night)
        con.execute(f"CREATE OR REPLACE TABLE crosswalk_{side} AS SELECT * FROM crosswalk")
    return found | {"records_numbered_otherwise": _differing(con, "crosswalk_a", "crosswalk_b")}


def _parents(con: duckdb.DuckDBPyConnection, home: Home, version: Manifest) -> None:
    newest = versions.newest(home)
    for table in IDENTITY:
        versions.attach(con, home, newest if table in LEDGER else version, [table], prefix="parent_")
    versions.attach(con, home, version, ["clusters"], prefix="live_")


def _clusters(con: duckdb.DuckDBPyConnection, side: str) -> None:
    con.execute(f"""
        CREATE OR REPLACE TABLE clusters AS
        SELECT record_key, cluster_key FROM clusters_{side}
        UNION ALL
        SELECT record_key, cluster_key FROM live_clusters l ANTI JOIN clusters_{side} c USING (record_key)""")


def _events(con: duckdb.DuckDBPyConnection, night: int) -> Row:
    rows = con.execute(f"SELECT event, count(*) FROM ledger_event WHERE version = {night:d} GROUP BY event").fetchall()
    counted = {str(event): int(count) for event, count in rows}
    survive = scalar(con, """
        SELECT count(*) FROM ledger_number n JOIN parent_ledger_number p USING (client_number)
        WHERE n.state = 'live' AND p.state = 'live'""")  # fmt: skip
    told = {event: counted.get(event, 0) for event in EVENTS} | {"survive": survive}
    return told | {"records_renumbered": _differing(con, "parent_crosswalk", "crosswalk")}


def _differing(con: duckdb.DuckDBPyConnection, before: str, after: str) -> int:
    return scalar(con, f"""
        SELECT count(*) FROM {before} p JOIN {after} n USING (source, record_id)
        WHERE p.client_number <> n.client_number""")  # fmt: skip
