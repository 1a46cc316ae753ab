"""Which client number each cluster carries tonight: survive, revive or mint.

Here: claims of numbers on clusters, the choice of one number for each cluster, the crosswalk. Not here: the form of a
number (`numbers`), states, events and memory of numbers (`ledger`), what a client looks like (`survivorship`).

A number *claims* records: those that carry it in the live version or, if none there does, those that carried it last.
Who left it before then claims nothing: separated is separated, also when all others are gone. The best cluster of a
number holds the records that are most at home with it. A cluster takes the oldest live number of which it is the best
cluster, else revives the one that most of its records ever carried, of those the one carried last, else a new one. A
retired number comes before live ones that only records carry which once carried it: its client is whole again. Every
order ends in (source, record_id).
"""

from collections.abc import Sequence
from datetime import date

import duckdb

from golden_record import adoption, ledger, ledger_events
from golden_record.numbers import client_number_sql

STEPS = ("id_present", "id_member", "id_history", "id_claim", "id_best", "id_whole", "id_adopted", "id_number")
"""Working tables, dropped at the end."""


def assign_numbers(
    con: duckdb.DuckDBPyConnection, version: int, business_date: date, issuers: Sequence[str] = ()
) -> None:
    """Give every cluster its client number and write the ledger of `version`.

    On the first night numbers of the sources `issuers` are adopted, the earlier source first.

    Reads `clusters`, `std_record`, `parent_crosswalk` (of the version live when the run began), and
    `parent_ledger_number`, `parent_ledger_member`, `parent_ledger_event` (of the highest version ever promoted).
    Writes `crosswalk`, `ledger_number`, `ledger_member`, `ledger_event`.
    """
    _present(con)
    _members(con, version)
    _history(con)
    _claims(con)
    _best_clusters(con)
    _made_whole(con)
    adoption.adopt(con, issuers)
    _choose_numbers(con)
    _crosswalk(con)
    ledger.write_numbers(con, version)
    ledger.write_members(con, version)
    ledger_events.write_events(con, version, business_date)
    for step in STEPS:
        con.execute(f"DROP TABLE {step}")


def _present(con: duckdb.DuckDBPyConnection) -> None:
    """Tonight's records with their cluster; `place` stands for the order (source, record_id) as one integer."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE id_present AS
        SELECT c.record_key, c.cluster_key, r.source, r.record_id, r.legal_entity, r.party_type,
               row_number() OVER (ORDER BY r.source, r.record_id) AS place
        FROM clusters c JOIN std_record r ON r.record_key = c.record_key""")


def _members(con: duckdb.DuckDBPyConnection, version: int) -> None:
    """Who ever carried a number, with the last version: of those who do so still, the last one there is."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE id_member AS
        SELECT * REPLACE (COALESCE(last_version, {version - 1:d}) AS last_version) FROM parent_ledger_member""")


def _history(con: duckdb.DuckDBPyConnection) -> None:
    """Every number that a present record carries or ever carried.

    `settled`: the last version in which the record carried another number than today's; 0 if it never did.
    """
    con.execute("""
        CREATE OR REPLACE TEMP TABLE id_history AS
        SELECT p.cluster_key, p.place, m.client_number, n.sequence, m.first_version, m.last_version,
               COALESCE(m.client_number = x.client_number, FALSE) AS carried,
               row_number() OVER (PARTITION BY p.place ORDER BY m.first_version, n.sequence) = 1 AS is_first,
               COALESCE(max(CASE WHEN m.client_number <> x.client_number THEN m.last_version END)
                        OVER (PARTITION BY p.place), 0) AS settled
        FROM id_present p
        JOIN id_member m ON m.source = p.source AND m.record_id = p.record_id
        JOIN parent_ledger_number n ON n.client_number = m.client_number
        LEFT JOIN parent_crosswalk x ON x.source = p.source AND x.record_id = p.record_id""")


