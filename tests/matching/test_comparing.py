"""Comparing two matchings: what became of clusters, pairs lost, shifts, figures with intervals, on tiny tables."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from matching import comparing

RECORDS = "abcdefghijkl"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        rows = ", ".join(f"({place}, 's', '{name}')" for place, name in enumerate(RECORDS))
        opened.execute(f"CREATE TABLE key_map AS SELECT * FROM (VALUES {rows}) v(record_key, source, record_id)")
        yield opened


def partition(con: duckdb.DuckDBPyConnection, side: str, *clusters: str) -> None:
    rows = [(RECORDS.index(name), min(map(RECORDS.index, cluster))) for cluster in clusters for name in cluster]
    values = ", ".join(map(str, rows))
    con.execute(f"CREATE TABLE clusters_{side} AS SELECT * FROM (VALUES {values}) v(record_key, cluster_key)")


def both(con: duckdb.DuckDBPyConnection) -> None:
    """ab stays; cde parts; f and g join; hi and jkl exchange j."""
    partition(con, "a", "ab", "cde", "f", "g", "hi", "jkl")
    partition(con, "b", "ab", "cd", "e", "fg", "hij", "kl")


def test_every_cluster_is_the_same_split_merged_or_moved(con: duckdb.DuckDBPyConnection) -> None:
    both(con)
    assert comparing.clusters(con) == {
        "same": {"a": 1, "b": 1, "records": 2},
        "split": {"a": 1, "b": 2, "records": 3},
        "merged": {"a": 2, "b": 1, "records": 2},
        "moved": {"a": 2, "b": 2, "records": 5},
    }


def test_examples_name_records_and_number_clusters_within_their_group(con: duckdb.DuckDBPyConnection) -> None:
    both(con)
    comparing.clusters(con)
    [moved] = comparing.examples(con, "moved")
    assert [(row["record_id"], row["a"], row["b"]) for row in moved] == [
        ("h", 1, 1), ("i", 1, 1), ("j", 2, 1), ("k", 2, 2), ("l", 2, 2),
    ]  # fmt: skip
    [split] = comparing.examples(con, "split")
    assert [(row["record_id"], row["b"]) for row in split] == [("c", 1), ("d", 1), ("e", 2)]


def test_no_record_gives_no_cluster(con: duckdb.DuckDBPyConnection) -> None:
    for side in "ab":
        con.execute(f"CREATE TABLE clusters_{side} (record_key BIGINT, cluster_key BIGINT)")
    assert {kind: found["records"] for kind, found in comparing.clusters(con).items()} == dict.fromkeys(
        comparing.KINDS, 0
    )
    assert comparing.examples(con, "split") == []


def pairs(con: duckdb.DuckDBPyConnection, side: str, **weights: int) -> None:
    rows = ", ".join(
        f"({RECORDS.index(p[0])}, {RECORDS.index(p[1])}, {bits * 1_000_000})" for p, bits in weights.items()
    )
    names = "v(record_key_l, record_key_r, weight)"
    con.execute(f"CREATE TABLE pairs_{side} AS SELECT * FROM (VALUES {rows}) {names}")


def model(match: int, *rules: tuple[str, ...]) -> Any:
    return SimpleNamespace(match_weight=match * 1_000_000, review_weight=0, blocking=list(rules))


def test_bands_and_shifts_of_weight(con: duckdb.DuckDBPyConnection) -> None:
    pairs(con, "a", ab=10, cd=5, ef=3, gh=-1)
    pairs(con, "b", ab=12, cd=2, ef=4, ij=9)
    found = {
        (row["a"], band): row[band] for row in comparing.bands(con, model(5), model(8)) for band in comparing.BANDS
    }
    assert {place: n for place, n in found.items() if n} == {
        ("match", "match"): 1, ("match", "review"): 1, ("review", "review"): 1, ("below", "not compared"): 1,
        ("not compared", "match"): 1,
    }  # fmt: skip
    moved = comparing.weights(con)
    assert (moved["pairs"], moved["unmoved"]) == (3, 0)
    assert (moved["quantiles"]["0%"], moved["quantiles"]["50%"], moved["quantiles"]["100%"]) == (
        -3000000,
        1000000,
        2000000,
    )
    assert moved["bins"] == [{"bits": -3, "pairs": 1}, {"bits": 1, "pairs": 1}, {"bits": 2, "pairs": 1}]


def test_pairs_that_the_other_model_never_compares(con: duckdb.DuckDBPyConnection) -> None:
    """ab share a phone, cd a family name, ef nothing but are joined all the same; e has no family name at all."""
    family = {"a": "'x'", "b": "'y'", "c": "'z'", "d": "'z'", "e": "NULL", "f": "'w'"}
    phones = {"a": "['1', '2']", "b": "['2']"}
    rows = ", ".join(f"({RECORDS.index(n)}, {family[n]}, {phones.get(n, '[]')})" for n in family)
    con.execute(f"""
        CREATE TABLE projection_b AS SELECT record_key, family, CAST(phones AS VARCHAR[]) AS phones
        FROM (VALUES {rows}) v(record_key, family, phones)""")
    pairs(con, "a", ab=9, cd=9, ef=9, ac=1)
    partition(con, "b", "ab", "cd", "e", "f")
    by_family = comparing.lost(con, "a", model(5), "b", model(5, ("family",)))
    assert by_family == {"pairs": 2, "apart": 1}
    either = comparing.lost(con, "a", model(5), "b", model(5, ("family",), ("each phones",)))
    assert either == {"pairs": 1, "apart": 1}


def test_figures_against_truth(con: duckdb.DuckDBPyConnection) -> None:
    """Truth: abc and de are two entities; A joins too little, B too much."""
    partition(con, "a", "ab", "c", "de")
    partition(con, "b", "abcd", "e")
    con.execute("""
        CREATE TABLE truth AS SELECT source, record_id, CASE WHEN record_key < 3 THEN 1 ELSE 2 END AS entity_id
        FROM key_map WHERE record_key < 5""")
    comparing.judge(con)
    a, b = comparing.figures(con, "a"), comparing.figures(con, "b")
    assert (a["precision"]["part"], a["precision"]["whole"], a["recall"]["part"], a["recall"]["whole"]) == (2, 2, 2, 4)
    assert (b["precision"]["part"], b["precision"]["whole"], b["recall"]["part"]) == (3, 6, 3)
    assert (a["wrongly_merged"], a["wrongly_split"], b["wrongly_merged"], b["wrongly_split"]) == (0, 1, 1, 1)
    assert comparing.gained(con) == {"right_only_a": 1, "wrong_only_a": 0, "right_only_b": 2, "wrong_only_b": 3}


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (10, 10, 0.722467, 1.0), (0, 10, 0.0, 0.277533), (0, 0, 0.0, 1.0)],
)
def test_wilsons_interval(part: int, whole: int, low: float, high: float) -> None:
    """81 of 263 is the example of R. G. Newcombe, Statistics in Medicine 17 (1998), which gives 0.2553 to 0.3662."""
    found = comparing.interval(part, whole)
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=5e-5)


def test_the_module_reads_no_value_of_a_client() -> None:
    text = Path(comparing.__file__).read_text(encoding="utf-8")
    assert "match_input" not in text and "std_" not in text
