"""The invariants on a promoted version: each a query that must return no row.

Here: which tables they see, and those that need manifest and files. Not here: identity's and survivorship's own
(golden_record/invariants).
"""

from typing import Any

import duckdb

from golden_record.invariants import InvariantResult
from golden_record.invariants import verify as verify_golden
from matching.clustering import disconnected
from matching.model import load
from store import keymap, versions
from store.duck import connect, scalar
from store.home import Home
from store.manifest import Manifest


def verify(home: Home, version: int | None = None, memory: str = "4GB") -> dict[str, Any]:
    """Run every invariant on a version (default: the live one): `{"ok", "version", "invariants": [...]}`."""
    found = versions.manifest(home, version)
    with connect([home.root], home.staging, memory) as con:
        keymap.attach(con, home)
        files = _integrity(home, found)
        results = [files, *(_on_tables(con, home, found) if files.ok else [])]
    return {
        "ok": all(result.ok for result in results),
        "version": found.version,
        "invariants": [result._asdict() for result in results],
    }


def _integrity(home: Home, found: Manifest) -> InvariantResult:
    broken = versions.damaged(home, found)
    return InvariantResult("publication.files", "every file has the hash its manifest names", not broken, len(broken))


def _on_tables(con: duckdb.DuckDBPyConnection, home: Home, found: Manifest) -> list[InvariantResult]:
    versions.attach(con, home, found)
    return [*verify_golden(con), _inputs(con, found), _edges(con, home, found), _connected(con, home, found)]


def _inputs(con: duckdb.DuckDBPyConnection, found: Manifest) -> InvariantResult:
    """Every row that a source delivered is a record or in quarantine."""
    con.execute("CREATE OR REPLACE TEMP TABLE input_count (source VARCHAR, rows BIGINT)")
    for entry in found.inputs:
        con.execute("INSERT INTO input_count VALUES (?, ?)", [entry.source, entry.rows])
    lost = scalar(
        con,
        """SELECT coalesce(sum(abs(i.rows - coalesce(s.n, 0) - coalesce(q.n, 0))), 0) FROM input_count i
           LEFT JOIN (SELECT source, count(*) AS n FROM std_record GROUP BY source) s USING (source)
           LEFT JOIN (SELECT source, count(*) AS n FROM quarantine GROUP BY source) q USING (source)""",
    )
    return InvariantResult("conservation.inputs", "every input row is a record or in quarantine", not lost, lost)


def _edges(con: duckdb.DuckDBPyConnection, home: Home, found: Manifest) -> InvariantResult:
    """An accepted edge joins its ends, or review says why their clusters are kept apart."""
    con.execute("""
        CREATE OR REPLACE TEMP VIEW refused AS
        SELECT least(l.cluster_key, r.cluster_key) AS one, greatest(l.cluster_key, r.cluster_key) AS other
        FROM review v JOIN clusters l ON l.record_key = v.record_key_l JOIN clusters r ON r.record_key = v.record_key_r
        WHERE v.kind <> 'band'""")
    loose = sum(
        scalar(
            con,
            f"""SELECT count(*) FROM pairs_{party} p
                JOIN clusters l ON l.record_key = p.record_key_l JOIN clusters r ON r.record_key = p.record_key_r
                WHERE p.weight >= {load(home.models, party, name).match_weight} AND l.cluster_key <> r.cluster_key
                  AND NOT EXISTS (SELECT 1 FROM refused f WHERE f.one = least(l.cluster_key, r.cluster_key)
                                    AND f.other = greatest(l.cluster_key, r.cluster_key))""",
        )
        for party, name in found.models.items()
    )
    return InvariantResult("connectivity.edges", "no accepted edge is cut without a review item", not loose, loose)


def _connected(con: duckdb.DuckDBPyConnection, home: Home, found: Manifest) -> InvariantResult:
    """Every cluster hangs together by accepted edges alone."""
    thresholds = {party: load(home.models, party, name).match_weight for party, name in found.models.items()}
    apart = disconnected(con, thresholds)
    return InvariantResult("connectivity.clusters", "every cluster is connected by accepted edges", not apart, apart)
