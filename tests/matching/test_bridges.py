"""Weak bridges: found as by removing each edge, and cut once."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.bridges import bridges_of, cut, cut_one
from matching.unions import Edge
from store.components import components

WEAK = 5


def frame(edges: list[Edge]) -> pl.DataFrame:
    return pl.DataFrame(edges, schema=dict.fromkeys(("a", "b", "weight"), pl.Int64), orient="row")


def by_removal(edges: list[Edge]) -> set[tuple[int, int]]:
    """Edges whose removal leaves two sides of two or more nodes, the slow way."""
    found = set()
    for edge in edges:
        sides = components(8, frame([other for other in edges if other != edge]))
        if sides[edge.a] != sides[edge.b] and min(list(sides).count(sides[end]) for end in edge[:2]) > 1:
            found.add(edge[:2])
    return found


connected = st.tuples(
    st.lists(st.integers(0, 6), min_size=7, max_size=7), st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)))
)


def tree_and(drawn: tuple[list[int], set[tuple[int, int]]]) -> list[Edge]:
    """A tree on eight nodes with more edges on top."""
    tree = {(min(up, place), place + 1) for place, up in enumerate(drawn[0])}
    return [Edge(a, b, 1) for a, b in sorted(tree | {(a, b) for a, b in list(drawn[1])[:3] if a < b})]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(connected)
def test_bridges_are_those_whose_removal_parts_two_groups(drawn: tuple[list[int], set[tuple[int, int]]]) -> None:
    edges = tree_and(drawn)
    assert {edges[place][:2] for place in bridges_of(edges)} == by_removal(edges)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(connected, st.lists(st.integers(WEAK - 3, WEAK + 2), min_size=10, max_size=10))
def test_the_quick_sieve_misses_no_weak_bridge(drawn: tuple[list[int], set], weights: list[int]) -> None:
    edges = [edge._replace(weight=weight) for edge, weight in zip(tree_and(drawn), weights, strict=False)]
    edges.sort(key=lambda edge: (-edge.weight, edge.a, edge.b))
    names, refused = cut(np.zeros(8, dtype=np.int64), frame(edges), WEAK)
    alone, cuts = cut_one(edges, WEAK)
    assert refused == cuts and names == (alone if cuts else {})
    assert bool(cuts) == any(edge.weight < WEAK and edge[:2] in by_removal(edges) for edge in edges)


def test_a_chain_is_cut_at_its_weaker_middle_and_single_records_stay() -> None:
    chain = [Edge(1, 2, 4), Edge(0, 1, 3), Edge(3, 4, 3), Edge(2, 3, 2)]
    names, refused = cut_one(chain, WEAK)
    assert [edge[:2] for edge in refused] == [(2, 3)] and names == {0: 0, 1: 0, 2: 0, 3: 3, 4: 3}
    assert refused[0].kind == "bridge" and "2 and 3 records" in refused[0].reason


def test_a_long_chain_needs_no_recursion() -> None:
    chain = [Edge(node, node + 1, 9) for node in range(50_000)]
    assert len(bridges_of(chain)) == 49_998
