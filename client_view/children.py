"""Child rows under their client: `view_<unit>`, and rows whose record is no client's.

Here: the join by (source, record_id), so that rows follow merges and splits. Not here: reading the rows.
"""

import duckdb

from rules.contracts.children import UNITS

NEEDED = ("crosswalk", *(f"std_{unit}" for unit in UNITS))


def under_clients(con: duckdb.DuckDBPyConnection) -> None:
    """Write `view_<unit>` of every kind of unit and `view_unassigned`. Reads `crosswalk` and `std_<unit>`.

    Every standard row is in exactly one of them.
    """
    for unit in UNITS:
        con.execute(f"""
            CREATE OR REPLACE TABLE view_{unit} AS
            SELECT x.client_number, s.* FROM std_{unit} s JOIN crosswalk x USING (source, record_id)""")
    con.execute("CREATE OR REPLACE TABLE view_unassigned AS " + " UNION ALL ".join(map(_unassigned, UNITS)))


def _unassigned(unit: str) -> str:
    money = "s.currency, s.balance" if unit == "holding" else "NULL AS currency, NULL AS balance"
    return f"""
        SELECT '{unit}' AS unit, s.feed, s.item, s.ordinal, s.source, s.record_id, {money}
        FROM std_{unit} s ANTI JOIN crosswalk x ON x.source = s.source AND x.record_id = s.record_id"""
