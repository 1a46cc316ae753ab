"""Screening: clients, and parties that records name beside them, against the entries of watch lists.

Here: which name meets which entry, how well, and what the pack says of it. Every night compares everything, so a
change of a client, of a list, and every merge are seen alike; what is new is told by `since`. Not here: names in
standard form (quality), the rules (pack screening).
"""

import re
from datetime import date

import duckdb

from client_view.before import under_tonight
from client_view.clearing import CLEARED, is_cleared
from client_view.deciding import Rules, fire_sql
from client_view.literals import dated
from rules.view.packs import ONE, OUTCOMES, SCREENING
from rules.view.shape import Compiled
from store.duck import scalar

_STEPS = ("cv_entry", "cv_named", "cv_subject", "cv_told", "cv_compared")
_TOLD = ("party_type", "number_agrees", "program", "birth", "country")
"""What a meeting tells before the names are compared, which takes longest by far."""
_WORDS = "array_to_string(list_sort(string_split({}.ascii, ' ')), ' ')"
_NUMBER = "regexp_replace(upper({}), '[^A-Z0-9]', '', 'g')"


def screen(con: duckdb.DuckDBPyConnection, rules: Rules, day: date) -> None:
    """Write `view_screening`. Reads the golden and standard names, `golden_identifier`, `std_listed`,
    `view_relationship`, `view_clearing`, `parent_view_screening`, `ledger_number`.
    """
    if not scalar(con, "SELECT count(*) FROM std_listed WHERE gone_since IS NULL"):
        con.execute("CREATE OR REPLACE TABLE view_screening AS FROM parent_view_screening WHERE FALSE")
        return
    _entries(con)
    _subjects(con)
    _told(con, rules["screening"], day)
    _compared(con, [name for name in _TOLD if _asks(rules["screening"], name)])
    keys = "client_number, subject, list, entry, name_score, evidence"
    fired = fire_sql(SCREENING, rules["screening"], "cv_compared", keys, day)
    con.execute(f"CREATE OR REPLACE TABLE view_screening AS {_judged(fired, day)}")
    for step in _STEPS:
        con.execute(f"DROP TABLE {step}")


