"""Findings: what a source system should mend in its own data (two of its customer numbers given to one client).

Here: what is found tonight, and what became of the findings of the live version. Not here: who is told (stages), which
records are one client (identity). A finding is closed by the source alone: it is *mended* when a later extract no
longer has one of the records, or has it closed or changed so that they are two clients. Where the registry itself
parts them (a decision, another model) it is *withdrawn*, and open again when they join again.
"""

from datetime import date

import duckdb

STEPS = ("fi_record", "fi_tonight", "fi_edge")


def find(con: duckdb.DuckDBPyConnection, business_date: date) -> None:
    """Write `finding`.

    Reads `crosswalk`, `std_record`, `parent_std_record`, `parent_finding`, `pairs_person`, `pairs_organisation`,
    `issuer(source, owner)` and `gone(source, record_id)`: records that a source's extract no longer has.
    """
    _records(con)
    _tonight(con)
    _edges(con)
    day = f"DATE '{business_date.isoformat()}'"
    con.execute(f"""
        CREATE OR REPLACE TABLE finding AS
        SELECT t.finding_id, 'two_numbers' AS kind, t.source, t.owner, t.client_number, t.records,
               COALESCE(e.evidence, 'joined through other records of the client') AS evidence,
               CASE WHEN p.resolved IS NULL THEN COALESCE(p.first_seen, {day}) ELSE {day} END AS first_seen,
               CAST(NULL AS DATE) AS resolved, 'open' AS state
        FROM fi_tonight t LEFT JOIN fi_edge e ON e.finding_id = t.finding_id
        LEFT JOIN parent_finding p ON p.finding_id = t.finding_id
        UNION ALL
        SELECT p.finding_id, CAST(p.kind AS VARCHAR), p.source, p.owner, p.client_number, p.records, p.evidence,
               p.first_seen, COALESCE(p.resolved, CASE WHEN m.mended THEN {day} END),
               CASE WHEN p.resolved IS NOT NULL OR m.mended THEN 'mended' ELSE 'withdrawn' END
        FROM parent_finding p ANTI JOIN fi_tonight t ON t.finding_id = p.finding_id
        LEFT JOIN ({_MENDED}) m ON m.finding_id = p.finding_id
        ORDER BY finding_id""")
    for step in STEPS:
        con.execute(f"DROP TABLE {step}")


def _records(con: duckdb.DuckDBPyConnection) -> None:
    """`fi_record`: records that stand under a number of an issuing source tonight, not closed and not gone."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE fi_record AS
        SELECT x.record_key, x.source, i.owner, x.record_id, x.client_number, r.row_hash
        FROM crosswalk x JOIN issuer i ON i.source = x.source JOIN std_record r ON r.record_key = x.record_key
        ANTI JOIN gone g ON g.source = x.source AND g.record_id = x.record_id
        WHERE r.status IS DISTINCT FROM 'closed'""")


def _tonight(con: duckdb.DuckDBPyConnection) -> None:
    """`fi_tonight`: every two of them that are one client; the id depends on source and records alone."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE fi_tonight AS
        SELECT md5(concat_ws(chr(31), 'two_numbers', l.source, l.record_id, r.record_id)) AS finding_id,
               l.source, l.owner, l.client_number, [l.record_id, r.record_id] AS records,
               l.record_key AS record_key_l, r.record_key AS record_key_r
        FROM fi_record l JOIN fi_record r
          ON r.client_number = l.client_number AND r.source = l.source AND r.record_id > l.record_id""")


def _edges(con: duckdb.DuckDBPyConnection) -> None:
    """`fi_edge`: the scored pair of a finding's two records, if there is one, with the weight of each comparison."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE fi_edge AS
        SELECT t.finding_id,
               printf('edge of %.2f bits: %s', CAST(max(p.weight) AS DOUBLE) / 1000000, min(p.levels)) AS evidence
        FROM fi_tonight t
        JOIN (SELECT * FROM pairs_person UNION ALL SELECT * FROM pairs_organisation) p
          ON least(p.record_key_l, p.record_key_r) = least(t.record_key_l, t.record_key_r)
         AND greatest(p.record_key_l, p.record_key_r) = greatest(t.record_key_l, t.record_key_r)
        GROUP BY t.finding_id""")


_MENDED = """
    SELECT f.finding_id, count(r.record_id) < 2 OR bool_or(r.row_hash IS DISTINCT FROM b.row_hash) AS mended
    FROM (SELECT finding_id, source, unnest(records) AS record_id FROM parent_finding) f
    LEFT JOIN fi_record r ON r.source = f.source AND r.record_id = f.record_id
    LEFT JOIN parent_std_record b ON b.source = f.source AND b.record_id = f.record_id
    GROUP BY f.finding_id"""
"""Whether the source lists one of the records no more, or tells it otherwise than in the live version."""
