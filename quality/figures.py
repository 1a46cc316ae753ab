"""The night's figures: what is counted of every night, for gates and trends.

Here: one query per group of figures. Not here: limits and verdicts (gates), quality per field (scorecard).
"""

from datetime import date

import duckdb

from rules.contracts.columns import MODEL_OF
from rules.contracts.standard import SCALARS_ORGANISATION, SCALARS_PERSON

LARGE = 20
"""Records above which a cluster is large."""
WIDTH = 4_000_000
"""Width of a class of match weights, in millionths of a bit."""
ALARMS = ("cannot_link", "identifier", "duplicate_free", "birth_date", "names", "size", "bridge")
"""Kinds of review that are unions which the firewall refused."""
KEPT_DAYS = 400
"""How long a night's figures and scores are carried on: a year's trend."""
MODEL = "CASE CAST(party_type AS VARCHAR) " + " ".join(f"WHEN '{k}' THEN '{m}'" for k, m in MODEL_OF.items()) + " END"
_ALARM_KINDS = ", ".join(f"'{kind}'" for kind in ALARMS)

_SOURCES = """
    UNPIVOT (SELECT source, rows - carried AS rows, usable, carried, stale_days,
                    (SELECT count(*) FROM quarantine q WHERE q.source = i.source) AS quarantined,
                    (SELECT count(*) FROM crosswalk x JOIN golden_party USING (client_number)
                     WHERE x.source = i.source) AS in_parties FROM input_count i)
    ON rows, usable, carried, stale_days, quarantined, in_parties INTO NAME figure VALUE value"""
_CLUSTERS = f"""
    UNPIVOT (SELECT subject, CAST(sum(n) AS BIGINT) AS records, count(*) AS clusters,
                    CAST(coalesce(sum(n) FILTER (WHERE n > 1), 0) AS BIGINT) AS joined,
                    count(*) FILTER (WHERE n > {LARGE}) AS large_clusters, max(n) AS largest_cluster
             FROM (SELECT min({MODEL}) AS subject, count(*) AS n
                   FROM clusters JOIN std_record USING (record_key) GROUP BY cluster_key) GROUP BY subject)
    ON records, clusters, joined, large_clusters, largest_cluster INTO NAME figure VALUE value"""


def _pairs(party: str) -> tuple[str, str]:
    band = f"CAST(floor(weight / {WIDTH}) * {WIDTH} / 1000000 AS INTEGER)"
    return (
        f"SELECT '{party}', 'pairs', count(*) FROM pairs_{party}",
        f"SELECT '{party} ' || {band}, 'weight', count(*) FROM pairs_{party} GROUP BY ALL",
    )


def _numbers(version: int) -> tuple[str, str]:
    return (
        "SELECT 'client', 'numbers', count(DISTINCT client_number) FROM parent_crosswalk",
        f"""SELECT 'client', 'numbers_changed', count(DISTINCT client_number) FROM ledger_event
            WHERE version = {version} AND CAST(event AS VARCHAR) IN ('merge', 'split', 'retire')""",
    )


def _filled(fields: tuple[str, ...], who: str) -> str:
    """Golden records that have each of `fields`."""
    counts = ", ".join(f"count({field}) AS {field}" for field in fields)
    rows = f"(SELECT {counts} FROM golden_party WHERE {who})"
    return f"SELECT field, 'golden', value FROM (UNPIVOT {rows} ON * INTO NAME field VALUE value)"


_GOLDEN = (
    f"SELECT {MODEL}, 'parties', count(*) FROM golden_party GROUP BY ALL",
    _filled(SCALARS_PERSON, "CAST(party_type AS VARCHAR) = 'person'"),
    _filled(SCALARS_ORGANISATION, "CAST(party_type AS VARCHAR) <> 'person'"),
    *(
        f"SELECT '{unit}', 'golden', count(DISTINCT client_number) FROM golden_{unit}"
        for unit in ("name", "identifier", "address", "contact")
    ),
)
HELD = """
    SELECT h.feed, h.source, h.record_id, s.feed IS NOT NULL AS shown FROM std_holding h LEFT JOIN (
        SELECT feed, item, ordinal, currency, balance FROM view_holding
        UNION ALL SELECT feed, item, ordinal, currency, balance FROM view_unassigned WHERE unit = 'holding') s
    ON s.feed = h.feed AND s.item = h.item AND s.ordinal = h.ordinal
       AND s.currency IS NOT DISTINCT FROM h.currency AND s.balance IS NOT DISTINCT FROM h.balance"""
"""Every holding, and whether it stands with its balance under a client or as unassigned; sums would tell a client's."""
_HOLDINGS = (
    "SELECT feed, 'holdings', count(*) FROM std_holding GROUP BY feed",
    f"SELECT feed, 'holdings_shown', count(*) FROM ({HELD}) WHERE shown GROUP BY feed",
)
_ALARMS = f"""
    SELECT party_type, 'alarms', count(*) FROM review WHERE kind IN ({_ALARM_KINDS}) GROUP BY party_type"""


def count_figures(con: duckdb.DuckDBPyConnection, version: int, day: date) -> None:
    """Create `figure`: tonight's counts beside the parent's, which are kept for a year.

    Reads the tables of the night, `parent_crosswalk`, `parent_figure` and `input_count(source, rows, carried, usable,
    stale_days)`: what each snapshot holds, `rows` with the carried ones.
    """
    parts = [
        f"SELECT source, figure, value FROM ({_SOURCES})", f"SELECT subject, figure, value FROM ({_CLUSTERS})",
        *_pairs("person"), *_pairs("organisation"), *_numbers(version), _ALARMS, *_GOLDEN,
        *_HOLDINGS,
    ]  # fmt: skip
    counted = " UNION ALL ".join(f"SELECT * FROM ({part}) t(subject, figure, value)" for part in parts)
    con.execute(f"""
        CREATE OR REPLACE TABLE figure AS
        SELECT {version} AS version, DATE '{day}' AS business_date, figure, subject, value FROM ({counted})
        UNION ALL BY NAME {kept("figure", day)}""")


def kept(table: str, day: date) -> str:
    """The parent's rows that are not too old."""
    return f"SELECT * FROM parent_{table} WHERE business_date > DATE '{day}' - INTERVAL {KEPT_DAYS} DAY"
