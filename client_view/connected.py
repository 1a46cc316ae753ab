"""Groups of connected clients: blocks under one control, and every block that depends on one economically.

Here: that layer of `view_group`. Sources of the rule: CRR (EU) 575/2013 art. 4(1)(39), Delegated Regulation (EU)
2024/1728. Control counts without any exposure; a shared address or sector never connects. Dependence has a direction:
two clients on which a third depends stand in two groups with it. Not here: ownership chains (owners).
"""

import duckdb

from client_view.layers import join
from client_view.literals import listed

CONTROL = ("controls", "subsidiary")


def connected(con: duckdb.DuckDBPyConnection) -> None:
    """Append to `view_group`, each group named by its controlling block's least member. Reads `view_association`."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_control AS
        SELECT client_number AS l, other_number AS r FROM view_association
        WHERE kind IN ({listed(CONTROL)}) OR (kind = 'owner' AND share > 50)""")
    join(con, "cv_control")
    _blocks(con)
    con.execute(f"""
        INSERT INTO view_group
        SELECT 'connected', r.root, b.client_number,
               CASE WHEN r.block = r.root THEN 'control' ELSE 'economic dependency' END
        FROM cv_reach r SEMI JOIN ({_ROOTS}) root USING (root) JOIN cv_block b ON b.block = r.block
        QUALIFY count(*) OVER (PARTITION BY r.root) > 1""")
    for step in ("cv_control", "cv_member", "cv_block", "cv_reach"):
        con.execute(f"DROP TABLE {step}")


def _blocks(con: duckdb.DuckDBPyConnection) -> None:
    """`cv_block`: clients under one control, or alone; `cv_reach(root, block)`: blocks that depend on a block."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE cv_block AS
        SELECT client_number, group_number AS block FROM cv_member
        UNION ALL
        SELECT client_number, client_number FROM (
            SELECT DISTINCT unnest([client_number, other_number]) AS client_number
            FROM view_association WHERE kind = 'depends_on') alone
        ANTI JOIN cv_member USING (client_number)""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE cv_reach AS
        WITH RECURSIVE depends AS (
            SELECT DISTINCT d.block AS dependent, o.block AS on_block
            FROM view_association a JOIN cv_block d ON d.client_number = a.client_number
            JOIN cv_block o ON o.client_number = a.other_number WHERE a.kind = 'depends_on'),
        reach AS (
            SELECT DISTINCT block AS root, block FROM cv_block
            UNION
            SELECT r.root, d.dependent FROM reach r JOIN depends d ON d.on_block = r.block)
        SELECT root, block FROM reach""")


_ROOTS = """
    SELECT DISTINCT block AS root FROM cv_block b
    WHERE NOT EXISTS (
        SELECT 1 FROM cv_reach up LEFT JOIN cv_reach back ON back.root = up.block AND back.block = up.root
        WHERE up.block = b.block AND up.root <> b.block AND (up.root < b.block OR back.root IS NULL))"""
"""Blocks that depend on no other; of a circle the least."""
