"""The golden tables as they were: valid at a date, as known at a version.

Here: views in the shape of the golden contracts over `history_*`. Not here: which version's history is asked (stages),
how history is written (`history`).
"""

from datetime import date

import dataframely as dy
import duckdb

from golden_record.history import OWN, SCALARS, UNITS
from rules.contracts import TABLES
from rules.contracts.golden import GoldenParty
from store.tables import sql_type

REBUILT = ("golden_party", *(f"golden_{kind}" for kind in UNITS), "crosswalk")
"""Tables that history gives back; lineage stays with the versions that are kept."""


def rebuild(con: duckdb.DuckDBPyConnection, day: date, version: int) -> None:
    """Views REBUILT of what was valid on `day` as known at `version`; needs `history_*` and `key_map`."""
    for table in ("history_member", "history_value"):
        con.execute(f"CREATE OR REPLACE VIEW {table}_then AS SELECT * FROM {table} WHERE {held(day, version)}")
    con.execute(f"CREATE OR REPLACE VIEW golden_party AS {_party()}")
    for kind, columns in UNITS.items():
        con.execute(f"CREATE OR REPLACE VIEW golden_{kind} AS {_unit(kind, columns)}")
    con.execute("""
        CREATE OR REPLACE VIEW crosswalk AS
        SELECT k.record_key, m.source, m.record_id, m.legal_entity, m.party_type, m.client_number
        FROM history_member_then m JOIN key_map k ON k.source = m.source AND k.record_id = m.record_id""")


def held(day: date, version: int) -> str:
    """Condition of the rows that were valid on `day` as known at `version`."""
    return f"valid_from <= DATE '{day}' AND (valid_to IS NULL OR valid_to > DATE '{day}') AND {known_at(version)}"


def known_at(version: int) -> str:
    """Condition of the rows that `version` believed."""
    return f"known_from <= {version:d} AND (known_to IS NULL OR known_to >= {version:d})"


def _party() -> str:
    schema = GoldenParty.columns()
    columns = ", ".join(_typed(f"max(CASE WHEN field = '{name}' THEN value END)", name, schema) for name in SCALARS)
    return f"""
        SELECT client_number, {columns}
        FROM history_value_then WHERE field NOT LIKE '%#%' GROUP BY client_number"""


def _unit(kind: str, columns: list[str]) -> str:
    schema = TABLES[f"golden_{kind}"].columns()
    values = ", ".join(_typed(f"json_extract_string(value, '$.{c}')", c, schema) for c in columns if c not in OWN)
    return f"""
        SELECT v.client_number, CAST(split_part(v.field, '#', 2) AS INTEGER) AS position, k.record_key, {values}
        FROM history_value_then v
        LEFT JOIN key_map k ON k.source = json_extract_string(v.value, '$.source')
                           AND k.record_id = json_extract_string(v.value, '$.record_id')
        WHERE v.field LIKE '{kind}#%'"""


def _typed(expression: str, name: str, schema: dict[str, dy.Column]) -> str:
    return f'CAST({expression} AS {sql_type(schema[name].dtype)}) AS "{name}"'
