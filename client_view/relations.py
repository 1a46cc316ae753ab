"""Who is associated with whom: typed edges between clients, as the feeds say them, on the business date.

Here: finding the other end, and one edge where several rows say the same. Not here: households and groups (households,
connected), ownership chains (owners).
"""

from datetime import date

import duckdb

from client_view.literals import dated


def associate(con: duckdb.DuckDBPyConnection, day: date) -> None:
    """Write `view_association`. Reads `view_relationship`, `crosswalk`, `golden_identifier`.

    The other end is the record that the row names, else the only client with the number that it names. Of several rows
    for one edge the latest decides, then the larger share. An edge whose ends became one client is none.
    """
    con.execute(f"""
        CREATE OR REPLACE TABLE view_association AS
        WITH holder AS (
            SELECT number, min(client_number) AS client_number FROM golden_identifier
            SEMI JOIN (SELECT DISTINCT other_number AS number FROM view_relationship) USING (number)
            GROUP BY number HAVING count(DISTINCT client_number) = 1),
        edge AS (
            SELECT r.client_number, COALESCE(x.client_number, h.client_number) AS other_number, r.kind, r.share,
                   r.from_date AS since, r.feed, r.item, r.ordinal
            FROM view_relationship r
            LEFT JOIN crosswalk x ON x.source = r.other_source AND x.record_id = r.other_record
            LEFT JOIN holder h ON h.number = r.other_number AND r.other_record IS NULL
            WHERE r.kind IS NOT NULL AND COALESCE(r.from_date <= {dated(day)}, TRUE)
              AND COALESCE(r.to_date > {dated(day)}, TRUE))
        SELECT client_number, other_number, kind, share, since, feed, item FROM edge
        WHERE other_number IS NOT NULL AND other_number <> client_number
        QUALIFY row_number() OVER (
            PARTITION BY client_number, other_number, kind
            ORDER BY since DESC NULLS LAST, share DESC NULLS LAST, feed, item, ordinal) = 1""")
