"""Clusters with a client number → golden record, each value taken from one member by a declared strategy.

Here: the order of the members under each strategy, the golden party, the lineage of what survived. Not here: which
strategy a field has (rules.survivorship), scalar winners (`scalars`), names, identifiers, addresses, contacts
(`units`), client numbers (`identity`).
"""

import duckdb

from golden_record import overrides, scalars, units
from rules.survivorship import Survivorship

WORK = ("gs_member", *scalars.WORK, *units.WORK, *overrides.WORK)
"""Working tables, dropped at the end."""


def survive(con: duckdb.DuckDBPyConnection, policy: Survivorship, crosswalk: str = "crosswalk") -> None:
    """Write the golden tables of every client in the table `crosswalk`.

    Reads it, `std_record`, `std_name`, `std_identifier`, `std_address`, `std_contact`, `source_trust`
    (source, trust), `placeholder` (kind, value), and `std_value` where it exists: values flagged there never win.
    Values and units of `overridden` (record_key, field, value, decision), where it exists, win over all.
    Writes `golden_party`, `golden_name`, `golden_identifier`, `golden_address`, `golden_contact`, `golden_lineage`.
    """
    _members(con, policy, crosswalk)
    scalars.usable(con, policy)
    scalars.winners(con, policy)
    overrides.units(con, crosswalk)
    units.start(con)
    units.names(con, policy.units.name)
    units.identifiers(con, policy)
    units.addresses(con, policy.units.address)
    units.contacts(con, policy.units.contact)
    _parties(con, policy)
    _lineage(con)
    overrides.apply(con, crosswalk)
    for view in overrides.VIEWS:
        con.execute(f"DROP VIEW {view}")
    for table in WORK:
        con.execute(f"DROP TABLE {table}")


def _members(con: duckdb.DuckDBPyConnection, policy: Survivorship, crosswalk: str) -> None:
    """Members of each client with their place under each strategy (1 is best); the place is unique in the client."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_member AS
        WITH proof AS ({proof(policy)}),
        member AS (
            SELECT x.client_number, r.record_key, r.source, r.record_id, r.updated_at, r.roles,
                   CAST(r.party_type AS VARCHAR) AS party_type,
                   COALESCE(s.trust, 0) AS trust, COALESCE(p.proof, 0) AS proof
            FROM {crosswalk} x
            JOIN std_record r ON r.record_key = x.record_key
            LEFT JOIN source_trust s ON s.source = r.source
            LEFT JOIN proof p ON p.record_key = r.record_key)
        SELECT client_number, record_key, source, updated_at, roles, party_type,
               count(*) OVER (PARTITION BY client_number) AS members,
               row_number() OVER (PARTITION BY client_number
                   ORDER BY trust DESC, updated_at DESC NULLS LAST, source, record_id) AS trusted,
               row_number() OVER (PARTITION BY client_number
                   ORDER BY updated_at DESC NULLS LAST, trust DESC, source, record_id) AS recent,
               row_number() OVER (PARTITION BY client_number
                   ORDER BY proof DESC, trust DESC, updated_at DESC NULLS LAST, source, record_id) AS verified
        FROM member""")


def proof(policy: Survivorship, of: str = "TRUE") -> str:
    """A query (record_key, proof): records by how well they are verified, of those that `of` says.

    2 is outside, 1 by a lifelong identifier with right check digits.
    """
    return f"""
        SELECT record_key, max(CASE WHEN {units.verified_outside(policy)} THEN 2 ELSE 1 END) AS proof
        FROM std_identifier
        WHERE {of} AND valid AND ({units.verified_outside(policy)} OR (lifelong AND COALESCE(check_ok, FALSE)))
        GROUP BY record_key"""


def _parties(con: duckdb.DuckDBPyConnection, policy: Survivorship) -> None:
    """`golden_party`: the winners of the scalars side by side, and what the members have in common."""
    con.execute(f"""
        CREATE OR REPLACE TABLE golden_party AS
        WITH party AS (
            SELECT client_number, count(*) AS records, max(updated_at) AS updated_at,
                   min(CASE WHEN trusted = 1 THEN party_type END) AS party_type,
                   {_union("string_split(roles, ',')")} AS roles, {_union("[source]")} AS sources
            FROM gs_member GROUP BY client_number),
        wide AS ({scalars.side_by_side(policy)}),
        shown AS (SELECT client_number, "full" AS display_name FROM golden_name WHERE position = 1)
        SELECT p.client_number, p.party_type, NULLIF(p.roles, '') AS roles, s.display_name, p.records, p.sources,
               p.updated_at, w.* EXCLUDE (client_number)
        FROM party p
        LEFT JOIN wide w ON w.client_number = p.client_number
        LEFT JOIN shown s ON s.client_number = p.client_number""")


def _union(parts: str) -> str:
    """Distinct members of the rows' lists, sorted, comma separated."""
    trimmed = f"list_transform(flatten(list({parts})), lambda part: trim(part))"
    return f"array_to_string(list_sort(list_distinct({trimmed})), ',')"


def _lineage(con: duckdb.DuckDBPyConnection) -> None:
    """`golden_lineage`: the winning record and the strategy of each surviving scalar and unit."""
    con.execute("""
        CREATE OR REPLACE TABLE golden_lineage AS
        SELECT client_number, field, record_key, rule, CAST(candidates AS INTEGER) AS candidates,
               decision, CAST(NULL AS DATE) AS stale_since
        FROM (SELECT client_number, field, record_key, rule, candidates, decision FROM gs_unit
              UNION ALL SELECT client_number, field, record_key, rule, candidates, NULL FROM gs_scalar
              UNION ALL SELECT client_number, 'party_type', arg_min(record_key, trusted), 'trusted',
                               count(DISTINCT party_type), NULL FROM gs_member GROUP BY client_number) won""")
