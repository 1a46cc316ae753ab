"""Which clusters of last night stand as they are: those of components that nothing of tonight reaches.

Here: the components of last night that a changed record, or an edge of one, belongs to now. Not here: which records
changed (stages), the clustering of the others (clustering). A component of accepted edges is made of clusters and of
the cuts between them, each of which is a review item; so the clusters and the items of last night give its components
back without its edges.
"""

import duckdb
import polars as pl

from store.components import components

_TEMPORARY = ("home", "link", "unsettled")


def settled(con: duckdb.DuckDBPyConnection, party_type: str, match_weight: int) -> None:
    """Create `settled(record_key, cluster_key)`: records of clusters that need not be looked at again.

    Reads `touched(record_key)`, `match_input_<party_type>`, `pairs_<party_type>`, `parent_clusters`, `parent_review`.
    """
    _homes(con, party_type)
    _links(con, party_type, match_weight)
    con.register("reached", _reached(con).to_arrow())
    con.execute("CREATE OR REPLACE TEMP TABLE unsettled AS SELECT cluster FROM reached")
    con.unregister("reached")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE settled AS
        SELECT h.record_key, h.cluster AS cluster_key FROM home h
        SEMI JOIN match_input_{party_type} m ON m.record_key = h.record_key
        SEMI JOIN parent_clusters c ON c.record_key = h.record_key
        ANTI JOIN unsettled u ON u.cluster = h.cluster""")
    for table in _TEMPORARY:
        con.execute(f"DROP TABLE {table}")


def _homes(con: duckdb.DuckDBPyConnection, party_type: str) -> None:
    """Every record with its cluster of last night; a new one with one of its own, named by itself."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE home AS
        SELECT record_key, cluster_key AS cluster FROM parent_clusters
        UNION ALL SELECT record_key, record_key FROM match_input_{party_type}
        ANTI JOIN parent_clusters USING (record_key)""")


def _links(con: duckdb.DuckDBPyConnection, party_type: str, match_weight: int) -> None:
    """Clusters of last night that were one component, or are tonight by an edge of a changed record."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE link AS
        WITH tied AS (
            SELECT record_key_l, record_key_r FROM parent_review WHERE kind <> 'band' AND party_type = '{party_type}'
            UNION ALL
            SELECT record_key_l, record_key_r FROM pairs_{party_type} WHERE weight >= {match_weight}
            AND (record_key_l IN (FROM touched) OR record_key_r IN (FROM touched)))
        SELECT DISTINCT l.cluster AS a, r.cluster AS b FROM tied t
        JOIN home l ON l.record_key = t.record_key_l JOIN home r ON r.record_key = t.record_key_r""")


def _reached(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """`cluster`: clusters in a component with the cluster of a touched record."""
    starts = con.sql("SELECT DISTINCT cluster FROM home SEMI JOIN touched USING (record_key)").pl()
    links = con.sql("SELECT a, b FROM link ORDER BY ALL").pl()
    nodes = pl.concat([starts["cluster"], links["a"], links["b"]]).unique().sort()
    ends = links.with_columns(nodes.search_sorted(links[side]).cast(pl.Int64).alias(side) for side in ("a", "b"))
    found = pl.DataFrame({"cluster": nodes, "component": components(len(nodes), ends)})
    reached = found.filter(pl.col("cluster").is_in(starts["cluster"].implode()))["component"]
    return found.filter(pl.col("component").is_in(reached.unique().implode())).select("cluster")
