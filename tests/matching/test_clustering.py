"""Clusters: components, contradictions kept apart, the same whatever the order."""

import random
import time
from itertools import pairwise
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.clustering import cluster, unite
from rules.contracts.matched import Clusters, Review
from store.hashing import content_hash
from tests.matching.conftest import empty, open_with

Edge = tuple[str, str, int]
MATCH, REVIEW = 6_000_000, 0


def nodes(ids: str | list[str], lifelong: dict[str, list[str]] | None = None, first_key: int = 1) -> pl.DataFrame:
    held = [(lifelong or {}).get(record) for record in ids]
    keys = range(first_key, first_key + len(ids))
    frame = {"record_id": list(ids), "record_key": keys, "source": ["s"] * len(ids), "lifelong": held}
    return empty(pl.DataFrame(frame, schema_overrides={"record_key": pl.Int64, "lifelong": pl.List(pl.String)}))


def add_pairs(con: duckdb.DuckDBPyConnection, edges: list[Edge]) -> None:
    frame = pl.DataFrame(edges, schema={"a": pl.String, "b": pl.String, "weight": pl.Int64}, orient="row")
    con.register("edges", frame.to_arrow())
    con.execute("""
        CREATE TABLE pairs_person AS
        SELECT least(l.record_key, r.record_key) AS record_key_l, greatest(l.record_key, r.record_key) AS record_key_r,
               weight, 0 AS match_key, '' AS levels
        FROM edges JOIN key_map l ON l.record_id = a JOIN key_map r ON r.record_id = b""")


def clustered(frame: pl.DataFrame, edges: list[Edge], folder: Path) -> tuple[dict[str, str], set[tuple], list[str]]:
    """Cluster's name by record, review items as (kind, ends, reason), and the tables' content hashes."""
    with open_with(frame, folder) as con:
        add_pairs(con, edges)
        cluster(con, "person", "pairs_person", MATCH, REVIEW)
        Clusters.validate(con.sql("SELECT * FROM clusters_person").pl())
        Review.validate(con.sql("SELECT * FROM review_person").pl(), cast=True)
        names = con.execute("""
            SELECT m.record_id, n.record_id FROM clusters_person c
            JOIN key_map m ON m.record_key = c.record_key JOIN key_map n ON n.record_key = c.cluster_key""").fetchall()
        review = con.execute("""
            SELECT kind, list_sort([l.record_id, r.record_id]), reason FROM review_person v
            JOIN key_map l ON l.record_key = v.record_key_l JOIN key_map r ON r.record_key = v.record_key_r""")
        items = {(kind, "".join(ends), reason) for kind, ends, reason in review.fetchall()}
        hashes = [content_hash(con, "clusters_person", Clusters)[0], content_hash(con, "review_person", Review)[0]]
        return dict(names), items, hashes


def test_components_are_named_by_their_least_record(tmp_path: Path) -> None:
    edges = [("d", "c", MATCH), ("c", "b", MATCH + 1), ("e", "f", MATCH - 1)]
    names, review, _ = clustered(nodes("fedcba"), edges, tmp_path)
    assert names == {"a": "a", "b": "b", "c": "b", "d": "b", "e": "e", "f": "f"}
    assert review == {("band", "ef", "weight lies between review and match")}


def test_review_holds_the_band_between_different_clusters_only(tmp_path: Path) -> None:
    edges = [("a", "b", MATCH), ("b", "c", MATCH), ("a", "c", REVIEW), ("d", "e", REVIEW), ("d", "f", REVIEW - 1)]
    _, review, _ = clustered(nodes("abcdef"), edges, tmp_path)
    assert {(kind, ends) for kind, ends, _ in review} == {("band", "de")}


def test_no_records_and_no_edges(tmp_path: Path) -> None:
    assert clustered(nodes(""), [], tmp_path / "none")[0] == {}
    assert clustered(nodes("ab"), [], tmp_path / "apart")[0] == {"a": "a", "b": "b"}


