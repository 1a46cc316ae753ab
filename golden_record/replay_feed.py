"""Feeds applied: golden_party and crosswalk of a version from an earlier one and the events in between.

Here: the state that a feed leads to, in one query per table for any number of nights. Not here: how the events come
about (`changes`); which versions' feeds are taken (stages).
"""

import duckdb

from golden_record.changes import COMPARED
from rules.contracts.golden import GoldenParty
from store.tables import sql_type

STEPS = ("rf_party", "rf_last")
_WHOLE = "('party_created', 'party_split')"
_GONE = "('parties_merged', 'party_retired')"


def replay(con: duckdb.DuckDBPyConnection) -> None:
    """Write `replayed_golden_party` and `replayed_crosswalk`.

    Reads `base_golden_party`, `base_crosswalk` (empty before version 1); `party_feed`, `member_feed`: the events of the
    versions after it, with a column `version`; and `key_map`.
    """
    _events(con)
    _last(con)
    _parties(con)
    _members(con)
    for step in STEPS:
        con.execute(f"DROP TABLE {step}")


def _events(con: duckdb.DuckDBPyConnection) -> None:
    """`rf_party`: the clients that events touch as the base has them, then the events, in one order.

    `whole`: the row sets every column; else the columns that `named` lists.
    """
    row = ", ".join(f"'{name}': CAST(b.{name} AS VARCHAR)" for name in COMPARED)
    shape = "{" + ", ".join(f'"{name}": "VARCHAR"' for name in COMPARED) + "}"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE rf_party AS
        SELECT b.client_number, 0 AS place, TRUE AS whole, FALSE AS gone, CAST([] AS VARCHAR[]) AS named,
               {{{row}}} AS row
        FROM base_golden_party b SEMI JOIN party_feed f ON f.client_number = b.client_number
        UNION ALL
        SELECT client_number, row_number() OVER (ORDER BY version, position), event IN {_WHOLE}, event IN {_GONE},
               COALESCE(string_split(fields, ','), []), json_transform(after, '{shape}')
        FROM party_feed WHERE event <> 'record_moved'""")


def _last(con: duckdb.DuckDBPyConnection) -> None:
    """`rf_last`: the last value of every column of the touched clients that are still there."""
    columns = ", ".join(
        f"arg_max({{'v': row.{name}}}, place) FILTER (whole OR list_contains(named, '{name}')).v AS {name}"
        for name in COMPARED
    )
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE rf_last AS
        SELECT client_number, {columns} FROM rf_party GROUP BY client_number
        HAVING max(place) FILTER (whole) > COALESCE(max(place) FILTER (gone), -1)""")


def _parties(con: duckdb.DuckDBPyConnection) -> None:
    """Touched clients as the events leave them, all others as the base has them."""
    schema = GoldenParty.columns()
    names = ", ".join(COMPARED)
    typed = ", ".join(f"CAST({name} AS {sql_type(schema[name].dtype)}) AS {name}" for name in COMPARED)
    con.execute(f"""
        CREATE OR REPLACE TABLE replayed_golden_party AS
        SELECT client_number, {names} FROM base_golden_party b
        ANTI JOIN rf_party t ON t.client_number = b.client_number
        UNION ALL SELECT client_number, {typed} FROM rf_last""")


def _members(con: duckdb.DuckDBPyConnection) -> None:
    """The last event of a record says where it is; a record without events stays where it was."""
    con.execute("""
        CREATE OR REPLACE TABLE replayed_crosswalk AS
        WITH last AS (
            SELECT * FROM member_feed
            QUALIFY row_number() OVER (PARTITION BY source, record_id ORDER BY version DESC, position DESC) = 1),
        record AS (
            SELECT source, record_id, legal_entity, party_type, client_number FROM base_crosswalk b
            ANTI JOIN last l ON l.source = b.source AND l.record_id = b.record_id
            UNION ALL
            SELECT source, record_id, legal_entity, party_type, client_number FROM last WHERE event <> 'record_left')
        SELECT k.record_key, r.source, r.record_id, r.legal_entity, r.party_type, r.client_number
        FROM record r LEFT JOIN key_map k ON k.source = r.source AND k.record_id = r.record_id""")
