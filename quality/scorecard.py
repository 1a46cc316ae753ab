"""Scorecards: how complete, valid, unique, consistent and timely each source is, per field and night.

Here: tables computed by SQL from the standardised and golden ones. Not here: blocking checks (`checks`), targets
(rules/quality), or how a score is shown (`stages/report`).
"""

from datetime import date

import duckdb

from quality.figures import kept
from rules.contracts.standard import SCALARS_ORGANISATION, SCALARS_PERSON
from rules.quality import ANY, Quality

_UNITS = (
    ("name", "std_name", "kind"),
    ("identifier", "std_identifier", "type"),
    ("address", "std_address", "kind"),
    ("contact", "std_contact", "replace(kind, 'mobile', 'phone')"),
)
"""Units, counted by kind. Phones are one: of a number that cannot be used nobody knows whether it is a mobile's."""


def score(con: duckdb.DuckDBPyConnection) -> None:
    """Create `quality_score(source, field, rows, filled, valid)`, ordered by source and field.

    `rows` are the source's records that may have the field (persons or not persons; all for names, identifiers,
    addresses and contacts, whose field is `name.current`, `identifier.passport` …), `filled` those where the source
    gave a value, `valid` those with a usable one.
    """
    parts = [
        _scalar_query(SCALARS_PERSON, "party_type = 'person'"),
        _scalar_query(SCALARS_ORGANISATION, "party_type <> 'person'"),
        *(_unit_query(*unit) for unit in _UNITS),
    ]
    con.execute(f"""
        CREATE OR REPLACE TABLE quality_score AS
        SELECT source, field, rows::BIGINT AS rows, filled::BIGINT AS filled, valid::BIGINT AS valid
        FROM ({" UNION ALL ".join(f"({part})" for part in parts)}) WHERE rows > 0 ORDER BY source, field
    """)


def _scalar_query(fields: tuple[str, ...], who: str) -> str:
    """One scan for all scalars; a flagged value lives in `std_value`, with or without a standard form."""
    counts = ", ".join(f"count({field}) AS {field}" for field in fields)
    names = ", ".join(f"'{field}'" for field in fields)
    empty = "CASE field " + " ".join(f"WHEN '{field}' THEN {field} IS NULL" for field in fields) + " END"
    return f"""
        SELECT source, field, rows, present + coalesce(lost, 0) AS filled, present - coalesce(doubtful, 0) AS valid
        FROM (
            UNPIVOT (SELECT source, count(*) AS rows, {counts} FROM std_record WHERE {who} GROUP BY source)
            ON {", ".join(fields)} INTO NAME field VALUE present
        ) LEFT JOIN (
            SELECT source, field,
                count(*) FILTER (WHERE raw IS NOT NULL AND {empty}) AS lost,
                count(*) FILTER (WHERE NOT valid AND NOT {empty}) AS doubtful
            FROM std_value JOIN std_record USING (record_key) WHERE field IN ({names}) AND {who} GROUP BY source, field
        ) USING (source, field)
    """


def _unit_query(unit: str, table: str, kind: str) -> str:
    """Every kind of the unit that any source has, for every source."""
    return f"""
        WITH judged AS (SELECT record_key, valid, {kind} AS kind FROM {table})
        SELECT source, '{unit}.' || kind AS field, rows, coalesce(filled, 0) AS filled, coalesce(valid, 0) AS valid
        FROM (SELECT source, count(*) AS rows FROM std_record GROUP BY source)
        CROSS JOIN (SELECT DISTINCT kind FROM judged)
        LEFT JOIN (
            SELECT source, kind, count(*) AS filled, count(*) FILTER (WHERE usable) AS valid FROM (
                SELECT r.source, c.kind, bool_or(c.valid) AS usable
                FROM judged c JOIN std_record r USING (record_key) GROUP BY r.source, c.kind, record_key
            ) GROUP BY source, kind
        ) USING (source, kind)
    """


