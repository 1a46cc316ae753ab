"""Which member wins each scalar field.

Here: the members' usable scalars, the winning record of each (client, field), the winning values side by side. Not
here: the order of the members (`survivorship`), values that repeat (`units`).

A client of one record needs no competition, so every step treats those apart: that halves the work of a night.
"""

import duckdb

from rules.contracts.columns import TYPES_OF
from rules.contracts.standard import SCALARS, SCALARS_PERSON
from rules.survivorship import Survivorship
from store.duck import exists, quote

WORK = ("gs_flagged", "gs_usable", "gs_scalar")


def usable(con: duckdb.DuckDBPyConnection, policy: Survivorship) -> None:
    """`gs_usable`: the members with their scalars, empty where flagged, a placeholder or of the other party type."""
    _flagged(con)
    held = [row[0] for row in con.execute("SELECT DISTINCT kind FROM placeholder ORDER BY kind").fetchall()]
    columns = ", ".join(_usable_value(name, name in held) for name in SCALARS)
    counted = "".join(
        f", trusted - 1000000 * count(*) OVER (PARTITION BY client_number, {name}) AS place_{name}"
        for name in SCALARS
        if policy.strategy(name) == "frequent"
    )
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_usable AS
        WITH value AS (
            SELECT m.client_number, m.record_key, m.members, m.trusted, m.recent, m.verified, {columns}
            FROM gs_member m
            JOIN (SELECT client_number, party_type IN ({TYPES_OF["person"]}) AS person
                  FROM gs_member WHERE trusted = 1) g
              ON g.client_number = m.client_number
            JOIN std_record r ON r.record_key = m.record_key
            LEFT JOIN gs_flagged f ON f.record_key = m.record_key)
        SELECT *{counted} FROM value""")


def winners(con: duckdb.DuckDBPyConnection, policy: Survivorship) -> None:
    """`gs_scalar`: client_number, field, record_key, rule, candidates (distinct values that competed)."""
    alone = (f"SELECT client_number, '{name}' AS field, record_key FROM gs_usable WHERE members = 1 AND {name} NOTNULL"
             for name in SCALARS)  # fmt: skip
    best = (f"""SELECT client_number, '{name}', arg_min(record_key, {_place(policy, name)}) FROM gs_usable
                WHERE members > 1 AND {name} NOTNULL GROUP BY client_number""" for name in SCALARS)  # fmt: skip
    several = (f"""SELECT client_number, '{name}' AS field, count(DISTINCT {name}) AS candidates FROM gs_usable
                   WHERE members > 1 AND {name} NOTNULL
                   GROUP BY client_number HAVING min({name}) <> max({name})""" for name in SCALARS)  # fmt: skip
    rules = " ".join(f"WHEN {quote(name)} THEN {quote(policy.strategy(name))}" for name in SCALARS)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_scalar AS
        WITH won AS ({" UNION ALL ".join([*alone, *best])}), several AS ({" UNION ALL ".join(several)})
        SELECT w.*, CASE w.field {rules} END AS rule, COALESCE(s.candidates, 1) AS candidates
        FROM won w LEFT JOIN several s ON s.client_number = w.client_number AND s.field = w.field""")


def side_by_side(policy: Survivorship) -> str:
    """Query: client_number and the winning value of every scalar (arg_min passes over empty ones)."""
    best = ", ".join(f"arg_min({name}, {_place(policy, name)}) AS {name}" for name in SCALARS)
    return f"""
        SELECT client_number, {", ".join(SCALARS)} FROM gs_usable WHERE members = 1
        UNION ALL
        SELECT client_number, {best} FROM gs_usable WHERE members > 1 GROUP BY client_number"""


def _flagged(con: duckdb.DuckDBPyConnection) -> None:
    """Fields that standardisation flagged, a list for each record; `std_value` may be missing."""
    con.execute("CREATE OR REPLACE TEMP TABLE gs_flagged (record_key BIGINT, fields VARCHAR[])")
    if exists(con, "std_value"):
        con.execute("""INSERT INTO gs_flagged
                       SELECT record_key, list(field) FROM std_value WHERE NOT valid GROUP BY record_key""")


def _usable_value(name: str, has_placeholders: bool) -> str:
    kept = (
        f"{'' if name in SCALARS_PERSON else 'NOT '}g.person AND NOT COALESCE(list_contains(f.fields, '{name}'), FALSE)"
    )
    if has_placeholders:
        known = f"SELECT value FROM placeholder WHERE kind = '{name}' AND value NOTNULL"
        kept += f" AND COALESCE(CAST(r.{name} AS VARCHAR), '') NOT IN ({known})"
    return f"CASE WHEN {kept} THEN r.{name} END AS {name}"


def _place(policy: Survivorship, name: str) -> str:
    """Column that orders the members for the field; least wins, no two members of a client are equal."""
    strategy = policy.strategy(name)
    return f"place_{name}" if strategy == "frequent" else strategy