def _claims(con: duckdb.DuckDBPyConnection) -> None:
    """The claim set of every number: its carriers in the live version, else the last that carried it.

    `former` are the numbers without a carrier in the live version, with the last version in which they had one; the
    carriers count whether their records are present tonight or not, so a number is not left to those who parted.

    `home` is least for the records most at home. With a live number those are the ones that did not carry another
    one lately: what joined last night leaves first, so undoing a merge takes away exactly what the merge brought.
    """
    con.execute("""
        CREATE OR REPLACE TEMP TABLE id_claim AS
        WITH former AS (
            SELECT m.client_number, max(m.last_version) AS ended
            FROM id_member m
            ANTI JOIN parent_crosswalk x ON x.client_number = m.client_number
            GROUP BY m.client_number)
        SELECT h.*, f.ended IS NULL AS live, CASE WHEN f.ended IS NULL THEN h.settled ELSE 0 END AS home
        FROM id_history h LEFT JOIN former f ON f.client_number = h.client_number
        WHERE CASE WHEN f.ended IS NULL THEN h.carried ELSE h.last_version = f.ended END""")


def _best_clusters(con: duckdb.DuckDBPyConnection) -> None:
    """The one cluster each number would stay with; `carriers`: how many of its records ever carried the number."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE id_best AS
        WITH held AS (
            SELECT client_number, sequence, live, cluster_key, min(home) AS home,
                   sum(CASE WHEN is_first THEN 1 ELSE 0 END) AS firsts, count(*) AS records,
                   sum(last_version - first_version + 1) AS tenure, min(place) AS place,
                   max(last_version) AS last_version
            FROM id_claim GROUP BY client_number, sequence, live, cluster_key),
        ranked AS (
            SELECT *, row_number() OVER (PARTITION BY client_number
                      ORDER BY home, firsts DESC, records DESC, tenure DESC, place) AS rank
            FROM held),
        carried AS (
            SELECT client_number, cluster_key, count(DISTINCT place) AS carriers FROM id_history GROUP BY ALL)
        SELECT client_number, sequence, live, cluster_key, last_version, carriers
        FROM ranked JOIN carried USING (client_number, cluster_key) WHERE rank = 1""")


def _made_whole(con: duckdb.DuckDBPyConnection) -> None:
    """Retired numbers of which a cluster is the best one, and that all who claim a live number of it carried once."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE id_whole AS
        SELECT r.cluster_key, r.client_number
        FROM id_best r
        JOIN id_best l ON l.cluster_key = r.cluster_key AND l.live
        JOIN id_claim c ON c.client_number = l.client_number
        LEFT JOIN id_history h ON h.client_number = r.client_number AND h.place = c.place
        WHERE NOT r.live
        GROUP BY ALL HAVING bool_and(h.place IS NOT NULL)""")


def _choose_numbers(con: duckdb.DuckDBPyConnection) -> None:
    """One number per cluster: the one it claims, else an adopted one, else a new one in the order of the clusters.

    New ones continue after the highest ever minted and leave out those that look like an adopted one.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE id_number AS
        WITH ranked AS (
            SELECT cluster_key, client_number, sequence,
                   row_number() OVER (PARTITION BY cluster_key ORDER BY w.client_number IS NULL, live DESC,
                       CASE WHEN live THEN 0 ELSE -carriers END, CASE WHEN live THEN 0 ELSE -last_version END,
                       sequence) AS rank
            FROM id_best LEFT JOIN id_whole w USING (cluster_key, client_number)),
        winner AS (SELECT cluster_key, client_number, sequence FROM ranked WHERE rank = 1),
        unclaimed AS (
            SELECT p.cluster_key, row_number() OVER (ORDER BY min(p.place)) AS turn
            FROM id_present p
            WHERE p.cluster_key NOT IN (SELECT cluster_key FROM winner UNION ALL SELECT cluster_key FROM id_adopted)
            GROUP BY p.cluster_key),
        free AS ({adoption.FREE_SEQUENCES})
        SELECT cluster_key, client_number, sequence, FALSE AS minted, CAST(NULL AS VARCHAR) AS adopted_from FROM winner
        UNION ALL
        SELECT cluster_key, client_number, sequence, TRUE, adopted_from FROM id_adopted
        UNION ALL
        SELECT u.cluster_key, {client_number_sql("f.sequence")}, f.sequence, TRUE, NULL
        FROM unclaimed u JOIN free f ON f.turn = u.turn""")


def _crosswalk(con: duckdb.DuckDBPyConnection) -> None:
    """Source key ↔ client number of every present record."""
    con.execute("""
        CREATE OR REPLACE TABLE crosswalk AS
        SELECT p.record_key, p.source, p.record_id, p.legal_entity,
               CAST(p.party_type AS VARCHAR) AS party_type, n.client_number
        FROM id_present p JOIN id_number n ON n.cluster_key = p.cluster_key
        ORDER BY p.place""")
