"""The memory of client numbers: what each stands for, and who ever carried it.

Here: two ledger tables, written from the parent's and from tonight's choice of numbers (`identity` leaves it in its
working tables `id_*`). Not here: how a number is chosen, what happened in a night (ledger_events). The ledger spans
every version ever promoted, also those rolled back since.
"""

import duckdb


def write_numbers(con: duckdb.DuckDBPyConnection, version: int) -> None:
    """`ledger_number`: every number ever given, resolving in one step to a live one, or to none (tombstone).

    A live number resolves to itself; a retired one to the number of the cluster that it would have stayed with.
    """
    con.execute(f"""
        CREATE OR REPLACE TABLE ledger_number AS
        WITH ever AS (
            SELECT client_number, sequence, minted_version, adopted_from FROM parent_ledger_number
            UNION ALL
            SELECT client_number, sequence, CAST({version:d} AS BIGINT), adopted_from FROM id_number WHERE minted),
        resolved AS (
            SELECT e.*, COALESCE(own.client_number, holder.client_number) AS resolves_to
            FROM ever e
            LEFT JOIN id_number own ON own.client_number = e.client_number
            LEFT JOIN id_best b ON b.client_number = e.client_number
            LEFT JOIN id_number holder ON holder.cluster_key = b.cluster_key)
        SELECT client_number, sequence, minted_version,
               CASE WHEN resolves_to IS NULL THEN 'gone' WHEN resolves_to = client_number THEN 'live'
                    ELSE 'merged' END AS state,
               resolves_to, adopted_from
        FROM resolved ORDER BY sequence""")


def write_members(con: duckdb.DuckDBPyConnection, version: int) -> None:
    """`ledger_member`: what the parent remembers, and tonight's carriers without a last version.

    Nothing changes while a record carries its number; once it does not, the version before was the last one.
    """
    con.execute(f"""
        CREATE OR REPLACE TABLE ledger_member AS
        WITH carried AS (
            SELECT source, record_id, client_number, first_version, last_version, FALSE AS now FROM id_member
            UNION ALL
            SELECT source, record_id, client_number, CAST({version:d} AS BIGINT), NULL, TRUE FROM crosswalk)
        SELECT source, record_id, client_number, min(first_version) AS first_version,
               CASE WHEN bool_or(now) THEN NULL ELSE max(last_version) END AS last_version
        FROM carried GROUP BY source, record_id, client_number
        ORDER BY source, record_id, client_number""")
