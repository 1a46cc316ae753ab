"""Numbers of the first night that were a source's own: adopted instead of minted.

Here: which party takes which source number, and which of our own numbers are then left out. Not here: the form
of numbers (numbers), who keeps one later (identity). A number is adopted as it stands, with its leading zeros; it has
no check digits of ours, and its sequence lies below those of minted ones, so it counts as older.
"""

from collections.abc import Sequence

import duckdb

from golden_record.numbers import FIRST_SEQUENCE, is_adoptable_sql, is_well_formed_sql


def adopt(con: duckdb.DuckDBPyConnection, issuers: Sequence[str]) -> None:
    """Create `id_adopted(cluster_key, client_number, sequence, adopted_from)`; empty unless no number was ever given.

    Reads `id_present` and `parent_ledger_number`. A number is free for the party that the first of `issuers` knows
    under it; a party with several takes the one of the earlier issuer, then the shorter, then the lesser. The others
    stay out of use (and are findings); the party of a number that is not adoptable gets one of our own.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE id_issuer (source VARCHAR, turn INTEGER)")
    if issuers:
        con.executemany("INSERT INTO id_issuer VALUES (?, ?)", [(name, turn) for turn, name in enumerate(issuers)])
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE id_adopted AS
        WITH offered AS (
            SELECT p.cluster_key, p.record_id AS client_number, p.source, p.place, i.turn,
                   row_number() OVER (PARTITION BY p.record_id ORDER BY i.turn) AS place_of_number
            FROM id_present p JOIN id_issuer i ON i.source = p.source
            WHERE {is_adoptable_sql("p.record_id")} AND NOT EXISTS (SELECT 1 FROM parent_ledger_number)),
        chosen AS (
            SELECT *, row_number() OVER (
                PARTITION BY cluster_key ORDER BY turn, length(client_number), client_number) AS rank
            FROM offered WHERE place_of_number = 1)
        SELECT cluster_key, client_number, row_number() OVER (ORDER BY place) AS sequence, source AS adopted_from
        FROM chosen WHERE rank = 1""")
    con.execute("DROP TABLE id_issuer")


_LOOKALIKES = f"""
    SELECT CAST(client_number AS BIGINT) // 100 AS sequence FROM (
        SELECT client_number FROM parent_ledger_number WHERE adopted_from IS NOT NULL
        UNION ALL SELECT client_number FROM id_adopted) a
    WHERE {is_well_formed_sql("client_number")}"""

FREE_SEQUENCES = f"""
    SELECT sequence, row_number() OVER (ORDER BY sequence) AS turn
    FROM (SELECT unnest(range(b.highest + 1, b.highest + 1 + b.wanted + b.alike)) AS sequence
          FROM (SELECT (SELECT greatest(COALESCE(max(sequence), 0), {FIRST_SEQUENCE - 1})
                        FROM parent_ledger_number) AS highest,
                       (SELECT count(*) FROM unclaimed) AS wanted,
                       (SELECT count(*) FROM ({_LOOKALIKES}) l) AS alike) b) s
    ANTI JOIN ({_LOOKALIKES}) taken USING (sequence)"""
"""As many sequences (with their `turn`) as the clusters `unclaimed` want, none whose number was adopted."""
