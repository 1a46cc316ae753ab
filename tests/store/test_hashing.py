"""Content hashes: what they must not depend on, and what they must tell apart."""

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.contracts import TABLES
from rules.errors import IntegrityError
from store.duck import connect
from store.hashing import content_hash, file_sha256, text_sha256

PAIRS, CLUSTERS = TABLES["pairs_person"], TABLES["clusters"]


@pytest.fixture(params=[1, 2])
def con(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect([tmp_path], tmp_path / "work", threads=request.param) as opened:
        yield opened


def hash_of(con: duckdb.DuckDBPyConnection, frame: pl.DataFrame, schema=None) -> tuple[str, int]:
    con.register("frame", frame.to_arrow())
    try:
        return content_hash(con, "frame", schema)
    finally:
        con.unregister("frame")


def key_map(con: duckdb.DuckDBPyConnection, keys: dict[int, tuple[str, str]]) -> None:
    rows = [(key, *record) for key, record in keys.items()]
    frame = pl.DataFrame(rows, schema=["record_key", "source", "record_id"], orient="row")
    con.register("keys", frame.to_arrow())
    con.execute("CREATE OR REPLACE TABLE key_map AS SELECT * FROM keys")


def pairs(rows: list[tuple[int, int, int]]) -> pl.DataFrame:
    made = [(left, right, weight, "given=+1.00") for left, right, weight in rows]
    return pl.DataFrame(made, schema=["record_key_l", "record_key_r", "weight", "levels"], orient="row")


BIG = pl.DataFrame({"a": range(5_000), "b": [f"v{n % 97}" if n % 5 else None for n in range(5_000)]})


KNOWN = "118086dd468b0d957dafc731af751a85"
"""The hash of BIG: kept versions are compared across releases, so it must never change."""


def test_row_order_column_order_and_threads_do_not_matter(con: duckdb.DuckDBPyConnection) -> None:
    shuffled = BIG.sample(fraction=1, shuffle=True, seed=3).select("b", "a")
    assert hash_of(con, shuffled) == hash_of(con, BIG) == (KNOWN, 5_000)


def test_file_layout_does_not_matter(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    BIG.write_parquet(tmp_path / "one.parquet", row_group_size=5_000)
    BIG[:100].write_parquet(tmp_path / "part-1.parquet", compression="snappy")
    BIG[100:].write_parquet(tmp_path / "part-2.parquet", row_group_size=512)
    con.execute(f"CREATE VIEW one AS SELECT * FROM read_parquet('{tmp_path}/one.parquet')")
    con.execute(f"CREATE VIEW many AS SELECT * FROM read_parquet('{tmp_path}/part-*.parquet')")
    assert content_hash(con, "one") == content_hash(con, "many")


def test_integer_keys_do_not_matter(con: duckdb.DuckDBPyConnection) -> None:
    key_map(con, {1: ("crm", "A"), 2: ("core", "B"), 3: ("core", "C")})
    before = hash_of(con, pairs([(1, 2, 7), (2, 3, 9)]), PAIRS)
    key_map(con, {30: ("crm", "A"), 10: ("core", "B"), 20: ("core", "C")})
    assert hash_of(con, pairs([(10, 30, 7), (10, 20, 9)]), PAIRS) == before


def test_ends_of_a_pair_may_be_swapped_but_not_those_of_a_cluster(con: duckdb.DuckDBPyConnection) -> None:
    key_map(con, {1: ("crm", "A"), 2: ("core", "B")})
    assert hash_of(con, pairs([(1, 2, 7)]), PAIRS) == hash_of(con, pairs([(2, 1, 7)]), PAIRS)
    ends = [pl.DataFrame({"record_key": [a], "cluster_key": [b]}) for a, b in ((1, 2), (2, 1))]
    assert hash_of(con, ends[0], CLUSTERS) != hash_of(con, ends[1], CLUSTERS)


def test_a_key_that_the_key_map_does_not_know_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    key_map(con, {1: ("crm", "A")})
    with pytest.raises(IntegrityError, match="key map"):
        hash_of(con, pairs([(1, 2, 7)]), PAIRS)


def test_source_and_record_id_do_not_run_into_each_other(con: duckdb.DuckDBPyConnection) -> None:
    cluster = pl.DataFrame({"record_key": [1], "cluster_key": [1]})
    key_map(con, {1: ("crm1", "2")})
    before = hash_of(con, cluster, CLUSTERS)
    key_map(con, {1: ("crm", "12")})
    assert hash_of(con, cluster, CLUSTERS) != before


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": [None]}, {"a": [""]}),
        ({"a": [None]}, {"a": ["\x1e"]}),
        ({"a": [None]}, {"a": ["-"]}),
        ({"a": ["NULL"]}, {"a": [None]}),
        ({"a": ["x\x1fy"], "b": ["z"]}, {"a": ["x"], "b": ["y\x1fz"]}),
        ({"a": ["x"], "b": [None]}, {"a": [None], "b": ["x"]}),
        ({"a": ["x", "x"]}, {"a": ["x"]}),
        ({"a": [["a, b"]]}, {"a": [["a", "b"]]}),
        ({"a": [[None]]}, {"a": [["NULL"]]}),
        ({"a": ["е"]}, {"a": ["e"]}),
    ],
)
def test_values_that_look_alike_differ(con: duckdb.DuckDBPyConnection, left: dict, right: dict) -> None:
    texts = [pl.DataFrame(columns, schema_overrides={"a": _dtype(left), "b": pl.String}) for columns in (left, right)]
    assert hash_of(con, texts[0])[0] != hash_of(con, texts[1])[0]


def _dtype(columns: dict) -> pl.DataType:
    return pl.List(pl.String()) if isinstance(columns["a"][0], list) else pl.String()


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=5) | st.none(), st.integers(-3, 3)), min_size=1, max_size=8), st.data())
def test_any_changed_value_changes_the_hash(rows: list[tuple[str | None, int]], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    changed = [*rows[:place], ((rows[place][0] or "") + "x", rows[place][1]), *rows[place + 1 :]]
    shuffled = random.Random(0).sample(rows, len(rows))
    schema = {"a": pl.String, "b": pl.Int64}
    frames = [pl.DataFrame(r, schema=schema, orient="row") for r in (rows, changed, shuffled)]
    hashes = [hash_of(duckdb.default_connection(), frame)[0] for frame in frames]
    assert hashes[0] == hashes[2] != hashes[1]


def test_an_empty_table_has_a_hash(con: duckdb.DuckDBPyConnection) -> None:
    assert hash_of(con, BIG.clear()) == ("0" * 32, 0)


def test_bytes_and_texts(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_sha256(tmp_path / "f") == text_sha256("abc") == known
