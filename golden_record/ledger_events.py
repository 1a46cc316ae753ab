"""What happened to client numbers in a night: the ledger's events, each with its cause and the other number.

Here: `ledger_event`, from the parent's and tonight's ledger and crosswalk. Not here: how a number is chosen (identity),
what a number stands for (ledger), what changed in a client's data (changes). An event is a change of the ledger, which
spans rolled-back versions, so not always one of the live version.

Causes: `first seen`, `adopted from SOURCE`, `decision N`, `source gone`, `source returned`, `quarantined`,
`record changed`, `edge` (what joins or keeps apart changed: other records, the model or the rules), `rolled back`,
`redirect moved`.
"""

from datetime import date

import duckdb

from store.duck import exists

STEPS = ("ev_moved", "ev_decided", "ev_parted", "ev_changed", "ev_refused")
"""Working tables, dropped at the end."""


def write_events(con: duckdb.DuckDBPyConnection, version: int, business_date: date) -> None:
    """`ledger_event`: the parent's events and tonight's, in the order restore, mint, merge, survive, split, retire.

    `merge`, `mint`, `restore` and `retire` tell every change of a number's state or target: replayed in order they
    give `ledger_number` again. `split` names the number that a minted or restored one took its records from, `survive`
    the number that records left for one already published: no other event tells that.

    Beside identity's tables it reads, where they exist, `decided` (record_key_l, record_key_r, kind, decision),
    `parent_std_record` (whose row hashes say which records changed) and `quarantine`.
    """
    _moved(con)
    _decided(con)
    _parted(con)
    _changed(con)
    _refused(con)
    con.execute(f"""
        CREATE OR REPLACE TABLE ledger_event AS
        WITH changed AS ({_STATE_CHANGES} UNION ALL {_SURVIVED} UNION ALL {_SPLITS}),
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
    for step in STEPS:
        con.execute(f"DROP TABLE {step}")


def _moved(con: duckdb.DuckDBPyConnection) -> None:
    """`ev_moved`: records that carry another number than in the live version."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE ev_moved AS
        SELECT n.record_key, n.client_number, o.client_number AS other_number
        FROM crosswalk n JOIN parent_crosswalk o ON o.source = n.source AND o.record_id = n.record_id
        WHERE n.client_number <> o.client_number""")


def _decided(con: duckdb.DuckDBPyConnection) -> None:
    """`ev_decided`: the first decision that drew a moved record to its new number, or away from its old one."""
    body = "SELECT NULL::VARCHAR AS client_number, NULL::VARCHAR AS other_number, NULL::VARCHAR AS cause WHERE false"
    if exists(con, "decided"):
        body = """
            WITH either AS (
                SELECT record_key_l AS a, record_key_r AS b, kind, decision FROM decided
                UNION ALL SELECT record_key_r, record_key_l, kind, decision FROM decided)
            SELECT m.client_number, m.other_number, concat('decision ', min(d.decision)) AS cause
            FROM ev_moved m JOIN either d ON d.a = m.record_key
            JOIN crosswalk x ON x.record_key = d.b
            LEFT JOIN parent_crosswalk o ON o.source = x.source AND o.record_id = x.record_id
            WHERE (d.kind = 'must_link' AND x.client_number = m.client_number
                   AND o.client_number IS DISTINCT FROM m.other_number)
               OR (d.kind = 'cannot_link' AND x.client_number = m.other_number)
            GROUP BY m.client_number, m.other_number"""
    con.execute(f"CREATE OR REPLACE TEMP TABLE ev_decided AS {body}")


def _parted(con: duckdb.DuckDBPyConnection) -> None:
    """`ev_parted`: numbers of the live version whose records carry several numbers tonight, and if some are gone."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE ev_parted AS
        SELECT o.client_number, count(*) > count(n.client_number) AS lost
        FROM parent_crosswalk o LEFT JOIN crosswalk n ON n.source = o.source AND n.record_id = o.record_id
        WHERE o.client_number IN (SELECT other_number FROM ev_moved)
        GROUP BY o.client_number HAVING count(DISTINCT n.client_number) > 1""")


def _changed(con: duckdb.DuckDBPyConnection) -> None:
    """`ev_changed`: parted numbers of which a record is not as it was in the live version."""
    body = "SELECT client_number FROM ev_parted WHERE false"
    if exists(con, "parent_std_record"):
        body = """
            SELECT DISTINCT o.client_number
            FROM ev_parted p JOIN parent_crosswalk o ON o.client_number = p.client_number
            JOIN std_record r ON r.source = o.source AND r.record_id = o.record_id
            JOIN parent_std_record b ON b.source = o.source AND b.record_id = o.record_id
            WHERE r.row_hash <> b.row_hash"""
    con.execute(f"CREATE OR REPLACE TEMP TABLE ev_changed AS {body}")


def _refused(con: duckdb.DuckDBPyConnection) -> None:
    """`ev_refused`: numbers of which a record stands in quarantine tonight."""
    body = "SELECT client_number FROM ev_parted WHERE false"
    if exists(con, "quarantine"):
        body = """
            SELECT DISTINCT m.client_number FROM parent_ledger_member m
            JOIN quarantine q ON q.source = m.source AND q.record_id = m.record_id WHERE m.last_version IS NULL"""
    con.execute(f"CREATE OR REPLACE TEMP TABLE ev_refused AS {body}")


_NUMBERS = """
    SELECT n.client_number, n.sequence, n.resolves_to, n.adopted_from, CAST(n.state AS VARCHAR) AS now,
           COALESCE(CAST(p.state AS VARCHAR), 'new') AS before
    FROM ledger_number n LEFT JOIN parent_ledger_number p ON p.client_number = n.client_number
    WHERE p.client_number IS NULL OR n.state <> CAST(p.state AS VARCHAR)
       OR n.resolves_to IS DISTINCT FROM p.resolves_to"""
"""Numbers that stand for something else than in the parent ledger."""

_FLOWS = """
    SELECT DISTINCT m.client_number, m.other_number, COALESCE(d.cause,
           CASE WHEN p.lost THEN 'source gone' WHEN c.client_number IS NOT NULL THEN 'record changed' ELSE 'edge' END
           ) AS cause, p.client_number IS NOT NULL AS parted
    FROM ev_moved m
    LEFT JOIN ev_decided d ON d.client_number = m.client_number AND d.other_number = m.other_number
    LEFT JOIN ev_parted p ON p.client_number = m.other_number
    LEFT JOIN ev_changed c ON c.client_number = m.other_number"""
"""From which number to which records moved, and why; of a whole number that joined another only edges tell."""

_STATE_CHANGES = f"""
    SELECT CASE WHEN c.before = 'new' THEN 2 WHEN c.now = 'live' THEN 1 WHEN c.now = 'merged' THEN 3 ELSE 6 END AS turn,
           CASE WHEN c.before = 'new' THEN 'mint' WHEN c.now = 'live' THEN 'restore' WHEN c.now = 'merged' THEN 'merge'
                ELSE 'retire' END AS event,
           c.client_number, c.sequence, CASE WHEN c.now = 'merged' THEN c.resolves_to END AS other_number,
           CASE WHEN c.adopted_from IS NOT NULL AND c.before = 'new' THEN concat('adopted from ', c.adopted_from)
                WHEN c.now = 'gone' AND q.client_number IS NOT NULL THEN 'quarantined'
                WHEN c.now = 'gone' THEN 'source gone'
                WHEN c.before = 'gone' THEN 'source returned'
                WHEN c.now = 'live' THEN COALESCE(s.cause, CASE WHEN c.before = 'new' THEN 'first seen' ELSE 'edge' END)
                WHEN c.before = 'merged' THEN 'redirect moved'
                WHEN o.client_number IS NULL THEN 'rolled back'
                ELSE COALESCE(j.cause, 'edge') END AS cause
    FROM ({_NUMBERS}) c
    LEFT JOIN (SELECT client_number, min(cause) AS cause FROM ({_FLOWS}) f GROUP BY client_number) s
           ON s.client_number = c.client_number
    LEFT JOIN ev_decided j ON j.client_number = c.resolves_to AND j.other_number = c.client_number
    LEFT JOIN ev_refused q ON q.client_number = c.client_number
    LEFT JOIN (SELECT DISTINCT client_number FROM parent_crosswalk) o ON o.client_number = c.client_number"""

_SURVIVED = f"""
    SELECT 4 AS turn, 'survive' AS event, f.other_number AS client_number, n.sequence, f.client_number AS other_number,
           f.cause
    FROM ({_FLOWS}) f
    JOIN ledger_number n ON n.client_number = f.other_number AND CAST(n.state AS VARCHAR) = 'live'
    SEMI JOIN parent_crosswalk o ON o.client_number = f.client_number
    ANTI JOIN ({_NUMBERS}) c ON c.client_number IN (f.client_number, f.other_number)"""
"""Numbers live before and after that lost records to one that the live version knew already."""

_SPLITS = f"""
    SELECT 5 AS turn, 'split' AS event, f.client_number, c.sequence, f.other_number, f.cause
    FROM ({_FLOWS}) f JOIN ({_NUMBERS}) c ON c.client_number = f.client_number AND c.now = 'live' WHERE f.parted"""
"""From which number of the live version the records of a minted or restored one came, where its records parted."""