def _entries(con: duckdb.DuckDBPyConnection) -> None:
    """`cv_entry`: what the lists hold now, with its words; and `cv_named`: standard names of records that may meet one.

    Names that meet nothing are most of them: they are read past, not kept.
    """
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_entry AS
        SELECT *, {_WORDS.format("l")} AS words, {_NUMBER.format("l.number")} AS figures
        FROM std_listed l WHERE name IS NOT NULL AND gone_since IS NULL""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_named AS
        SELECT record_key, kind, "full", ascii, words, given_key, family_key, org_key
        FROM (SELECT *, {_WORDS.format("s")} AS words FROM std_name s WHERE ascii IS NOT NULL)
        WHERE words IN (SELECT words FROM cv_entry) OR org_key IN (SELECT org_key FROM cv_entry)
           OR given_key IS NOT NULL AND family_key IN (SELECT family_key FROM cv_entry)
           OR record_key IN (SELECT record_key FROM golden_name WHERE client_number IN ({_HOLDERS}))""")


_HOLDERS = f"""
    SELECT client_number FROM golden_identifier i
    WHERE {_NUMBER.format("i.number")} IN (SELECT figures FROM cv_entry)"""


def _subjects(con: duckdb.DuckDBPyConnection) -> None:
    """`cv_subject`: such names of clients, and names that relations of a client tell beside those of clients."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_subject AS
        SELECT g.client_number, 'client' AS subject, p.party_type, s.ascii, s.words, s.given_key, s.family_key,
               s.org_key, COALESCE(p.birth_date, p.registration_date) AS born,
               COALESCE(p.residence_country, p.country) AS country
        FROM golden_name g JOIN golden_party p USING (client_number)
        JOIN cv_named s ON s.record_key = g.record_key AND s.kind = g.kind AND s."full" = g."full"
        UNION
        SELECT client_number, kind, NULL, ascii, words, NULL, NULL, NULL, NULL, NULL
        FROM (SELECT *, {_WORDS.format("r")} AS words
              FROM (SELECT client_number, kind,
                           regexp_replace(trim(lower(strip_accents(other_name))), '\\s+', ' ', 'g') AS ascii
                    FROM view_relationship WHERE other_name IS NOT NULL AND other_record IS NULL) r)
        WHERE words IN (SELECT words FROM cv_entry)""")


def _told(con: duckdb.DuckDBPyConnection, pack: tuple[Compiled, ...], day: date) -> None:
    """`cv_told`: everything that a meeting may tell by which some rule fires, however alike the names are.

    Most meetings share a family name and nothing else: by this they are passed over without comparing names.
    """
    asked = {
        name: f"(SELECT DISTINCT {name} FROM {table})" if _asks(pack, name) else f"(SELECT NULL AS {name})"
        for name, table in (("party_type", "cv_subject"), ("program", "cv_entry"))
    }
    every = f"""(
        FROM {asked["party_type"]}, {asked["program"]}, (SELECT unnest([TRUE, FALSE]) AS number_agrees),
             (SELECT unnest(['same', 'year', 'differs', 'unknown']) AS birth),
             (SELECT unnest(['same', 'differs', 'unknown']) AS country), range(101) AS likeness(name_score))"""
    told = ", ".join(_TOLD)
    fired = fire_sql(SCREENING, pack, every, told, day)
    con.execute(f"CREATE OR REPLACE TEMP TABLE cv_told AS SELECT DISTINCT {told} FROM ({fired})")


def _asks(pack: tuple[Compiled, ...], name: str) -> bool:
    return any(re.search(rf"\b{name}\b", rule.condition) for rule in pack)


def _compared(con: duckdb.DuckDBPyConnection, asked: list[str]) -> None:
    """`cv_compared`: what the pack asks of each meeting, and a hash of the values that met.

    Subjects and entries meet that share a number, all words, the sounds of a name, or the family name.
    """
    meetings = " UNION ALL ".join(
        f"SELECT {_SIDES}, {number} AS number_agrees, {_BIRTH} AS birth, {_COUNTRY} AS country FROM {joined}"
        for number, joined in (
            ("FALSE", "cv_subject m JOIN cv_entry l ON m.words = l.words"),
            ("FALSE", "cv_subject m JOIN cv_entry l ON m.family_key = l.family_key AND m.given_key IS NOT NULL"),
            ("FALSE", "cv_subject m JOIN cv_entry l ON m.org_key = l.org_key"),
            (
                "TRUE",
                f"""cv_subject m JOIN golden_identifier i USING (client_number)
                     JOIN cv_entry l ON l.figures = {_NUMBER.format("i.number")} WHERE m.subject = 'client'""",
            ),
        )
    )
    told = " AND ".join(f"t.{name} IS NOT DISTINCT FROM n.{name}" for name in asked) or "TRUE"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_compared AS
        SELECT client_number, subject, feed AS list, item AS entry, party_type, number_agrees, program, birth, country,
               CASE WHEN m.given_key = l.given_key AND m.family_key = l.family_key OR m.org_key = l.org_key THEN 100
                    ELSE CAST(floor(100 * jaro_winkler_similarity(m.words, l.words)) AS BIGINT) END AS name_score,
               md5(concat_ws(chr(31), m.ascii, m.born, number_agrees, l.ascii, l.birth_date, l.number)) AS evidence
        FROM ({meetings}) n SEMI JOIN cv_told t ON {told}""")


_SIDES = "m, l, m.client_number, m.subject, m.party_type, l.feed, l.item, l.program"
_BIRTH = """CASE WHEN m.born IS NULL OR l.birth_date IS NULL THEN 'unknown' WHEN m.born = l.birth_date THEN 'same'
                WHEN year(m.born) = year(l.birth_date) THEN 'year' ELSE 'differs' END"""
_COUNTRY = """CASE WHEN m.country IS NULL OR l.country IS NULL THEN 'unknown'
                  WHEN m.country = l.country THEN 'same' ELSE 'differs' END"""


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
