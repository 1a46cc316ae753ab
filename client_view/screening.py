"""Screening: clients, and parties that records name beside them, against the entries of watch lists.

Here: which name meets which entry, how well, and what the pack says of it. Every night compares everything, so a
change of a client, of a list, and every merge are seen alike; what is new is told by `since`. Not here: names in
standard form (quality), the rules (pack screening).
"""

from datetime import date

import duckdb

from client_view.before import under_tonight
from client_view.clearing import CLEARED, is_cleared
from client_view.deciding import Rules, fire_sql
from client_view.literals import dated
from rules.view.packs import ONE, OUTCOMES, SCREENING
from store.duck import scalar

_STEPS = ("cv_subject", "cv_meeting", "cv_compared")
_WORDS = "array_to_string(list_sort(string_split({}.ascii, ' ')), ' ')"
_NUMBER = "regexp_replace(upper({}), '[^A-Z0-9]', '', 'g')"


def screen(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    """Write `view_screening`. Reads the golden and standard names, `golden_identifier`, `std_listed`,
    `view_relationship`, `view_clearing`, `parent_view_screening`, `ledger_number`.
    """
    if not scalar(con, "SELECT count(*) FROM std_listed WHERE gone_since IS NULL"):
        con.execute("CREATE OR REPLACE TABLE view_screening AS FROM parent_view_screening WHERE FALSE")
        return
    _subjects(con)
    _meetings(con)
    _compared(con)
    keys = "client_number, subject, list, entry, name_score, evidence"
    fired = fire_sql(SCREENING, rules["screening"], "cv_compared", keys, day)
    con.execute(f"CREATE OR REPLACE TABLE view_screening AS {_judged(fired, day)}")
    for step in _STEPS:
        con.execute(f"DROP TABLE {step}")


def _subjects(con: duckdb.DuckDBPyConnection) -> None:
    """`cv_subject`: every name of every client, and names that relations of a client tell beside those of clients."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_subject AS
        SELECT g.client_number, 'client' AS subject, p.party_type, s.ascii, {_WORDS.format("s")} AS words, s.given_key,
               s.family_key, s.org_key, COALESCE(p.birth_date, p.registration_date) AS born,
               COALESCE(p.residence_country, p.country) AS country
        FROM golden_name g JOIN golden_party p USING (client_number)
        JOIN std_name s ON s.record_key = g.record_key AND s.kind = g.kind AND s."full" = g."full"
        WHERE s.ascii IS NOT NULL
        UNION
        SELECT client_number, kind, NULL, ascii, {_WORDS.format("r")}, NULL, NULL, NULL, NULL, NULL
        FROM (SELECT client_number, kind,
                     regexp_replace(trim(lower(strip_accents(other_name))), '\\s+', ' ', 'g') AS ascii
              FROM view_relationship WHERE other_name IS NOT NULL AND other_record IS NULL) r""")


def _meetings(con: duckdb.DuckDBPyConnection) -> None:
    """`cv_meeting`: subjects and entries that share a number, all words, the sounds of a name, or the family name."""
    entry = f"SELECT *, {_WORDS.format('l')} AS words FROM std_listed l WHERE name IS NOT NULL AND gone_since IS NULL"
    columns = "s.*, l.feed, l.item, l.ordinal, FALSE AS number_agrees"
    shared = " UNION ".join(
        f"SELECT {columns} FROM cv_subject s JOIN ({entry}) l ON {on}"
        for on in (
            "s.words = l.words",
            "s.family_key = l.family_key AND s.given_key IS NOT NULL",
            "s.org_key = l.org_key",
        )
    )
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_meeting AS
        {shared}
        UNION
        SELECT s.*, l.feed, l.item, l.ordinal, TRUE FROM cv_subject s JOIN golden_identifier i USING (client_number)
        JOIN ({entry}) l ON {_NUMBER.format("l.number")} = {_NUMBER.format("i.number")} WHERE s.subject = 'client'""")


def _compared(con: duckdb.DuckDBPyConnection) -> None:
    """`cv_compared`: what the pack asks of each meeting, and a hash of the values that met."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_compared AS
        SELECT m.client_number, m.subject, m.feed AS list, m.item AS entry, m.party_type, m.number_agrees, l.program,
               CASE WHEN m.given_key = l.given_key AND m.family_key = l.family_key OR m.org_key = l.org_key THEN 100
                    ELSE CAST(floor(100 * jaro_winkler_similarity(m.words, {_WORDS.format("l")})) AS BIGINT) END
                   AS name_score,
               CASE WHEN m.born IS NULL OR l.birth_date IS NULL THEN 'unknown' WHEN m.born = l.birth_date THEN 'same'
                    WHEN year(m.born) = year(l.birth_date) THEN 'year' ELSE 'differs' END AS birth,
               CASE WHEN m.country IS NULL OR l.country IS NULL THEN 'unknown'
                    WHEN m.country = l.country THEN 'same' ELSE 'differs' END AS country,
               md5(concat_ws(chr(31), m.ascii, m.born, m.number_agrees, l.ascii, l.birth_date, l.number)) AS evidence
        FROM cv_meeting m JOIN std_listed l USING (feed, item, ordinal)""")


def _judged(fired: str, day: date) -> str:
    """One row per client and entry, its best; since when it stands with this evidence, and whether it was cleared."""
    worse = " ".join(f"WHEN '{outcome}' THEN {place}" for place, outcome in enumerate(OUTCOMES))
    return f"""
        WITH best AS (
            SELECT * FROM ({fired})
            QUALIFY row_number() OVER (
                PARTITION BY client_number, subject, list, entry
                ORDER BY CASE outcome {worse} END, name_score DESC, rule, evidence) = 1),
        known AS (
            SELECT client_number, list, entry, evidence, min(since) AS since
            FROM ({under_tonight("parent_view_screening")}) GROUP BY ALL),
        cleared AS ({CLEARED})
        SELECT b.client_number, b.subject, b.list, b.entry, b.outcome, b.rule, b.name_score, b.evidence,
               COALESCE(k.since, {dated(day)}) AS since, COALESCE(b.cleared_by, '{ONE}') AS cleared_by,
               {is_cleared(f"COALESCE(b.cleared_by, '{ONE}')", "c.persons")} AS cleared
        FROM best b LEFT JOIN known k USING (client_number, list, entry, evidence)
        LEFT JOIN cleared c USING (client_number, list, entry, evidence)"""
