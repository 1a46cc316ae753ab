"""Chains of pairs: literal graphs, and random ones against brute force."""

import duckdb
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.paths import Edge, component, ranked, strongest_path, weakest_link

Graph = list[tuple[int, int, int]]


def edges(found: Graph, names: str = "lpad(CAST(k AS VARCHAR), 3, '0')") -> pl.DataFrame:
    """Ranked edges; `names` makes a record id of a key."""
    with duckdb.connect() as con:
        con.execute(
            f"CREATE TABLE key_map AS SELECT k AS record_key, 's' AS source, {names} AS record_id FROM range(50) t(k)"
        )
        con.execute("CREATE TABLE pairs (record_key_l BIGINT, record_key_r BIGINT, weight BIGINT)")
        if found:
            con.executemany("INSERT INTO pairs VALUES (?, ?, ?)", found)
        return ranked(con, "SELECT * FROM pairs")


def test_the_path_avoids_the_weakest_edge() -> None:
    graph = edges([(1, 4, 3), (1, 2, 9), (2, 3, 5), (3, 4, 8)])
    assert strongest_path(graph, [1], [4]) == (Edge(1, 2, 9), Edge(2, 3, 5), Edge(3, 4, 8))
    assert strongest_path(graph, [4], [1]) == (Edge(4, 3, 8), Edge(3, 2, 5), Edge(2, 1, 9))


def test_a_strong_pair_is_its_own_path() -> None:
    assert strongest_path(edges([(1, 2, 9), (2, 3, 9), (1, 3, 9)]), [1], [2]) == (Edge(1, 2, 9),)


def test_groups_count_as_one_place_each() -> None:
    graph = edges([(1, 2, 1), (2, 5, 7), (5, 8, 6), (8, 9, 1), (1, 9, 3)])
    assert strongest_path(graph, [1, 2], [8, 9]) == (Edge(2, 5, 7), Edge(5, 8, 6))


def test_no_path_between_parts_and_none_without_edges() -> None:
    assert strongest_path(edges([(1, 2, 5), (3, 4, 5)]), [1], [4]) == ()
    assert strongest_path(edges([]), [1], [2]) == ()
    assert weakest_link(edges([])) is None


def test_the_weakest_link_is_the_one_that_no_other_way_replaces() -> None:
    assert weakest_link(edges([(1, 2, 9), (2, 3, 4), (1, 3, 5), (3, 6, 7)])) == Edge(1, 3, 5)


def test_ties_go_by_the_names_of_records_not_by_keys() -> None:
    found = [(1, 3, 5), (3, 4, 5), (1, 2, 5), (2, 4, 5)]
    assert strongest_path(edges(found), [1], [4]) == (Edge(1, 2, 5), Edge(2, 4, 5))
    renamed = edges(found, "lpad(CAST(50 - k AS VARCHAR), 3, '0')")
    assert strongest_path(renamed, [1], [4]) == (Edge(1, 3, 5), Edge(3, 4, 5))


def test_a_component_is_what_hangs_together_with_a_record() -> None:
    found = component(edges([(1, 2, 5), (2, 3, 1), (7, 8, 5)]), [1])
    assert sorted(found.select("record_key_l", "record_key_r").rows()) == [(1, 2), (2, 3)]


pairs = st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda pair: pair[0] < pair[1])
graphs = st.dictionaries(pairs, st.integers(-5, 5), min_size=1, max_size=12)


@settings(max_examples=100, deadline=None)
@given(graphs)
def test_no_path_has_a_stronger_weakest_edge(graph: dict[tuple[int, int], int]) -> None:
    best = {(a, b): graph.get((min(a, b), max(a, b)), -99) for a in range(7) for b in range(7)}
    for via in range(7):
        for a, b in list(best):
            best[a, b] = max(best[a, b], min(best[a, via], best[via, b]))
    found = pl.DataFrame(
        [(*pair, weight) for pair, weight in graph.items()],
        schema={"record_key_l": pl.Int64, "record_key_r": pl.Int64, "weight": pl.Int64},
        orient="row",
    )
    found = found.sort(-pl.col("weight"), "record_key_l", "record_key_r").with_row_index("rank", 1)
    path = strongest_path(found, [0], [6])
    assert min((edge.weight for edge in path), default=-99) == best[0, 6]
    assert [edge.left for edge in path[1:]] == [edge.right for edge in path[:-1]]
    assert not path or (path[0].left, path[-1].right) == (0, 6)


def test_an_edge_of_an_unknown_record_is_left_out() -> None:
    assert edges([(1, 99, 5)]).is_empty()