def test_contradicting_lifelong_numbers_are_kept_apart_and_the_weakest_edge_is_named(tmp_path: Path) -> None:
    lifelong = {"a": ["fin:1"], "d": ["fin:2"]}
    edges = [("a", "b", 9_000_000), ("b", "c", 7_000_000), ("c", "d", 8_000_000)]
    names, review, _ = clustered(nodes("abcd", lifelong), edges, tmp_path)
    assert names == {"a": "a", "b": "a", "c": "c", "d": "c"}
    assert review == {("constraint", "bc", "different lifelong fin")}
    assert not any(number in str(review) for number in ("fin:1", "fin:2"))


@pytest.mark.parametrize(
    ("left", "right", "together"),
    [
        (["fin:1"], ["fin:2"], False),
        (["fin:1"], ["fin:1"], True),
        (["fin:1"], ["cnp:2"], True),
        (["fin:1", "fin:2"], ["fin:2"], False),
        (["cnp:7", "fin:1"], ["cnp:7", "fin:2"], False),
        (["fin:1"], None, True),
        (["fi:1"], ["fin:2"], True),
    ],
)
def test_what_contradicts(tmp_path: Path, left: list[str], right: list[str] | None, together: bool) -> None:
    held = {"a": left} | ({"b": right} if right else {})
    names, review, _ = clustered(nodes("ab", held), [("a", "b", MATCH)], tmp_path)
    assert (names["b"] == "a") is together and bool(review) is not together


def test_components_without_contradiction_are_not_touched(tmp_path: Path) -> None:
    edges = [("a", "b", MATCH), ("c", "d", MATCH)]
    names, _, _ = clustered(nodes("abcd", {"a": ["fin:1"], "b": ["fin:2"]}), edges, tmp_path)
    assert names == {"a": "a", "b": "b", "c": "c", "d": "c"}


def test_order_of_edges_rows_and_keys_do_not_matter(tmp_path: Path) -> None:
    ids = [f"r{n:03d}" for n in range(120)]
    held = {record: [f"fin:{place % 7}"] for place, record in enumerate(ids) if place % 3 == 0}
    draw = random.Random(4)
    ends = sorted({tuple(sorted(draw.sample(ids, 2))) for _ in range(260)})
    edges = [(a, b, draw.choice([MATCH - 1, MATCH, MATCH + 5])) for a, b in ends]
    first = clustered(nodes(ids, held), edges, tmp_path / "first")
    shuffled = nodes(draw.sample(ids, len(ids)), held, first_key=700)
    assert clustered(shuffled, draw.sample(edges, len(edges)), tmp_path / "second") == first
    assert {kind for kind, _, _ in first[1]} == {"band", "constraint"}


@pytest.mark.parametrize("contradicting", [False, True])
def test_a_chain_of_ten_thousand_records_does_not_explode(tmp_path: Path, contradicting: bool) -> None:
    ids = [f"r{n:05d}" for n in range(10_000)]
    held = {ids[0]: ["fin:1"], ids[-1]: ["fin:2"]} if contradicting else {}
    edges = [(a, b, MATCH + place % 1000) for place, (a, b) in enumerate(pairwise(ids))]
    started = time.monotonic()
    names, review, _ = clustered(nodes(ids, held), edges, tmp_path)
    assert time.monotonic() - started < 5
    assert len(set(names.values())) == 1 + contradicting and len(review) == contradicting


small = st.integers(0, 7)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(
    st.lists(st.tuples(small, small), max_size=20),
    st.dictionaries(small, st.sets(st.sampled_from(["fin:1", "fin:2", "cnp:1", "cnp:2"]), min_size=1, max_size=1)),
)
def test_no_union_joins_sides_that_contradict(edges: list[tuple[int, int]], held: dict[int, set[str]]) -> None:
    lifelong = {n: {text.split(":")[0]: frozenset([text]) for text in texts} for n, texts in held.items()}
    cluster_of, refused = unite(list(range(8)), edges, lifelong)
    for name in set(cluster_of.values()):
        members = [node for node in cluster_of if cluster_of[node] == name]
        numbers = {text for node in members for text in held.get(node, ())}
        assert name == min(members) and len(numbers) == len({text.split(":")[0] for text in numbers})
    assert all(cluster_of[a] != cluster_of[b] for a, b, _ in refused)
    told = {(a, b) for a, b, _ in refused}
    assert all(cluster_of[a] == cluster_of[b] for a, b in edges if (a, b) not in told)
