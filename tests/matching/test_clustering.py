"""Clusters: components, contradictions kept apart, the same whatever the order."""

import random
import time
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from store.components import components
from tests.matching.clustered import MATCH, REVIEW, clustered, nodes


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
    assert review == {("identifier", "bc", "different lifelong fin; proposed cut: this edge")}
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
    assert {kind for kind, _, _ in first[1]} == {"band", "identifier"}


@pytest.mark.parametrize("contradicting", [False, True])
def test_a_chain_of_ten_thousand_records_does_not_explode(tmp_path: Path, contradicting: bool) -> None:
    ids = [f"r{n:05d}" for n in range(10_000)]
    held = {ids[0]: ["fin:1"], ids[-1]: ["fin:2"]} if contradicting else {}
    edges = [(a, b, MATCH + place % 1000) for place, (a, b) in enumerate(pairwise(ids))]
    started = time.monotonic()
    names, review, _ = clustered(nodes(ids, held), edges, tmp_path)
    assert time.monotonic() - started < 5
    assert len(set(names.values())) == 1 + contradicting and len(review) == contradicting


def test_whole_components_may_be_clustered_apart(tmp_path: Path) -> None:
    """What a task of a Spark cluster does: nothing that is said of a component depends on the others."""
    ids, draw = [f"r{number:02d}" for number in range(60)], random.Random(5)
    lifelong = {one: [f"fin:{draw.randrange(4)}"] for one in ids if draw.random() < 0.5}
    pairs = {tuple(sorted(draw.sample(ids, 2))) for _ in range(45)}
    edges = [(a, b, draw.randrange(REVIEW - 1_000_000, 2 * MATCH)) for a, b in sorted(pairs)]
    joined = components(60, pl.DataFrame([(ids.index(a), ids.index(b)) for a, b, w in edges if w >= REVIEW],
                                         schema=["a", "b"], orient="row"))  # fmt: skip
    whole, names, review = clustered(nodes(ids, lifelong), edges, tmp_path / "whole"), {}, set()
    for component in set(joined.tolist()):
        held = [one for one, mine in zip(ids, joined, strict=True) if mine == component]
        inside = [edge for edge in edges if edge[0] in held and edge[1] in held]
        part = clustered(nodes(held, lifelong), inside, tmp_path / f"part{component}")
        names |= part.names
        review |= part.review
    assert (names, review) == (whole.names, whole.review)
    assert len(review) > 5 and {"identifier", "band"} <= {kind for kind, _, _ in review}
