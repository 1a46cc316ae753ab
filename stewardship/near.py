"""What a case reads, near at hand: the rows of the records of every client that a case is about, held in memory.

Here: the schema `near` of an open version, in which some tables hold these rows alone and every other is the version's
own; what a page shows of each record, as `shown_member` and `shown_value`. Records of the sample are near too. Not
here: the cases themselves (cases), who asks (case, deciding). Reading a few records from the files of a whole version
takes some twenty milliseconds a table, and an answer with the page of the next case reads a dozen tables.
"""

from collections.abc import Iterable

import duckdb

from rules.contracts.standard import SCALARS
from store.duck import identifier

SCHEMA = "near"
_RECORD = "record_key IN (FROM near_key)"
_CLIENT = "client_number IN (SELECT client_number FROM shown_member)"
_PAIR = "record_key_l IN (FROM near_key) AND record_key_r IN (FROM near_key)"
HELD = {
    "crosswalk": _RECORD, "clusters": _RECORD, "key_map": _RECORD, "match_input_person": _RECORD,
    "match_input_organisation": _RECORD, "pairs_person": _PAIR, "pairs_organisation": _PAIR,
    **dict.fromkeys(("ledger_number", "view_tier", "view_risk"), _CLIENT),
}  # fmt: skip
"""Tables of which the rows of near records are held, and which rows those are."""
ABOUT = ("legal_entity", "branch", "status", "roles", "created_at", "updated_at")
"""What a source says of its own record."""


def collect(con: duckdb.DuckDBPyConnection) -> None:
    """Create the schema beside the tables of the version, of which `case_item` and `sample_item` are two."""
    con.execute(_KEYS)
    for table, (column, body) in _SHOWN_ROWS.items():
        con.execute(f"CREATE TABLE {table} AS {body} ORDER BY {column}")
        con.execute(f"CREATE INDEX {table}_by ON {table} ({column})")
    [(database,)] = con.execute("SELECT current_database()").fetchall()
    con.execute(f"CREATE SCHEMA {SCHEMA}")
    asked = "SELECT table_name FROM duckdb_tables() WHERE database_name = $1 AND schema_name = 'main' UNION ALL"
    asked += " SELECT view_name FROM duckdb_views() WHERE database_name = $1 AND schema_name = 'main' ORDER BY 1"
    for (table,) in con.execute(asked, [database]).fetchall():
        kind, name = "TABLE" if table in HELD else "VIEW", identifier(table)
        only = f"WHERE {HELD[table]}" if table in HELD else ""
        con.execute(f"CREATE {kind} {SCHEMA}.{name} AS SELECT * FROM {database}.main.{name} {only}")


_KEYS = """
    CREATE TABLE near_key AS
    SELECT record_key FROM crosswalk
    WHERE client_number IN (SELECT unnest([number_one, number_other]) FROM case_item)
    UNION SELECT unnest([key_one, key_other]) FROM sample_item"""
_MEMBERS = """
    WITH named AS (
        SELECT record_key, arg_min(coalesce("full", raw), ordinal) AS display_name
        FROM std_name WHERE record_key IN (FROM near_key) GROUP BY record_key)
    SELECT x.record_key, x.source || ':' || x.record_id AS name, x.source, x.record_id, x.client_number, x.legal_entity,
           s.birth_date, s.registration_date, s.updated_at, n.display_name
    FROM crosswalk x JOIN std_record s USING (record_key) LEFT JOIN named n USING (record_key)
    WHERE x.record_key IN (FROM near_key)"""
_UNUSABLE = "CASE WHEN valid THEN '' ELSE coalesce(reason, 'not usable') END"
_SHOWN = (*SCALARS, *ABOUT)
_DAYS = ("created_at", "updated_at")
"""Times of which the day is enough."""
_FLAT = ", ".join(f"CAST({name}{'::DATE' * (name in _DAYS)} AS VARCHAR) AS {name}" for name in _SHOWN)
_SCALARS = f"""
    WITH told AS (
        UNPIVOT (SELECT record_key, {_FLAT} FROM std_record WHERE {{of}})
        ON COLUMNS(* EXCLUDE (record_key)) INTO NAME field VALUE standard),
    said AS (SELECT * FROM std_value WHERE {{of}} AND list_contains({list(_SHOWN)}, field)),
    scalar AS (
        SELECT record_key, field, coalesce(t.standard, v.standard) AS standard, v.raw,
               CASE WHEN NOT v.valid THEN v.reason END AS reason FROM told t FULL JOIN said v USING (record_key, field))
    SELECT record_key, CASE WHEN list_contains({list(ABOUT)}, field) THEN 6 ELSE 3 END AS part,
           list_position({list(_SHOWN)}, field) AS place, field, standard, raw, reason FROM scalar"""
_PARTS = {
    "scalar": _SCALARS,
    "name": f"""
    SELECT record_key, 1 AS part, ordinal AS place, 'name.' || kind AS field, "full" AS standard, raw,
           {_UNUSABLE} AS reason FROM std_name WHERE {{of}}""",
    "identifier": f"""
    SELECT record_key, 2 AS part, ordinal AS place, 'identifier.' || type AS field, number AS standard, raw,
           CASE WHEN valid AND check_ok IS NOT DISTINCT FROM false THEN 'check digit wrong' ELSE {_UNUSABLE} END
           AS reason FROM std_identifier WHERE {{of}}""",
    "contact": f"""
    SELECT record_key, 4 AS part, ordinal AS place, 'contact.' || kind AS field, value AS standard, raw,
           {_UNUSABLE} AS reason FROM std_contact WHERE {{of}}""",
    "address": f"""
    SELECT record_key, 5 AS part, ordinal AS place, 'address.' || kind AS field, "full" AS standard, raw,
           {_UNUSABLE} AS reason FROM std_address WHERE {{of}}""",
}
PARTS = tuple(_PARTS)
"""Kinds of values that a record has."""


def values(of: str, parts: Iterable[str] = PARTS) -> str:
    """A query: every value of some records with the raw one it came from and why it is not usable, by kind.

    `of` is the condition on `record_key`. It gives record_key, part, place, field, standard, raw, reason.
    """
    return " UNION ALL ".join(f"FROM ({_PARTS[part].format(of=of)})" for part in parts)


_SHOWN_ROWS = {"shown_member": ("client_number", _MEMBERS), "shown_value": ("record_key", values(_RECORD))}
"""What a page shows of a record, sorted by the column it is asked for by: a case wants a handful of a million rows."""
