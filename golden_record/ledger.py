"""The memory of client numbers: what each stands for, who ever carried it, what happened in a night.

Here: the three ledger tables, written from the parent's and from tonight's choice of numbers (`identity` leaves it in
its working tables `id_*`). Not here: how a number is chosen. The ledger spans every version ever promoted, also those
rolled back since; so an event is a change of the ledger, not of the live version.
"""

from datetime import date

import duckdb


def write_numbers(con: duckdb.DuckDBPyConnection, version: int) -> None:
    """`ledger_number`: every number ever given, resolving in one step to a live one, or to none (tombstone).

    A live number resolves to itself; a retired one to the number of the cluster that it would have stayed with.
    """
    con.execute(f"""
        CREATE OR REPLACE TABLE ledger_number AS
        WITH ever AS (
            SELECT client_number, sequence, minted_version FROM parent_ledger_number
            UNION ALL
            SELECT client_number, sequence, CAST({version:d} AS BIGINT) FROM id_number WHERE minted),
        resolved AS (
            SELECT e.*, COALESCE(own.client_number, holder.client_number) AS resolves_to
            FROM ever e
            LEFT JOIN id_number own ON own.client_number = e.client_number
            LEFT JOIN id_best b ON b.client_number = e.client_number
            LEFT JOIN id_number holder ON holder.cluster_key = b.cluster_key)
        SELECT client_number, sequence, minted_version,
               CASE WHEN resolves_to IS NULL THEN 'gone' WHEN resolves_to = client_number THEN 'live'
                    ELSE 'merged' END AS state,
               resolves_to
        FROM resolved ORDER BY sequence""")


def write_members(con: duckdb.DuckDBPyConnection, version: int) -> None:
    """`ledger_member`: what the parent remembers, and tonight's carriers up to this version."""
    con.execute(f"""
        CREATE OR REPLACE TABLE ledger_member AS
        WITH carried AS (
            SELECT source, record_id, client_number, first_version, last_version FROM parent_ledger_member
            UNION ALL
            SELECT source, record_id, client_number, CAST({version:d} AS BIGINT), CAST({version:d} AS BIGINT)
            FROM crosswalk)
        SELECT source, record_id, client_number, min(first_version) AS first_version,
               max(last_version) AS last_version
        FROM carried GROUP BY source, record_id, client_number
        ORDER BY source, record_id, client_number""")


def write_events(con: duckdb.DuckDBPyConnection, version: int, business_date: date) -> None:
    """`ledger_event`: the parent's events and tonight's, in the order restore, mint, merge, split, retire.

    `merge`, `mint`, `restore` and `retire` tell every change of a number's state or target: replayed in order they
    give `ledger_number` again. `split` names the number that a minted or restored one took its records from.
    """
    con.execute(f"""
        CREATE OR REPLACE TABLE ledger_event AS
        WITH changed AS ({_STATE_CHANGES} UNION ALL {_SPLITS}),
        tonight AS (
            SELECT CAST({version:d} AS BIGINT) AS version,
                   row_number() OVER (ORDER BY turn, sequence, other_number) AS position,
                   DATE '{business_date.isoformat()}' AS business_date, event, client_number, other_number, cause
            FROM changed)
        SELECT version, position, business_date, CAST(event AS VARCHAR) AS event, client_number, other_number, cause
        FROM parent_ledger_event
        UNION ALL
        SELECT * FROM tonight
        ORDER BY version, position""")


_CHANGED = """
    SELECT n.client_number, n.sequence, n.resolves_to, CAST(n.state AS VARCHAR) AS now,
           COALESCE(CAST(p.state AS VARCHAR), 'new') AS before
    FROM ledger_number n LEFT JOIN parent_ledger_number p ON p.client_number = n.client_number
    WHERE p.client_number IS NULL OR n.state <> CAST(p.state AS VARCHAR)
       OR n.resolves_to IS DISTINCT FROM p.resolves_to"""
"""Numbers that stand for something else than in the parent ledger."""

_STATE_CHANGES = f"""
    SELECT CASE WHEN before = 'new' THEN 2 WHEN now = 'live' THEN 1 WHEN now = 'merged' THEN 3 ELSE 5 END AS turn,
           CASE WHEN before = 'new' THEN 'mint' WHEN now = 'live' THEN 'restore' WHEN now = 'merged' THEN 'merge'
                ELSE 'retire' END AS event,
           client_number, sequence, CASE WHEN now = 'merged' THEN resolves_to END AS other_number,
           CASE WHEN before = 'new' THEN 'first seen'
                WHEN now = 'gone' THEN 'source no longer has the records'
                WHEN before = 'gone' THEN 'records returned'
                WHEN now = 'live' THEN 'records separated'
                WHEN before = 'live' THEN 'records joined'
                ELSE 'the number it stood for changed' END AS cause
    FROM ({_CHANGED}) c"""

_SPLITS = f"""
    SELECT DISTINCT 4 AS turn, 'split' AS event, x.client_number, c.sequence, o.client_number AS other_number,
           'records separated' AS cause
    FROM crosswalk x
    JOIN parent_crosswalk o ON o.source = x.source AND o.record_id = x.record_id
    JOIN ({_CHANGED}) c ON c.client_number = x.client_number AND c.now = 'live'
    JOIN (SELECT q.client_number
          FROM parent_crosswalk q
          JOIN crosswalk t ON t.source = q.source AND t.record_id = q.record_id
          GROUP BY q.client_number HAVING count(DISTINCT t.client_number) > 1) s ON s.client_number = o.client_number
    WHERE x.client_number <> o.client_number"""
"""From which live number the records of a minted or restored one came, where that number's records parted."""
