"""Placeholder values in the data: what is declared, and what too many different parties share to be anyone's.

Here: one SQL step per kind of value, over the standardised tables. Not here: the declared lists and limits
(rules.placeholders), suppressing them (the match projection anti-joins). Nothing is deleted.
"""

import duckdb

from rules.placeholders import PlaceholderLimits, Placeholders

KINDS = ("contact", "identifier", "birth_date", "name")
"""`kind` of a row; `value` is std_contact.value, "type:number", YYYY-MM-DD, or std_name.ascii."""


def learn(con: duckdb.DuckDBPyConnection, declared: Placeholders) -> None:
    """Create table `placeholder(kind, value, records, rule)` from std_record, std_name, std_contact, std_identifier.

    `rule` is "declared" (the standardiser flagged it) or "learned: …" with what was seen. Total order (kind, value).
    """
    con.execute(_PARTY)
    steps = (
        declared_values(), declared_names(declared.names), declared_birth_dates(declared),
        shared_contacts(declared.limits), shared_identifiers(declared.limits), crowded_birth_dates(declared.limits),
    )  # fmt: skip
    union = " UNION ALL ".join(f"({step})" for step in steps)
    con.execute(
        "CREATE OR REPLACE TABLE placeholder AS SELECT kind, value, max(records)::BIGINT AS records, min(rule) AS rule "
        f"FROM ({union}) GROUP BY kind, value ORDER BY kind, value"
    )
    con.execute("DROP VIEW placeholder_party")


# Who a record seems to be, roughly: enough to count how many different parties share a value.
_PARTY = """
CREATE OR REPLACE TEMP VIEW placeholder_party AS
SELECT r.record_key, coalesce(r.birth_date, r.registration_date) AS born,
       (SELECT min(coalesce(n.family_ascii, n.org_core, n.ascii)) FROM std_name n
        WHERE n.record_key = r.record_key AND n.kind = 'current') AS family
FROM std_record r
"""


def declared_values() -> str:
    """Contacts and identifiers that the standardisers flagged as placeholders."""
    return """
    SELECT 'contact' AS kind, value, count(DISTINCT record_key) AS records, 'declared' AS rule
    FROM std_contact WHERE reason = 'placeholder' AND value IS NOT NULL GROUP BY value
    UNION ALL
    SELECT 'identifier', type || ':' || number, count(DISTINCT record_key), 'declared'
    FROM std_identifier WHERE reason = 'placeholder' AND number IS NOT NULL GROUP BY ALL
    """


def declared_names(names: tuple[str, ...]) -> str:
    """Names on the declared list ("test test"), in either order of two words."""
    both = sorted({form for name in names for form in (name, " ".join(reversed(name.split(" "))))})
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in both) or "NULL"
    return f"""
    SELECT 'name' AS kind, ascii AS value, count(DISTINCT record_key) AS records, 'declared' AS rule
    FROM std_name WHERE ascii IN ({listed}) GROUP BY ascii
    """


def declared_birth_dates(declared: Placeholders) -> str:
    """Birth dates on the declared list, for records that still carry one."""
    listed = ", ".join(f"DATE '{day}'" for day in declared.birth_dates) or "NULL"
    return f"""
    SELECT 'birth_date' AS kind, strftime(birth_date, '%Y-%m-%d') AS value, count(*) AS records, 'declared' AS rule
    FROM std_record WHERE birth_date IN ({listed}) GROUP BY birth_date
    """


def shared_contacts(limits: PlaceholderLimits) -> str:
    """Phones and e-mails held by more records, and more different parties, than a family or a firm explains."""
    return f"""
    SELECT 'contact' AS kind, c.value, count(DISTINCT c.record_key) AS records,
           'learned: ' || count(DISTINCT (p.family, p.born)) || ' parties share it' AS rule
    FROM std_contact c JOIN placeholder_party p USING (record_key)
    WHERE coalesce(c.reason, '') <> 'placeholder' AND c.value IS NOT NULL
    GROUP BY c.value
    HAVING count(DISTINCT c.record_key)
           > greatest({limits.contact_records}, {limits.contact_share} * (SELECT count(*) FROM std_record))
       AND count(DISTINCT (p.family, p.born)) > {limits.contact_parties}
    """


def shared_identifiers(limits: PlaceholderLimits) -> str:
    """Identifiers behind which stand more (family name, birth year) than typing errors explain."""
    return f"""
    SELECT 'identifier' AS kind, i.type || ':' || i.number AS value, count(DISTINCT i.record_key) AS records,
           'learned: ' || count(DISTINCT (p.family, year(p.born))) || ' parties share it' AS rule
    FROM std_identifier i JOIN placeholder_party p USING (record_key)
    WHERE coalesce(i.reason, '') <> 'placeholder' AND i.number IS NOT NULL
    GROUP BY i.type, i.number
    HAVING count(DISTINCT (p.family, year(p.born))) > {limits.identifier_parties}
    """


def crowded_birth_dates(limits: PlaceholderLimits) -> str:
    """Birth dates far more frequent than the days around them.

    A day and month that stands out in many years (1 January) is how a source writes a year: it still tells the year.
    """
    return f"""
    WITH day AS (SELECT birth_date, count(*) AS n FROM std_record WHERE birth_date IS NOT NULL GROUP BY birth_date),
    around AS (
        SELECT birth_date, n, sum(n) OVER () AS total,
               (sum(n) OVER (ORDER BY birth_date RANGE BETWEEN INTERVAL {limits.birth_date_window} DAY PRECEDING
                             AND INTERVAL {limits.birth_date_window} DAY FOLLOWING) - n)
               / {2.0 * limits.birth_date_window} AS mean
        FROM day),
    crowded AS (
        SELECT *, count(*) OVER (PARTITION BY month(birth_date), day(birth_date)) AS years
        FROM around
        WHERE n >= {limits.birth_date_records} AND n > {limits.birth_date_share} * total
          AND n > {limits.birth_date_ratio} * mean)
    SELECT 'birth_date' AS kind, strftime(birth_date, '%Y-%m-%d') AS value, n AS records,
           'learned: ' || n || ' records, expected ' || round(mean)::BIGINT AS rule
    FROM crowded WHERE years <= {limits.birth_date_years}
    """
