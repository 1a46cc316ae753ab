"""What one legal entity is given of a version: its clients and its records, and values of others only where declared.

Here: views of the published tables, restricted to an entity. Not here: writing them (stages/publish), matching within
entities (matching/scoring).
"""

import duckdb

from rules.contracts.children import UNDER_CLIENT
from rules.contracts.standard import SCALARS
from store.duck import quote

PREFIX = "all_"
"""Prefix of the version's whole tables in the connection."""
_UNITS = ("golden_name", "golden_identifier", "golden_address", "golden_contact", "golden_lineage")
NEEDED = ("crosswalk", "golden_party", *_UNITS, "ledger_number", "ledger_member", "std_record", *UNDER_CLIENT)
"""Tables that `restrict` reads, with the prefix."""


def restrict(con: duckdb.DuckDBPyConnection, entity: str, across: bool) -> None:
    """Create the published tables as views on what `entity` is given.

    No change feed (Publication.tables): its events, `before` and `after` tell of other entities' records and values.
    Its clients are those it has a record of. With `across` their golden values may come from any entity's record;
    without, values, units, roles and counts are those of its own records. Of child rows it gets those that hang on its
    records. Of numbers it gets those that its records
    carry or carried, and those that stand for its clients.
    """
    con.execute(f"CREATE TABLE own AS SELECT * FROM all_crosswalk WHERE legal_entity = {quote(entity)}")
    con.execute("CREATE VIEW crosswalk AS SELECT * FROM own")
    key = "client_number" if across else "record_key"
    for name in _UNITS:
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM all_{name} SEMI JOIN own USING ({key})")
    con.execute(f"CREATE VIEW golden_party AS {_CLIENTS if across else _own_clients()}")
    for name in UNDER_CLIENT:
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM all_{name} SEMI JOIN own USING (source, record_id)")
    con.execute("""
        CREATE VIEW ledger_number AS
        SELECT n.* FROM all_ledger_number n
        WHERE n.resolves_to IN (SELECT client_number FROM own) OR n.client_number IN (
            SELECT m.client_number FROM all_ledger_member m SEMI JOIN own USING (source, record_id))""")


_CLIENTS = "SELECT g.* FROM all_golden_party g SEMI JOIN own USING (client_number)"


def _own_clients() -> str:
    """The entity's clients with what its own records say: a value that another's record won is left empty.

    The name shown is that of the first golden name, unless it was decided: then it is the decision's record's.
    """
    won = ", ".join(f"bool_or(l.field = '{name}') AS {name}" for name in SCALARS)
    values = ", ".join(f"CASE WHEN w.{name} THEN g.{name} END AS {name}" for name in SCALARS)
    return f"""
        WITH won AS (
            SELECT client_number, {won} FROM all_golden_lineage l SEMI JOIN own USING (client_number, record_key)
            GROUP BY client_number),
        decided AS (SELECT client_number, record_key FROM all_golden_lineage WHERE field = 'display_name'),
        named AS (
            SELECT client_number FROM all_golden_name SEMI JOIN own USING (client_number, record_key)
            WHERE position = 1 AND client_number NOT IN (SELECT client_number FROM decided)
            UNION SELECT client_number FROM decided SEMI JOIN own USING (client_number, record_key)),
        said AS (
            SELECT o.client_number, count(*) AS records, max(r.updated_at) AS updated_at,
                   string_agg(DISTINCT o.source, ',' ORDER BY o.source) AS sources
            FROM own o JOIN all_std_record r USING (record_key) GROUP BY o.client_number),
        role AS (
            SELECT client_number, string_agg(DISTINCT role, ',' ORDER BY role) AS roles
            FROM (SELECT o.client_number, unnest(string_split(r.roles, ',')) AS role
                  FROM own o JOIN all_std_record r USING (record_key)) GROUP BY client_number)
        SELECT g.* REPLACE (
            {values}, role.roles AS roles, s.records AS records, s.sources AS sources, s.updated_at AS updated_at,
            CASE WHEN n.client_number IS NOT NULL THEN g.display_name END AS display_name)
        FROM all_golden_party g JOIN said s USING (client_number) LEFT JOIN won w USING (client_number)
        LEFT JOIN named n USING (client_number) LEFT JOIN role USING (client_number)"""
