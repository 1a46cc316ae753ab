"""Which records caused a breach: one query per gate, over tonight's tables and the live version's.

Here: `(source, record_id)` of the records to look at first, in a total order. Not here: verdicts (gates).
"""

from collections.abc import Callable

import duckdb

from quality.figures import ALARMS, HELD, MODEL
from rules.contracts.columns import TYPES_OF
from rules.contracts.standard import SCALARS
from store.duck import quote

READ = (
    "std_record", "quarantine", "crosswalk", "clusters", "review", "pairs_person", "pairs_organisation",
    "ledger_event", "golden_party", "golden_name", "golden_identifier", "golden_address", "golden_contact",
    "std_holding", "view_holding", "view_unassigned",
)  # fmt: skip
"""Tables of tonight that are read."""
PARENT = ("std_record", "crosswalk", "clusters", "review", "golden_party")
"""Tables of the live version that are read."""
_KINDS = ", ".join(f"'{kind}'" for kind in ALARMS)


def culprits(con: duckdb.DuckDBPyConnection, gate: str, subject: str, version: int, most: int) -> list[str]:
    """At most `most` records that caused a breach of `gate` for `subject`, as `source:record_id`.

    Reads the tables READ, `parent_*` of PARENT, `key_map`, and `gone(source, record_id, since)`.
    """
    found = con.execute(f"SELECT source || ':' || record_id FROM ({_QUERIES[gate](subject, version)}) LIMIT {most}")
    return [str(record) for (record,) in found.fetchall()]


def _source_rows(source: str, _version: int) -> str:
    """Gone records first, those last gone before others; then new ones."""
    return f"""
        SELECT source, record_id FROM (
            SELECT source, record_id, since, 1 AS place FROM gone
            UNION ALL SELECT source, record_id, NULL, 2 FROM parent_std_record ANTI JOIN std_record
                      USING (source, record_id)
            UNION ALL SELECT source, record_id, NULL, 3 FROM std_record ANTI JOIN parent_std_record
                      USING (source, record_id))
        WHERE source = {quote(source)} ORDER BY place, since DESC, record_id"""


def _quarantine(source: str, _version: int) -> str:
    return f"""SELECT source, coalesce(record_id, 'row ' || "row") AS record_id FROM quarantine
               WHERE source = {quote(source)} ORDER BY rule, "row" """


def _busiest(party: str, _version: int) -> str:
    """Records with the most pairs."""
    ends = f"SELECT unnest([record_key_l, record_key_r]) AS record_key FROM pairs_{party}"
    return f"""
        SELECT source, record_id FROM (SELECT record_key, count(*) AS n FROM ({ends}) GROUP BY record_key)
        JOIN key_map USING (record_key) ORDER BY n DESC, source, record_id"""


def _joined_otherwise(party: str, _version: int) -> str:
    """Records that shared their cluster and are alone now, or the other way round."""
    sizes = "SELECT record_key, count(*) OVER (PARTITION BY cluster_key) > 1 AS joined FROM {}clusters"
    return f"""
        SELECT r.source, r.record_id FROM ({sizes.format("")}) n JOIN std_record r USING (record_key)
        LEFT JOIN ({sizes.format("parent_")}) p USING (record_key)
        WHERE n.joined IS DISTINCT FROM p.joined AND r.party_type IN ({TYPES_OF[party]})
        ORDER BY p.joined IS NULL, r.source, r.record_id"""


def _largest(party: str, _version: int) -> str:
    """Members of the largest clusters, one of each first."""
    return f"""
        SELECT source, record_id FROM (
            SELECT source, record_id, count(*) OVER w AS n, row_number() OVER (w ORDER BY source, record_id) AS place
            FROM clusters JOIN std_record USING (record_key) WHERE {MODEL} = '{party}'
            WINDOW w AS (PARTITION BY cluster_key))
        ORDER BY place, n DESC, source, record_id"""


def _alarms(party: str, _version: int) -> str:
    """Ends of refused unions, new ones first."""
    return f"""
        SELECT k.source, k.record_id FROM (SELECT *, unnest([record_key_l, record_key_r]) AS record_key FROM review) v
        JOIN key_map k USING (record_key)
        LEFT JOIN parent_review p ON p.record_key_l = v.record_key_l AND p.record_key_r = v.record_key_r
        WHERE v.kind IN ({_KINDS}) AND v.party_type = '{party}'
        GROUP BY ALL ORDER BY bool_or(p.kind IS NULL) DESC, k.source, k.record_id"""


def _churned(_subject: str, version: int) -> str:
    """Records that were with a number that merged, split or retired tonight."""
    return f"""
        SELECT source, record_id FROM (
            SELECT x.source, x.record_id FROM parent_crosswalk x SEMI JOIN (
                SELECT coalesce(CASE WHEN CAST(event AS VARCHAR) = 'split' THEN other_number END, client_number)
                       AS client_number FROM ledger_event
                WHERE version = {version} AND CAST(event AS VARCHAR) IN ('merge', 'split', 'retire'))
            USING (client_number))
        ORDER BY source, record_id"""


def _emptied(field: str, _version: int) -> str:
    """Records of clients that lack the field, those first that had it in the live version."""
    if field in SCALARS:
        lacks, had = f"SELECT client_number FROM golden_party WHERE {field} IS NULL", f"p.{field} IS NOT NULL"
    else:
        lacks, had = f"SELECT client_number FROM golden_party ANTI JOIN golden_{field} USING (client_number)", "FALSE"
    return f"""
        SELECT x.source, x.record_id FROM crosswalk x JOIN ({lacks}) USING (client_number)
        LEFT JOIN parent_golden_party p USING (client_number)
        ORDER BY coalesce({had}, FALSE) DESC, x.source, x.record_id"""


def _unreconciled(subject: str, _version: int) -> str:
    """Usable records that are in no client, or in more than one; of a feed, those with a holding that is not shown."""
    return f"""
        SELECT r.source, r.record_id FROM std_record r
        LEFT JOIN (SELECT record_key, client_number FROM crosswalk JOIN golden_party USING (client_number)) x
        USING (record_key) WHERE r.source = {quote(subject)}
        GROUP BY ALL HAVING count(client_number) <> 1
        UNION SELECT source, record_id FROM ({HELD}) WHERE feed = {quote(subject)} AND NOT shown ORDER BY ALL"""


_QUERIES: dict[str, Callable[[str, int], str]] = {
    "source_rows": _source_rows, "quarantine": _quarantine, "pair_volume": _busiest, "weight_distribution": _busiest,
    "match_rate": _joined_otherwise, "cluster_tail": _largest, "firewall_alarms": _alarms, "number_churn": _churned,
    "completeness": _emptied, "reconciliation": _unreconciled,
}  # fmt: skip