def score_night(con: duckdb.DuckDBPyConnection, version: int, day: date, declared: Quality) -> None:
    """Create `score`, tonight's beside the parent's, and `quality_issue`: scores below their target.

    Reads the standardised tables, `crosswalk`, `golden_party`, `input_count(source, owner)`, `parent_score` and
    `parent_quality_issue`.
    """
    score(con)
    counted = " UNION ALL ".join((*_OF_FIELDS, _ALONE, _LIFELONG, _consistency(), _timeliness(day, declared)))
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE score_tonight AS
        SELECT source, field, rule, owner, CAST(checked AS BIGINT) AS checked, CAST(passed AS BIGINT) AS passed
        FROM ({counted}) t(source, field, rule, checked, passed) LEFT JOIN input_count USING (source)
        WHERE checked > 0""")
    con.execute(f"""
        CREATE OR REPLACE TABLE score AS
        SELECT {version} AS version, DATE '{day}' AS business_date, * FROM score_tonight
        UNION ALL BY NAME {kept("score", day)}""")
    _issues(con, day, declared)


_OF_FIELDS = (
    "SELECT source, field, 'completeness', rows, filled FROM quality_score",
    "SELECT source, field, 'validity', filled, valid FROM quality_score",
)
_ALONE = """
    SELECT source, 'record', 'uniqueness', count(*), count(*) FILTER (WHERE n = 1)
    FROM (SELECT source, count(*) OVER (PARTITION BY source, client_number) AS n FROM crosswalk) GROUP BY source"""
_LIFELONG = """
    SELECT source, 'identifier.' || type, 'uniqueness', count(*), count(*) FILTER (WHERE parties = 1)
    FROM (SELECT DISTINCT record_key, type, number FROM std_identifier WHERE lifelong AND valid) i
    JOIN crosswalk USING (record_key)
    JOIN (SELECT type, number, count(DISTINCT client_number) AS parties
          FROM std_identifier JOIN crosswalk USING (record_key) WHERE lifelong AND valid GROUP BY type, number)
    USING (type, number) GROUP BY source, type"""


def _consistency() -> str:
    """Values beside the golden one, of clients of which another system has the field too."""
    fields = (*SCALARS_PERSON, *SCALARS_ORGANISATION)
    texts = ", ".join(f"CAST({field} AS VARCHAR) AS {field}" for field in fields)
    long = f"UNPIVOT (SELECT {{}}, {texts} FROM {{}}) ON {', '.join(fields)} INTO NAME field VALUE value"
    return f"""
        SELECT source, field, 'consistency', count(*), count(*) FILTER (WHERE r.value = g.value)
        FROM (SELECT *, min(source) OVER w <> max(source) OVER w AS shared
              FROM ({long.format("record_key", "std_record")}) JOIN crosswalk USING (record_key)
              WINDOW w AS (PARTITION BY client_number, field)) r
        JOIN ({long.format("client_number", "golden_party")}) g USING (client_number, field)
        WHERE shared GROUP BY source, field"""


def _timeliness(day: date, declared: Quality) -> str:
    since = f"DATE '{day}' - INTERVAL {declared.timely_days} DAY"
    return f"""
        SELECT source, 'record', 'timeliness', count(updated_at), count(*) FILTER (WHERE updated_at >= {since})
        FROM std_record GROUP BY source"""


def _issues(con: duckdb.DuckDBPyConnection, day: date, declared: Quality) -> None:
    """An issue stays open until a night reaches the target, and opens anew when a later one misses it."""
    con.execute("CREATE OR REPLACE TEMP TABLE target (rule VARCHAR, field VARCHAR, target BIGINT)")
    for rule, fields in declared.targets.items():
        for field, share in fields.items():
            con.execute("INSERT INTO target VALUES (?, ?, ?)", [rule, field, int(share * 1_000_000)])
    today = f"DATE '{day}'"
    con.execute(f"""
        CREATE OR REPLACE TABLE quality_issue AS
        WITH judged AS (
            SELECT s.*, coalesce(own.target, other.target) AS target FROM score_tonight s
            LEFT JOIN target own ON own.rule = s.rule AND own.field = s.field
            LEFT JOIN target other ON other.rule = s.rule AND other.field = '{ANY}'),
        below AS (SELECT * FROM judged WHERE passed * 1000000 < checked * target)
        SELECT b.source, b.field, b.rule, b.owner, b.checked, b.checked - b.passed AS failed, b.target,
               CASE WHEN p.resolved IS NULL THEN coalesce(p.first_seen, {today}) ELSE {today} END AS first_seen,
               CAST(NULL AS DATE) AS resolved
        FROM below b LEFT JOIN parent_quality_issue p
          ON p.source = b.source AND p.field = b.field AND CAST(p.rule AS VARCHAR) = b.rule
        UNION ALL
        SELECT p.source, p.field, CAST(p.rule AS VARCHAR), p.owner, coalesce(j.checked, 0),
               coalesce(j.checked - j.passed, 0), p.target, p.first_seen, coalesce(p.resolved, {today})
        FROM parent_quality_issue p
        ANTI JOIN below b ON b.source = p.source AND b.field = p.field AND b.rule = CAST(p.rule AS VARCHAR)
        LEFT JOIN judged j ON j.source = p.source AND j.field = p.field AND j.rule = CAST(p.rule AS VARCHAR)""")
