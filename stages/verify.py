"""The invariants on a promoted version: each a query that must return no row.

Here: which tables they see, and those that need manifest and files. Not here: identity's and survivorship's own
(golden_record/invariants).
"""

from typing import Any

import duckdb

from golden_record.history_invariants import verify as verify_history
from golden_record.invariants import InvariantResult
from golden_record.invariants import verify as verify_golden
from matching.clustering import disconnected
from matching.model import load
from rules.contracts import TABLES
from rules.contracts.children import UNITS
from rules.contracts.decisions import DECISIONS
from rules.decisions import APPROVE
from stages.history import REPLAYED, replay_nights, replayable
from store import keymap, tables, versions
from store.decisions import Log, open_log
from store.duck import connect, exists, scalar
from store.home import Home
from store.manifest import Manifest
from store.people import look_alike


def verify(home: Home, version: int | None = None, memory: str = "4GB") -> dict[str, Any]:
    """Run every invariant on a version (default: the live one): `{"ok", "version", "invariants": [...]}`."""
    found = versions.manifest(home, version)
    versions.require_kept(home, found.version)
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
    for table in DECISIONS:
        if not exists(con, table):
            con.execute(f"CREATE TEMP VIEW {table} AS {tables.empty_sql(DECISIONS[table])}")
    known = verify_history(con) if found.table("history_night") else []
    feed = [_feed(con, home, found)] if known and replayable(home, found) else []
    edges, log = [_edges(con, home, found), _connected(con, home, found)], open_log(home)
    of_decisions = [_parted(con), _joined(con), _chain(log, found), _two_persons(con, log)]
    view = [_feeds(con, found)] if found.table("view_unassigned") else []
    return [*verify_golden(con), _inputs(con, found), *view, *edges, *of_decisions, *known, *feed]


def _feed(con: duckdb.DuckDBPyConnection, home: Home, found: Manifest) -> InvariantResult:
    """The parent's golden record and crosswalk with tonight's events are tonight's."""
    replay_nights(con, home, found.parent, [found])
    wrong = sum(
        scalar(con, f"SELECT count(*) FROM ({tables.difference_sql(one, other)})")
        for one, other in (
            (f"SELECT {columns} FROM {table}", f"SELECT {columns} FROM replayed_{table}")
            for table in REPLAYED
            for columns in [", ".join(TABLES[table].column_names())]
        )
    )
    return InvariantResult("history.feed", "the parent's tables with tonight's events are tonight's", not wrong, wrong)


def _inputs(con: duckdb.DuckDBPyConnection, found: Manifest) -> InvariantResult:
    """Every row that a source delivered, or that was carried for it, is a record or in quarantine."""
    con.execute("CREATE OR REPLACE TEMP TABLE input_count (source VARCHAR, rows BIGINT)")
    for entry in found.inputs:
        con.execute("INSERT INTO input_count VALUES (?, ?)", [entry.source, entry.rows + entry.carried])
    lost = scalar(
        con,
        """SELECT coalesce(sum(abs(i.rows - coalesce(s.n, 0) - coalesce(q.n, 0))), 0) FROM input_count i
           LEFT JOIN (SELECT source, count(*) AS n FROM std_record GROUP BY source) s USING (source)
           LEFT JOIN (SELECT source, count(*) AS n FROM quarantine GROUP BY source) q USING (source)""",
    )
    said = "every row delivered or carried is a record or in quarantine"
    return InvariantResult("conservation.inputs", said, not lost, lost)


def _feeds(con: duckdb.DuckDBPyConnection, found: Manifest) -> InvariantResult:
    """Every row of a feed is told of, and every child row stands under the client of its record, or as unassigned."""
    rows = ", ".join(f"('{entry.source}', {entry.rows + entry.carried})" for entry in found.feeds)
    untold = f"""
        SELECT coalesce(sum(abs(f.n - coalesce(s.n, 0))), 0) FROM (VALUES {rows}) AS f(feed, n)
        LEFT JOIN (SELECT feed, count(*) AS n FROM std_feed GROUP BY feed) s USING (feed)"""
    lost = scalar(con, untold) if rows else 0
    for unit in UNITS:
        placed = f"""
            SELECT feed, item, ordinal, x.client_number FROM std_{unit} s JOIN crosswalk x USING (source, record_id)
            UNION ALL SELECT feed, item, ordinal, NULL FROM view_unassigned WHERE unit = '{unit}'"""
        shown = f"""
            SELECT feed, item, ordinal, client_number FROM view_{unit}
            UNION ALL SELECT feed, item, ordinal, NULL FROM std_{unit} ANTI JOIN crosswalk USING (source, record_id)"""
        lost += scalar(con, f"SELECT count(*) FROM ({tables.difference_sql(placed, shown)})")
    said = "every row of a feed is told of, and every child row is under its record's client or unassigned"
    return InvariantResult("conservation.feeds", said, not lost, lost)


