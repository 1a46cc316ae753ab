"""Chains of pairs: the strongest path between two groups of records, and the weakest link of a group.

Here: the maximum-bottleneck path on a maximum spanning tree. Edges are put into one total order (weight, then source
and record_id of both ends), so the tree and every path on it are unique. Not here: what edges rest on (explanation).
"""

from collections.abc import Collection
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree


@dataclass(frozen=True)
class Edge:
    """A scored pair by record keys, its weight in millionths of a bit."""

    left: int
    right: int
    weight: int


def ranked(con: duckdb.DuckDBPyConnection, pairs: str) -> pl.DataFrame:
    """The query `pairs` (record_key_l, record_key_r, weight) with `rank`: 1 for the strongest, no two alike.

    `key_map` must exist in `con`.
    """
    ends = [f"concat({side}.source, chr(31), {side}.record_id)" for side in "lr"]
    found: pl.DataFrame = con.sql(f"""
        SELECT p.record_key_l, p.record_key_r, p.weight, row_number() OVER (
            ORDER BY p.weight DESC, least({", ".join(ends)}), greatest({", ".join(ends)})) AS rank
        FROM ({pairs}) p JOIN key_map l ON l.record_key = p.record_key_l JOIN key_map r ON r.record_key = p.record_key_r
        ORDER BY rank""").pl()
    return found


def component(edges: pl.DataFrame, keys: Collection[int]) -> pl.DataFrame:
    """The edges (record_key_l, record_key_r, …) that hang together with a record of `keys`, in any number of steps."""
    nodes = _nodes(edges.select("record_key_l", "record_key_r"), keys, ())
    placed = edges.join(nodes.rename({"place": "a"}), left_on="record_key_l", right_on="key")
    placed = placed.join(nodes.rename({"place": "b"}), left_on="record_key_r", right_on="key")
    ends, count = (placed["a"].to_numpy(), placed["b"].to_numpy()), len(nodes) + 2
    graph = coo_matrix((np.ones(len(placed), dtype=np.int8), ends), (count, count))
    _, labels = connected_components(graph, directed=False)
    return placed.filter(pl.Series(labels[ends[0]] == labels[0])).drop("a", "b")


def strongest_path(edges: pl.DataFrame, starts: Collection[int], ends: Collection[int]) -> tuple[Edge, ...]:
    """The path from a record of `starts` to one of `ends` whose weakest edge is as strong as can be; () if none.

    `edges` as `ranked` gives them. Each group counts as one place: what joins its own records is not part of the path.
    """
    nodes = _nodes(edges, starts, ends)
    if len(nodes) < 2 or not starts or not ends:
        return ()
    places = _places(edges, nodes)
    tree = _spanning_tree(places, len(nodes) + 2)
    return _oriented([_edge(edges, rank) for rank in _walk(tree, 0, 1)], starts)


def weakest_link(edges: pl.DataFrame) -> Edge | None:
    """The weakest edge of the maximum spanning tree: what the group holds together by; None without edges."""
    nodes = _nodes(edges, (), ())
    if edges.is_empty():
        return None
    tree = _spanning_tree(_places(edges, nodes), len(nodes) + 2)
    return _edge(edges, int(tree.data.max()))


def _nodes(edges: pl.DataFrame, starts: Collection[int], ends: Collection[int]) -> pl.DataFrame:
    """A place per record: 0 for all `starts`, 1 for all `ends`, the others from 2 up in order of their keys."""
    others = pl.concat([edges["record_key_l"], edges["record_key_r"]]).unique().sort()
    others = others.filter(~others.is_in([*starts, *ends]))
    fixed = [*((key, 0) for key in sorted(starts)), *((key, 1) for key in sorted(ends))]
    named = pl.DataFrame(fixed, schema={"key": pl.Int64, "place": pl.Int64}, orient="row")
    rest = pl.DataFrame({"key": others.cast(pl.Int64), "place": np.arange(2, 2 + len(others), dtype=np.int64)})
    return pl.concat([named, rest])


def _places(edges: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Edges between places, the strongest where several join the same two."""
    return (
        edges.join(nodes.rename({"place": "a"}), left_on="record_key_l", right_on="key")
        .join(nodes.rename({"place": "b"}), left_on="record_key_r", right_on="key")
        .filter(pl.col("a") != pl.col("b"))
        .group_by(low=pl.min_horizontal("a", "b"), high=pl.max_horizontal("a", "b"))
        .agg(pl.col("rank").min())
    )


def _spanning_tree(places: pl.DataFrame, count: int) -> csr_matrix:
    """The tree of the strongest edges; its data are ranks, which as floats are exact below 2 to the 53rd."""
    ends = places["low"].to_numpy(), places["high"].to_numpy()
    return minimum_spanning_tree(coo_matrix((places["rank"].to_numpy().astype(np.float64), ends), (count, count)))


def _walk(tree: csr_matrix, start: int, end: int) -> list[int]:
    """Ranks of the tree's edges from `start` to `end`, in that order; empty where they are not connected."""
    both = tree + tree.T
    _, came_from = breadth_first_order(both, start, directed=False, return_predecessors=True)
    found: list[int] = []
    while end != start:
        if came_from[end] < 0:
            return []
        found.append(int(both[end, came_from[end]]))
        end = int(came_from[end])
    return found[::-1]


def _oriented(walked: list[Edge], starts: Collection[int]) -> tuple[Edge, ...]:
    """The edges of a path, each with the end first that the path comes from."""
    found: list[Edge] = []
    for edge in walked:
        met = edge.left in starts if not found else edge.left == found[-1].right
        found.append(edge if met else Edge(edge.right, edge.left, edge.weight))
    return tuple(found)


def _edge(edges: pl.DataFrame, rank: int) -> Edge:
    """`ranked` leaves edges in the order of their rank."""
    row = edges.row(rank - 1, named=True)
    return Edge(int(row["record_key_l"]), int(row["record_key_r"]), int(row["weight"]))
