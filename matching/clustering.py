"""Clusters: connected components of accepted edges, with contradictions kept apart.

Here: accepted pairs → clusters + review items. Only components that alarm (two different lifelong identifiers of one
type with right check digits) are clustered again: strongest edges first, a union that would contradict is refused and
becomes a review item. Everything depends on the component alone, in a total order ending in (source, record_id).
"""

from collections.abc import Iterable

import duckdb
import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from store.duck import scalar

Lifelong = dict[str, frozenset[str]]
"""Numbers by type of identifier."""


def cluster(con: duckdb.DuckDBPyConnection, party_type: str, pairs: str, match_weight: int, review_weight: int) -> None:
    """Create `clusters_<party_type>` and `review_<party_type>` from `pairs` and `match_input_<party_type>`."""
    _number_nodes(con, party_type)
    edges = _accepted(con, pairs, match_weight)
    component = _components(_count(con), edges)
    con.register("component_of", pl.DataFrame({"node": np.arange(len(component)), "component": component}).to_arrow())
    final, refused = _keep_apart(con, edges, component)
    con.register("final_of", pl.DataFrame({"node": np.arange(len(final)), "cluster": final}).to_arrow())
    con.register("refused", refused.to_arrow())
    _write_clusters(con, party_type)
    _write_review(con, party_type, pairs, match_weight, review_weight)
    for view in ("component_of", "final_of", "refused"):
        con.unregister(view)
    con.execute("DROP TABLE node")


def _number_nodes(con: duckdb.DuckDBPyConnection, party_type: str) -> None:
    """Nodes numbered in (source, record_id) order, so that the least node names its cluster whatever the keys are."""
    con.execute(f"""
        CREATE OR REPLACE TABLE node AS
        SELECT row_number() OVER (ORDER BY k.source, k.record_id) - 1 AS node, m.record_key, m.lifelong
        FROM match_input_{party_type} m JOIN key_map k USING (record_key) ORDER BY 1""")


def _count(con: duckdb.DuckDBPyConnection) -> int:
    return scalar(con, "SELECT count(*) FROM node")


def _accepted(con: duckdb.DuckDBPyConnection, pairs: str, match_weight: int) -> pl.DataFrame:
    """Edges at or above the threshold as node numbers, strongest first."""
    found: pl.DataFrame = con.sql(f"""
        SELECT least(l.node, r.node) AS a, greatest(l.node, r.node) AS b, p.weight
        FROM {pairs} p JOIN node l ON l.record_key = p.record_key_l JOIN node r ON r.record_key = p.record_key_r
        WHERE p.weight >= {match_weight} ORDER BY weight DESC, a, b""").pl()
    return found


