"""What both layers of groups need: components of edges between clients, named by their least member.

Here: clients to nodes and back. Not here: which edges a layer has (households, connected).
"""

import duckdb
import polars as pl

from store.components import components


def start(con: duckdb.DuckDBPyConnection) -> None:
    """Empty `view_group`, to which every layer appends."""
    con.execute("""
        CREATE OR REPLACE TABLE view_group
        (layer VARCHAR, group_number VARCHAR, client_number VARCHAR, evidence VARCHAR)""")


def join(con: duckdb.DuckDBPyConnection, edges: str) -> None:
    """Write `cv_member(client_number, group_number)`: the components of the table `edges(l, r, …)`."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cv_node AS
        SELECT client_number, row_number() OVER (ORDER BY client_number) - 1 AS node
        FROM (SELECT l AS client_number FROM {edges} UNION SELECT r FROM {edges})""")
    found = con.sql(f"""
        SELECT l.node AS a, r.node AS b FROM {edges} e JOIN cv_node l ON l.client_number = e.l
        JOIN cv_node r ON r.client_number = e.r""").pl()
    nodes = con.sql("SELECT node FROM cv_node ORDER BY node").pl()["node"]
    least = components(len(nodes), found) if len(nodes) else nodes.to_numpy()
    con.register("cv_named", pl.DataFrame({"node": nodes, "least": pl.Series(least)}).to_arrow())
    con.execute("""
        CREATE OR REPLACE TEMP TABLE cv_member AS
        SELECT n.client_number, g.client_number AS group_number FROM cv_node n
        JOIN cv_named c ON c.node = n.node JOIN cv_node g ON g.node = c.least""")
    con.unregister("cv_named")
    con.execute("DROP TABLE cv_node")
