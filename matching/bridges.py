"""Weak bridges: single weak edges that alone hold two groups of records together.

Here: finding the bridges of a graph and cutting the weak ones. Not here: contradictions (unions). A pendant record is
no group: cutting single records off would only undo recall.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from matching.unions import Edge, Facts, Part, Refused, join, named
from store.components import components

LEAST = 4
"""Fewer records cannot fall into two groups of two."""
_NOTHING = Facts({}, {}, {}, {})


def cut(clusters: np.ndarray, edges: pl.DataFrame, weak: int) -> tuple[dict[int, int], list[Refused]]:
    """New cluster by node, for clusters that had to be cut, and the edges cut.

    `clusters` names the cluster of every node; `edges` (a, b, weight; strongest first) are the accepted ones; those
    below `weak` are weak.
    """
    found: dict[int, int] = {}
    refused: list[Refused] = []
    for _, rows in _candidates(clusters, edges, weak).group_by("cluster", maintain_order=True):
        names, cuts = cut_one([Edge(*row) for row in rows.select("a", "b", "weight").iter_rows()], weak)
        found |= names if cuts else {}
        refused += cuts
    return found, refused


def _candidates(clusters: np.ndarray, edges: pl.DataFrame, weak: int) -> pl.DataFrame:
    """Edges of the clusters of four or more in which a weak edge is the only one between two strongly held cores."""
    left, right = (clusters[edges[end].to_numpy()] for end in ("a", "b"))
    large = np.bincount(clusters, minlength=1)[left] >= LEAST
    inside = edges.with_columns(cluster=pl.Series(left)).filter(pl.Series((left == right) & large))
    core = components(len(clusters), inside.filter(pl.col("weight") >= weak))
    one, other = (pl.Series(core[inside[end].to_numpy()]) for end in ("a", "b"))
    between = inside.select("cluster", low=pl.min_horizontal(one, other), high=pl.max_horizontal(one, other))
    alone = between.filter(pl.col("low") != pl.col("high")).group_by("cluster", "low", "high").len().filter(len=1)
    return inside.join(alone, on="cluster", how="semi", maintain_order="left")


def cut_one(edges: Sequence[Edge], weak: int) -> tuple[dict[int, int], list[Refused]]:
    """Cut one cluster at its weak bridges: the cluster of every node, named by its least node, and the edges cut.

    Every other edge joins first; then the weak bridges, strongest first, each unless both its sides hold two or more
    by now: so of two bridges around one record only the weaker is cut.
    """
    bridges = {edges[place][:2] for place in bridges_of(edges) if edges[place].weight < weak}
    part_of = {node: Part(node, _NOTHING) for edge in edges for node in edge[:2]}
    refused: list[Refused] = []
    for edge in sorted(edges, key=lambda edge: edge[:2] in bridges):
        left, right = part_of[edge.a], part_of[edge.b]
        if left is right:
            continue
        if edge[:2] in bridges and min(len(left.nodes), len(right.nodes)) > 1:
            refused.append(_refused(edge, left, right))
            continue
        join(part_of, left, right)
    return named(part_of), refused


def _refused(edge: Edge, left: Part, right: Part) -> Refused:
    sizes = " and ".join(str(size) for size in sorted((len(left.nodes), len(right.nodes))))
    return Refused(edge.a, edge.b, edge.weight, "bridge", f"one weak edge alone holds {sizes} records together")


def bridges_of(edges: Sequence[Edge]) -> list[int]:
    """Places of the edges of a connected graph whose removal leaves two sides of two or more nodes each.

    Tarjan's algorithm, without recursion: linear in the edges.
    """
    at: dict[int, list[tuple[int, int]]] = {}
    for place, edge in enumerate(edges):
        at.setdefault(edge.a, []).append((edge.b, place))
        at.setdefault(edge.b, []).append((edge.a, place))
    order, parent = _walk(at)
    number = {node: place for place, node in enumerate(order)}
    low, size = dict(number), dict.fromkeys(order, 1)
    found = []
    for node in reversed(order):
        up, by = parent[node]
        low[node] = min([low[node], *(low[n] if parent[n][1] == p else number[n] for n, p in at[node] if p != by)])
        if by < 0:
            continue
        size[up] += size[node]
        if low[node] == number[node] and min(size[node], len(order) - size[node]) > 1:
            found.append(by)
    return found


def _walk(at: dict[int, list[tuple[int, int]]]) -> tuple[list[int], dict[int, tuple[int, int]]]:
    """Nodes in the order of a depth-first walk, and by node its parent and the edge that led to it (-1 at the root)."""
    start = min(at)
    order, parent, waiting = [], {}, [(start, (start, -1))]
    while waiting:
        node, came = waiting.pop()
        if node in parent:
            continue
        parent[node] = came
        order.append(node)
        waiting += [(other, (node, place)) for other, place in reversed(at[node]) if other not in parent]
    return order, parent
