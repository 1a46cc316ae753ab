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
    con.execute(f"""
        CREATE OR REPLACE TABLE view_unassigned AS
        FROM ({" UNION ALL ".join(map(_every, UNITS))}) ANTI JOIN crosswalk USING (source, record_id)""")


def _every(unit: str) -> str:
    money = "currency, balance" if unit == "holding" else "NULL AS currency, NULL AS balance"
    return f"SELECT '{unit}' AS unit, feed, item, ordinal, source, record_id, {money} FROM std_{unit}"
