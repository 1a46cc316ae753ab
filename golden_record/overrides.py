"""Values and units that people decided, laid over what the members say.

Here: which client a decision's record is with tonight, the value or unit, its lineage. Not here: whether the decision
is in effect (stages/decisions), survivorship itself.
"""

import duckdb

from rules.contracts.columns import TYPES_OF
from rules.contracts.golden import GOLDEN, GoldenParty
from rules.contracts.standard import SCALARS_ORGANISATION, SCALARS_PERSON
from rules.decisions import UNITS
from store.duck import exists, quote
from store.tables import sql_type

RULE = "decision"
WORK = ("gs_overruled",)
VIEWS = ("gs_decided", *(f"gs_{unit}" for unit in UNITS))


def cast(field: str, value: str) -> str:
    """The text `value`, an SQL expression, as the type of a column of `golden_party`."""
    return f"TRY_CAST({value} AS {sql_type(GoldenParty.columns()[field].dtype)})"


def decided_units(unit: str, overridden: str = "overridden") -> str:
    """A query: the units of a kind that decisions set, as `golden_<unit>` has them, each with its `decision`."""
    columns = GOLDEN[f"golden_{unit}"].columns()
    typed = ", ".join(
        f"TRY_CAST(said->>'{name}' AS {sql_type(column.dtype)}) AS \"{name}\""
        for name, column in columns.items() if name not in ("client_number", "position", "record_key")
    )  # fmt: skip
    return f"""
        SELECT record_key, decision, {typed}, said->>'ascii' AS ascii
        FROM (SELECT *, TRY_CAST(value AS JSON) AS said FROM {overridden} WHERE starts_with(field, '{unit}.'))
        WHERE (said->>'{UNITS[unit]}') IS NOT NULL"""


def units(con: duckdb.DuckDBPyConnection, crosswalk: str) -> None:
    """Create `gs_overruled` and, for each kind of unit, `gs_<unit>`: the members' units and those that were decided.

    `gs_overruled(client_number, unit, key)` has what decisions took the place of, or ended: a kind of address, a
    contact, a number of a document. Of two that speak of the same one the later counts. A decided unit is one of the
    record that its decision is bound to, with minus the decision's number as its ordinal.
    """
    decided = "overridden" if exists(con, "overridden") else _NOTHING
    con.execute(f"CREATE OR REPLACE TEMP VIEW gs_decided AS SELECT * FROM {decided} WHERE contains(field, '.')")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE gs_overruled AS
        SELECT client_number, unit, key, decision, adds
        FROM ({_MENTIONS}) JOIN {crosswalk} USING (record_key)
        WHERE key IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY client_number, unit, key ORDER BY decision DESC, adds DESC) = 1""")
    for unit in UNITS:
        con.execute(f"""
            CREATE OR REPLACE TEMP VIEW gs_{unit} AS
            SELECT * FROM std_{unit}
            UNION ALL BY NAME
            SELECT d.* EXCLUDE (decision), CAST(-d.decision AS INTEGER) AS ordinal, TRUE AS valid
            FROM ({decided_units(unit, "gs_decided")}) d
            SEMI JOIN gs_overruled o ON o.unit = '{unit}' AND o.decision = d.decision AND o.adds""")


def overruled(unit: str, kind: str, value: str) -> str:
    """SQL: the anti join that leaves out members' units `u` of members `m` where a decision says otherwise."""
    key = {"address": kind, "contact": value, "identifier": f"concat({kind}, ':', {value})"}[unit]
    return f"""
        ANTI JOIN gs_overruled o ON o.client_number = m.client_number AND o.unit = '{unit}' AND o.key = {key}
                                AND u.ordinal >= 0"""


_NOTHING = (
    "(SELECT 0::BIGINT AS record_key, ''::VARCHAR AS field, ''::VARCHAR AS value, 0::BIGINT AS decision WHERE FALSE)"
)
_MENTIONS = """
    WITH said AS (
        SELECT record_key, decision, split_part(field, '.', 1) AS unit, split_part(field, '.', 2) AS kind,
               TRY_CAST(value AS JSON) AS value FROM gs_decided),
    named AS (
        SELECT *,
               CASE unit WHEN 'address' THEN kind WHEN 'contact' THEN value->>'value'
                         ELSE kind || ':' || (value->>'number') END AS made,
               CASE unit WHEN 'contact' THEN value->>'replaces'
                         WHEN 'identifier' THEN kind || ':' || (value->>'replaces') END AS replaced
        FROM said)
    SELECT record_key, decision, unit, made AS key, TRUE AS adds FROM named
    UNION ALL SELECT record_key, decision, unit, replaced, FALSE FROM named"""
"""What each decision names: the unit that it makes, or an address that it ends, and the one that it replaces."""


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
        WHERE NOT contains(o.field, '.')
          AND CASE WHEN CAST(g.party_type AS VARCHAR) IN ({TYPES_OF["person"]}) THEN o.field NOT IN ({others})
                   ELSE o.field NOT IN ({persons}) END
        QUALIFY row_number() OVER (PARTITION BY x.client_number, o.field ORDER BY o.decision DESC) = 1""")