def _components(count: int, edges: pl.DataFrame) -> np.ndarray:
    """Component of every node, named by its least node."""
    ends = edges["a"].to_numpy(), edges["b"].to_numpy()
    graph = coo_matrix((np.ones(len(edges), dtype=np.int8), ends), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return first[inverse]


def _keep_apart(
    con: duckdb.DuckDBPyConnection, edges: pl.DataFrame, component: np.ndarray
) -> tuple[np.ndarray, pl.DataFrame]:
    """Re-cluster the components that alarm; return the final cluster of every node and the refused edges."""
    alarmed = _alarmed(con)
    if alarmed.is_empty():
        return component, pl.DataFrame(schema={"a": pl.Int64, "b": pl.Int64, "reason": pl.String})
    inside = edges.filter(pl.Series(component[edges["a"].to_numpy()]).is_in(alarmed["component"].unique().implode()))
    lifelong = {int(row["node"]): _by_type(row["lifelong"]) for row in alarmed.iter_rows(named=True)}
    parent, refused = unite(sorted(lifelong), zip(inside["a"], inside["b"], strict=True), lifelong)
    final = component.copy()
    for node in parent:
        final[node] = parent[node]
    return final, pl.DataFrame(refused, schema={"a": pl.Int64, "b": pl.Int64, "reason": pl.String}, orient="row")


def _alarmed(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Members of components that hold two different lifelong numbers of one type."""
    found: pl.DataFrame = con.sql("""
        WITH held AS (
            SELECT c.component, split_part(u.id, ':', 1) AS type, u.id
            FROM node n JOIN component_of c USING (node), unnest(n.lifelong) AS u(id)),
        alarm AS (SELECT component FROM held GROUP BY component, type HAVING count(DISTINCT id) > 1)
        SELECT n.node, c.component, n.lifelong FROM node n JOIN component_of c USING (node)
        WHERE c.component IN (SELECT component FROM alarm) ORDER BY n.node""").pl()
    return found


def _by_type(lifelong: list[str] | None) -> Lifelong:
    types = {text.split(":", 1)[0] for text in lifelong or []}
    return {kind: frozenset(text for text in lifelong or [] if text.startswith(kind + ":")) for kind in types}


def unite(
    nodes: list[int], edges: Iterable[tuple[int, int]], lifelong: dict[int, Lifelong]
) -> tuple[dict[int, int], list[tuple[int, int, str]]]:
    """Join nodes along `edges` (strongest first), refusing unions whose lifelong numbers of one type differ.

    Returns the cluster of every node, named by its least node, and the refused edges with the reason.
    """
    root = {node: node for node in nodes}
    held = {node: dict(lifelong.get(node, {})) for node in nodes}
    refused: list[tuple[int, int, str]] = []

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for a, b in edges:
        low, high = sorted((find(a), find(b)))
        if low == high:
            continue
        clash = _clash(held[low], held[high])
        if clash:
            refused.append((a, b, f"different lifelong {clash}"))
            continue
        root[high] = low
        held[low] = {kind: held[low].get(kind, frozenset()) | held[high].get(kind, frozenset())
                     for kind in {*held[low], *held[high]}}  # fmt: skip
    return {node: find(node) for node in nodes}, refused


def _clash(left: Lifelong, right: Lifelong) -> str:
    """First type of identifier, in order, of which the two sides together hold more than one number.

    A record that itself holds two is wrong somewhere and would join two clients, so it joins nobody of either.
    """
    return next((kind for kind in sorted(left.keys() & right.keys()) if len(left[kind] | right[kind]) > 1), "")


def _write_clusters(con: duckdb.DuckDBPyConnection, party_type: str) -> None:
    con.execute(f"""
        CREATE OR REPLACE TABLE clusters_{party_type} AS
        SELECT n.record_key, least_member.record_key AS cluster_key
        FROM node n JOIN final_of f USING (node) JOIN node least_member ON least_member.node = f.cluster
        ORDER BY n.record_key""")


def _write_review(
    con: duckdb.DuckDBPyConnection, party_type: str, pairs: str, match_weight: int, review_weight: int
) -> None:
    """Edges in the review band between different clusters, and edges refused by a constraint."""
    con.execute(f"""
        CREATE OR REPLACE TABLE review_{party_type} AS
        SELECT p.record_key_l, p.record_key_r, '{party_type}' AS party_type, 'band' AS kind, p.weight,
               'weight lies between review and match' AS reason
        FROM {pairs} p
        JOIN clusters_{party_type} l ON l.record_key = p.record_key_l
        JOIN clusters_{party_type} r ON r.record_key = p.record_key_r
        WHERE p.weight >= {review_weight} AND p.weight < {match_weight} AND l.cluster_key <> r.cluster_key
        UNION ALL
        SELECT p.record_key_l, p.record_key_r, '{party_type}', 'constraint', p.weight, f.reason
        FROM refused f JOIN node l ON l.node = f.a JOIN node r ON r.node = f.b
        JOIN {pairs} p ON p.record_key_l = least(l.record_key, r.record_key)
                      AND p.record_key_r = greatest(l.record_key, r.record_key)
        ORDER BY 1, 2, 4""")


def disconnected(con: duckdb.DuckDBPyConnection, thresholds: dict[str, int]) -> int:
    """How many clusters do not hang together by edges at or above their model's threshold."""
    keys = con.sql("SELECT record_key, cluster_key FROM clusters ORDER BY record_key").pl()
    parts = [
        con.sql(f"""
            SELECT p.record_key_l AS l, p.record_key_r AS r FROM pairs_{party} p
            JOIN clusters a ON a.record_key = p.record_key_l JOIN clusters b ON b.record_key = p.record_key_r
            WHERE p.weight >= {weight} AND a.cluster_key = b.cluster_key""").pl()
        for party, weight in thresholds.items()
    ]
    edges = pl.concat([pl.DataFrame(schema={"l": pl.Int64, "r": pl.Int64}), *parts])
    place = keys["record_key"].to_numpy()
    ends = pl.DataFrame(
        {side: np.searchsorted(place, edges[name].to_numpy()) for side, name in (("a", "l"), ("b", "r"))}
    )
    found = keys.with_columns(component=pl.Series(_components(len(keys), ends)))
    parts_of = found.group_by("cluster_key").agg(pl.col("component").n_unique())
    return len(parts_of.filter(pl.col("component") > 1))