def _edges(con: duckdb.DuckDBPyConnection, home: Home, found: Manifest) -> InvariantResult:
    """An accepted edge joins its ends, or review says why their clusters are kept apart."""
    con.execute("""
        CREATE OR REPLACE TEMP VIEW refused AS
        SELECT least(l.cluster_key, r.cluster_key) AS one, greatest(l.cluster_key, r.cluster_key) AS other
        FROM review v JOIN clusters l ON l.record_key = v.record_key_l JOIN clusters r ON r.record_key = v.record_key_r
        WHERE v.kind NOT IN ('band', 'reopened')""")
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


def _parted(con: duckdb.DuckDBPyConnection) -> InvariantResult:
    """No two records that a decision keeps apart are in one cluster."""
    broken = scalar(con, _DECIDED.format(kind="cannot_link", holds="<>"))
    return InvariantResult("decisions.cannot_link", "no cannot-link is violated", not broken, broken)


def _joined(con: duckdb.DuckDBPyConnection) -> InvariantResult:
    """Two records that a decision joins are in one cluster, or a review item between the two says why not."""
    open_conflict = """
        AND NOT EXISTS (
            SELECT 1 FROM review v JOIN clusters a ON a.record_key = v.record_key_l
            JOIN clusters b ON b.record_key = v.record_key_r
            WHERE v.kind IN ('cannot_link', 'must_link', 'party_types', 'frozen')
              AND least(a.cluster_key, b.cluster_key) = least(l.cluster_key, r.cluster_key)
              AND greatest(a.cluster_key, b.cluster_key) = greatest(l.cluster_key, r.cluster_key))"""
    broken = scalar(con, _DECIDED.format(kind="must_link", holds="=") + open_conflict)
    return InvariantResult("decisions.must_link", "every must-link holds, or a conflict is open", not broken, broken)


_DECIDED = """
    SELECT count(*) FROM decided d JOIN clusters l ON l.record_key = d.record_key_l
    JOIN clusters r ON r.record_key = d.record_key_r
    WHERE d.kind = '{kind}' AND NOT l.cluster_key {holds} r.cluster_key"""


def _chain(log: Log, found: Manifest) -> InvariantResult:
    """The log is as it was written, and still holds every row that the version counted."""
    broken = len(log.broken()) + (log.head(found.decisions_upto) != (found.decisions_upto, found.decisions_hash))
    return InvariantResult("decisions.chain", "the decision log is unbroken and whole", not broken, broken)


def _two_persons(con: duckdb.DuckDBPyConnection, log: Log) -> InvariantResult:
    """Every approval is another person's than the decision's author, and nothing counted that waits for one."""
    entries, known = {entry.id: entry for entry in log.entries()}, log.decisions()
    approvals = ((entry, entries.get(entry.about or 0)) for entry in entries.values() if entry.kind == APPROVE)
    own = sum(about is None or look_alike(entry.author, about.author) for entry, about in approvals)
    counted = con.execute("SELECT decision FROM decided UNION SELECT decision FROM overridden").fetchall()
    own += sum(one not in known or (known[one].high_impact and not known[one].approver) for (one,) in counted)
    name = "every high-impact decision that counts has an approver who is not its author"
    return InvariantResult("decisions.two_persons", name, not own, own)


def _connected(con: duckdb.DuckDBPyConnection, home: Home, found: Manifest) -> InvariantResult:
    """Every cluster hangs together by accepted edges alone."""
    thresholds = {party: load(home.models, party, name).match_weight for party, name in found.models.items()}
    apart = disconnected(con, thresholds)
    return InvariantResult("connectivity.clusters", "every cluster is connected by accepted edges", not apart, apart)
