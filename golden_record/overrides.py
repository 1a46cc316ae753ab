"""Values that people decided, laid over what survived.

Here: which client a decision's record is with tonight, the value, its lineage. Not here: whether the decision is in
effect (stages/decisions), survivorship itself.
"""

import duckdb

from rules.contracts.columns import TYPES_OF
from rules.contracts.golden import GoldenParty
from rules.contracts.standard import SCALARS_ORGANISATION, SCALARS_PERSON
from store.duck import exists, quote
from store.tables import sql_type

RULE = "decision"


def cast(field: str, value: str) -> str:
    """The text `value`, an SQL expression, as the type of a column of `golden_party`."""
    return f"TRY_CAST({value} AS {sql_type(GoldenParty.columns()[field].dtype)})"


def apply(con: duckdb.DuckDBPyConnection, crosswalk: str = "crosswalk") -> None:
    """Set the values of `overridden`, where there is such a table, in `golden_party` and name them in the lineage.

    The latest decision wins where several clients that had one were merged. A field of persons says nothing of an
    organisation, nor the other way round.
    """
    if not exists(con, "overridden"):
        return
    _of_clients(con, crosswalk)
    for (field,) in con.execute("SELECT DISTINCT field FROM gs_override ORDER BY field").fetchall():
        con.execute(f"""
            UPDATE golden_party g SET {field} = {cast(field, "o.value")}
            FROM gs_override o WHERE o.client_number = g.client_number AND o.field = {quote(field)}""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_lineage AS
        SELECT l.* FROM golden_lineage l ANTI JOIN gs_override o USING (client_number, field)
        UNION ALL BY NAME
        SELECT o.client_number, o.field, o.record_key, '{RULE}' AS rule, COALESCE(l.candidates, 0) AS candidates,
               o.decision
        FROM gs_override o LEFT JOIN golden_lineage l ON l.client_number = o.client_number AND l.field = o.field""")
    con.execute("CREATE OR REPLACE TABLE golden_lineage AS FROM gs_lineage")
    for table in ("gs_override", "gs_lineage"):
        con.execute(f"DROP TABLE {table}")


def _of_clients(con: duckdb.DuckDBPyConnection, crosswalk: str) -> None:
    persons, others = (", ".join(map(quote, fields)) for fields in (SCALARS_PERSON, SCALARS_ORGANISATION))
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_override AS
        SELECT x.client_number, o.field, o.value, o.record_key, o.decision
        FROM overridden o JOIN {crosswalk} x USING (record_key)
        JOIN golden_party g ON g.client_number = x.client_number
        WHERE CASE WHEN CAST(g.party_type AS VARCHAR) IN ({TYPES_OF["person"]}) THEN o.field NOT IN ({others})
                   ELSE o.field NOT IN ({persons}) END
        QUALIFY row_number() OVER (PARTITION BY x.client_number, o.field ORDER BY o.decision DESC) = 1""")
