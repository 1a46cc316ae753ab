"""What must hold in a promoted version, beside identity, golden record and history: queries that must return no row.

Here: SQL over the version's tables and the facts that stages/verify lays beside them. Not here: gathering these facts,
the invariants of the golden record (golden_record/invariants) and of history (golden_record/history_invariants).
"""

from golden_record.invariants import Invariant
from rules.contracts import TABLES
from rules.contracts.children import UNITS
from stages.history import REPLAYED
from store.tables import difference_sql

_PAIRS = " UNION ALL ".join(f"SELECT '{party}' AS party, * FROM pairs_{party}" for party in ("person", "organisation"))
_CUT = """
    SELECT least(l.cluster_key, r.cluster_key) AS one, greatest(l.cluster_key, r.cluster_key) AS other
    FROM review v JOIN clusters l ON l.record_key = v.record_key_l JOIN clusters r ON r.record_key = v.record_key_r
    WHERE v.kind {kinds}"""
_BETWEEN = "one = least(l.cluster_key, r.cluster_key) AND other = greatest(l.cluster_key, r.cluster_key)"
_DECIDED = """
    SELECT d.decision FROM decided d JOIN clusters l ON l.record_key = d.record_key_l
    JOIN clusters r ON r.record_key = d.record_key_r
    WHERE d.kind = '{kind}' AND NOT l.cluster_key {holds} r.cluster_key"""


def _replayed(table: str) -> str:
    columns = ", ".join(TABLES[table].column_names())
    both = difference_sql(f"SELECT {columns} FROM {table}", f"SELECT {columns} FROM replayed_{table}")
    return f"SELECT client_number FROM ({both}) ANTI JOIN erased_client USING (client_number)"


def _placed(unit: str) -> str:
    placed = f"""
        SELECT feed, item, ordinal, x.client_number FROM std_{unit} s JOIN crosswalk x USING (source, record_id)
        UNION ALL SELECT feed, item, ordinal, NULL FROM view_unassigned WHERE unit = '{unit}'"""
    shown = f"""
        SELECT feed, item, ordinal, client_number FROM view_{unit}
        UNION ALL SELECT feed, item, ordinal, NULL FROM std_{unit} ANTI JOIN crosswalk USING (source, record_id)"""
    return f"SELECT feed FROM ({difference_sql(placed, shown)})"


FED = Invariant(
    "conservation.feeds",
    "every row of a feed is told of, and every child row is under its record's client or unassigned",
    " UNION ALL ".join((
        """SELECT feed FROM fed LEFT JOIN (SELECT feed, count(*) AS told FROM std_feed GROUP BY feed) USING (feed)
           WHERE rows <> coalesce(told, 0)""",
        *map(_placed, UNITS),
    )),
)  # fmt: skip
FILES = Invariant(
    "publication.files", "every file has the hash its manifest names",
    "SELECT path FROM damaged_file",
)  # fmt: skip
FEED = Invariant(
    "history.feed", "the parent's tables with tonight's events are tonight's",
    " UNION ALL ".join(map(_replayed, REPLAYED)),
)  # fmt: skip
VERSION_INVARIANTS = (
    Invariant(
        "conservation.inputs", "every row delivered or carried is a record or in quarantine",
        """SELECT source FROM delivered
           LEFT JOIN (SELECT source, count(*) AS usable FROM std_record GROUP BY source) USING (source)
           LEFT JOIN (SELECT source, count(*) AS refused FROM quarantine GROUP BY source) USING (source)
           WHERE rows <> coalesce(usable, 0) + coalesce(refused, 0)""",
    ),
    Invariant(
        "connectivity.edges", "no accepted edge is cut without a review item",
        f"""SELECT p.record_key_l, p.record_key_r FROM ({_PAIRS}) p JOIN match_threshold USING (party)
            JOIN clusters l ON l.record_key = p.record_key_l JOIN clusters r ON r.record_key = p.record_key_r
            WHERE p.weight >= match_weight AND l.cluster_key <> r.cluster_key
              AND NOT EXISTS (SELECT 1 FROM ({_CUT.format(kinds="NOT IN ('band', 'reopened')")}) WHERE {_BETWEEN})""",
    ),
    Invariant(
        "connectivity.clusters", "every cluster is connected by accepted edges",
        "SELECT cluster_key FROM cluster_part GROUP BY cluster_key HAVING count(DISTINCT part) > 1",
    ),
    Invariant(
        "decisions.cannot_link", "no cannot-link is violated",
        _DECIDED.format(kind="cannot_link", holds="<>"),
    ),
    Invariant(
        "decisions.must_link", "every must-link holds, or a conflict is open",
        f"""{_DECIDED.format(kind="must_link", holds="=")} AND NOT EXISTS (SELECT 1 FROM (
            {_CUT.format(kinds="IN ('cannot_link', 'must_link', 'party_types', 'frozen')")}) WHERE {_BETWEEN})""",
    ),
    Invariant(
        "decisions.chain", "the decision log is unbroken and whole",
        "SELECT decision FROM broken_decision",
    ),
    Invariant(
        "decisions.two_persons", "every high-impact decision that counts has an approver who is not its author",
        """SELECT decision FROM self_approved
           UNION ALL SELECT decision FROM decided ANTI JOIN may_count USING (decision)
           UNION ALL SELECT decision FROM overridden ANTI JOIN may_count USING (decision)""",
    ),
    Invariant(
        "publication.checks", "no blocking check failed, and no gate was breached unless somebody overrode it",
        "SELECT name FROM failed_check",
    ),
    Invariant(
        "publication.parent", "the version was built on an earlier one that was promoted",
        "SELECT version FROM built_on WHERE parent >= version OR NOT promoted",
    ),
    Invariant(
        "publication.erased", "no erased subject is in the version",
        """SELECT record_key FROM std_record SEMI JOIN erased_record USING (record_key)
           WHERE NOT starts_with(record_id, 'erased-')
           UNION ALL SELECT record_key FROM std_name SEMI JOIN erased_record USING (record_key)
           UNION ALL SELECT record_key FROM std_identifier SEMI JOIN erased_record USING (record_key)""",
    ),
)  # fmt: skip
