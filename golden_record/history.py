"""History as intervals: what was valid when, and in which versions that was believed.

Here: the history of a version from its parent's and from tonight's tables. Not here: looking into it (`as_of`), events
of one night (`changes`).

Rows are only added, and their knowledge closed. So what a version believed stays readable in every one after it, and a
night writes as many rows as facts changed. The same business date run again replaces what was believed of that date:
a value that came back is one interval again, as if it had never gone.
"""

from datetime import date
from typing import NamedTuple

import duckdb

from rules.contracts.golden import GoldenAddress, GoldenContact, GoldenIdentifier, GoldenName, GoldenParty

INPUTS = ("golden_party", "golden_name", "golden_identifier", "golden_address", "golden_contact", "crosswalk")
"""Tables of the night whose history is kept."""
UNITS = {
    "name": GoldenName.column_names(),
    "identifier": GoldenIdentifier.column_names(),
    "address": GoldenAddress.column_names(),
    "contact": GoldenContact.column_names(),
}
"""Kinds of golden child tables with their columns."""
OWN = ("client_number", "position", "record_key")
"""Columns of a unit that its key stands for."""
SCALARS = tuple(name for name in GoldenParty.column_names() if name != "client_number")
STEPS = ("hs_current", "hs_gone", "hs_new", "hs_rejoined")


class Facts(NamedTuple):
    """A history table: the columns that say what a row is about, and those that hold what it says."""

    table: str
    key: tuple[str, ...]
    value: tuple[str, ...]


MEMBER = Facts("history_member", ("source", "record_id"), ("client_number", "legal_entity", "party_type"))
VALUE = Facts("history_value", ("client_number", "field"), ("value",))


def remember(con: duckdb.DuckDBPyConnection, version: int, day: date, touched: str | None = None) -> None:
    """Write `history_night`, `history_member`, `history_value` of `version` from `parent_` ones and tonight's tables.

    Reads INPUTS. Of the last two it also writes `_lost` and `_new`: the keys of rows that the parent's loses, and the
    rows it gets. The parent's history is empty on the first night. `touched`: a table with the `client_number` of
    every client, of tonight's or the parent's, that may have changed; the others are not compared.
    """
    con.execute(f"""
        CREATE OR REPLACE TABLE history_night AS
        SELECT version, business_date FROM parent_history_night
        UNION ALL SELECT CAST({version:d} AS BIGINT), DATE '{day}'""")
    for facts, current in ((MEMBER, members()), (VALUE, values())):
        among = f"SEMI JOIN {touched} USING (client_number)" if touched else ""
        con.execute(f"CREATE OR REPLACE TEMP TABLE hs_current AS SELECT * FROM ({current}) {among}")
        _compare(con, facts, among)
        _rejoin(con, facts, day)
        _write(con, facts, version, day)
    for step in STEPS:
        con.execute(f"DROP TABLE {step}")


def members() -> str:
    """Tonight's membership: one row per record."""
    return f"SELECT {', '.join((*MEMBER.key, *MEMBER.value))} FROM crosswalk"


def values() -> str:
    """Tonight's golden values in long form: one row per filled column and per unit."""
    return " UNION ALL ".join([_scalars(), *(_units(kind, columns) for kind, columns in UNITS.items())])


def _scalars() -> str:
    texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in SCALARS)
    return f"""
        SELECT client_number, field, value
        FROM (UNPIVOT (SELECT client_number, {texts} FROM golden_party)
              ON {", ".join(SCALARS)} INTO NAME field VALUE value)"""


def _units(kind: str, columns: list[str]) -> str:
    """Units keep the record they came from, named as its source names it: record keys depend on arrival."""
    packed = ", ".join(f"'{name}': u.\"{name}\"" for name in columns if name not in OWN)
    return f"""
        SELECT u.client_number, '{kind}#' || u.position AS field,
               CAST(json_merge_patch('{{}}', to_json({{{packed}, 'source': x.source, 'record_id': x.record_id}}))
                    AS VARCHAR) AS value
        FROM golden_{kind} u LEFT JOIN crosswalk x ON x.record_key = u.record_key"""


def _compare(con: duckdb.DuckDBPyConnection, facts: Facts, among: str) -> None:
    """`hs_gone`: what the parent held true and tonight does not. `hs_new`: what tonight holds true and it did not."""
    open_rows = f"SELECT * FROM parent_{facts.table} {among} WHERE valid_to IS NULL AND known_to IS NULL"
    same = _same("o", "n", (*facts.key, *facts.value))
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE hs_gone AS
        SELECT o.* FROM ({open_rows}) o ANTI JOIN hs_current n ON {same}""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE hs_new AS
        SELECT n.* FROM hs_current n ANTI JOIN ({open_rows}) o ON {same}""")


def _rejoin(con: duckdb.DuckDBPyConnection, facts: Facts, day: date) -> None:
    """`hs_rejoined`: what was believed to have ended on this very date, and did not after all."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE hs_rejoined AS
        SELECT o.* FROM parent_{facts.table} o SEMI JOIN hs_new n ON {_same("o", "n", (*facts.key, *facts.value))}
        WHERE o.valid_to = DATE '{day}' AND o.known_to IS NULL""")


def _write(con: duckdb.DuckDBPyConnection, facts: Facts, version: int, day: date) -> None:
    """`<table>_lost`: keys of the parent's rows whose knowledge ends; `<table>_new`: these rows closed, and what is
    believed from now on; `<table>`: the parent's other rows and the new ones."""
    plain = ", ".join((*facts.key, *facts.value))
    mine = ", ".join(f"p.{name}" for name in (*facts.key, *facts.value))
    row = (*facts.key, "valid_from", "known_from")
    now = f"CAST({version:d} AS BIGINT) AS known_from, CAST(NULL AS BIGINT) AS known_to"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {facts.table}_lost AS
        SELECT {", ".join(row)} FROM hs_gone UNION SELECT {", ".join(row)} FROM hs_rejoined""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {facts.table}_new AS
        SELECT {plain}, valid_from, valid_to, known_from, CAST({version - 1:d} AS BIGINT) AS known_to
        FROM (SELECT * FROM hs_gone UNION ALL SELECT * FROM hs_rejoined)
        UNION ALL
        SELECT {plain}, valid_from, DATE '{day}', {now} FROM hs_gone WHERE valid_from < DATE '{day}'
        UNION ALL
        SELECT {mine}, COALESCE(r.valid_from, DATE '{day}'), CAST(NULL AS DATE), {now}
        FROM hs_new p LEFT JOIN hs_rejoined r ON {_same("r", "p", facts.key)}""")
    con.execute(f"""
        CREATE OR REPLACE TEMP VIEW {facts.table} AS
        SELECT {plain}, valid_from, valid_to, known_from, known_to
        FROM parent_{facts.table} ANTI JOIN {facts.table}_lost USING ({", ".join(row)})
        UNION ALL SELECT {plain}, valid_from, valid_to, known_from, known_to FROM {facts.table}_new""")


def _same(one: str, other: str, columns: tuple[str, ...]) -> str:
    return " AND ".join(f"{one}.{name} IS NOT DISTINCT FROM {other}.{name}" for name in columns)
