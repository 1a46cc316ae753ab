"""Distinct values are computed once and remembered; a damaged memory is rebuilt."""

import time
from pathlib import Path

import polars as pl
import pytest

from quality.standardise import driver
from quality.standardise.driver import Cache, remembered


class Counting:
    """A standardiser that counts the rows it had to compute."""

    def __init__(self) -> None:
        self.rows = 0

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame:
        self.rows += frame.height
        return frame.select(raw="value", value=pl.col("value").str.to_uppercase())


FRAME = pl.DataFrame({"id": [1, 2, 3, 4, 5], "value": ["b", "a", None, "b", "c"]})


def test_rows_and_order_are_kept_and_each_value_is_computed_once() -> None:
    compute = Counting()
    result = remembered(FRAME, ["value"], compute, None, "upper", "1")
    assert result.columns == ["raw", "value"]
    assert result["value"].to_list() == ["B", "A", None, "B", "C"] and compute.rows == 4


def test_second_call_computes_nothing_and_a_third_only_what_is_new(tmp_path: Path) -> None:
    compute, cache = Counting(), Cache(tmp_path, least=0)
    first = remembered(FRAME, ["value"], compute, cache, "upper", "1")
    assert remembered(FRAME.reverse(), ["value"], compute, cache, "upper", "1").equals(first.reverse())
    assert compute.rows == 4
    remembered(pl.DataFrame({"value": ["a", "z"]}), ["value"], compute, cache, "upper", "1")
    assert compute.rows == 5
    remembered(FRAME, ["value"], compute, cache, "upper", "2")
    assert compute.rows == 9


@pytest.mark.parametrize("damage", [b"", b"PAR1 nonsense", b"x" * 400])
def test_damaged_file_is_rebuilt(tmp_path: Path, damage: bytes) -> None:
    cache = Cache(tmp_path, least=0)
    first = remembered(FRAME, ["value"], Counting(), cache, "upper", "1")
    whole = cache.path("upper", "1").read_bytes()
    cache.path("upper", "1").write_bytes(damage)
    compute = Counting()
    assert remembered(FRAME, ["value"], compute, cache, "upper", "1").equals(first) and compute.rows == 4
    assert cache.path("upper", "1").read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == ["upper-1.parquet"]


def test_what_is_added_is_remembered_in_few_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "PARTS", 3)
    cache, compute = Cache(tmp_path, least=0), Counting()
    for value in (*"abcdefgh", None):
        remembered(pl.DataFrame({"value": ["a", value]}), ["value"], compute, cache, "upper", "1")
        assert len(cache.files("upper", "1")) <= 4
    every = pl.DataFrame({"value": [*"hgfedcba", None]})
    assert remembered(every, ["value"], compute, cache, "upper", "1")["value"].to_list() == [*"HGFEDCBA", None]
    assert compute.rows == 9
    remembered(every, ["value"], compute, cache, "upper", "2")
    assert [path.name for path in tmp_path.iterdir()] == ["upper-2.parquet"]


def test_a_value_that_two_processes_added_is_one(tmp_path: Path) -> None:
    cache = Cache(tmp_path, least=0)
    remembered(FRAME, ["value"], Counting(), cache, "upper", "1")
    cache.add("upper", "1", pl.read_parquet(cache.path("upper", "1")))
    assert remembered(FRAME, ["value"], Counting(), cache, "upper", "1").height == 5


def test_truncated_file_is_rebuilt(tmp_path: Path) -> None:
    cache, compute = Cache(tmp_path, least=0), Counting()
    remembered(FRAME, ["value"], compute, cache, "upper", "1")
    path = cache.path("upper", "1")
    path.write_bytes(path.read_bytes()[:-20])
    assert remembered(FRAME, ["value"], compute, cache, "upper", "1").height == 5 and compute.rows == 8


def test_cache_file_does_not_depend_on_input_order(tmp_path: Path) -> None:
    caches = [Cache(tmp_path / name, least=0) for name in ("a", "b")]
    for cache, frame in zip(caches, (FRAME, FRAME.reverse()), strict=True):
        remembered(frame, ["value"], Counting(), cache, "upper", "1")
    assert caches[0].path("upper", "1").read_bytes() == caches[1].path("upper", "1").read_bytes()


def test_two_keys_with_nulls_and_progress(tmp_path: Path) -> None:
    frame = pl.DataFrame({"value": ["a", "a", None], "country": [None, "AZ", None]})
    seen: list[tuple[int, int]] = []

    def compute(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.select(value=pl.format("{}-{}", pl.col("value").fill_null("?"), pl.col("country").fill_null("?")))

    def progress(done: int, total: int) -> None:
        seen.append((done, total))

    for _ in range(2):
        result = remembered(frame, ["value", "country"], compute, Cache(tmp_path, least=0), "pair", "1", progress)
        assert result["value"].to_list() == ["a-?", "a-AZ", "?-?"]
    assert seen == [(3, 3)]


def test_empty_frame(tmp_path: Path) -> None:
    compute = Counting()
    for _ in range(2):
        result = remembered(FRAME.clear(), ["value"], compute, Cache(tmp_path, least=0), "upper", "1")
        assert (result.height, result.columns) == (0, ["raw", "value"])


def test_wrong_height_is_a_fault_of_the_standardiser() -> None:
    with pytest.raises(ValueError, match="returned 1 rows for 4"):
        remembered(FRAME, ["value"], lambda rows: rows.head(1), None, "bad", "1")


def test_a_million_rows_of_20_000_distinct_are_quick_when_warm(tmp_path: Path) -> None:
    number = pl.int_range(1_000_000, eager=True) % 20_000
    frame = pl.DataFrame({"value": "v" + number.cast(pl.String)})
    compute, cache = Counting(), Cache(tmp_path, least=0)
    remembered(frame, ["value"], compute, cache, "upper", "1")
    started = time.perf_counter()
    remembered(frame, ["value"], compute, cache, "upper", "1")
    assert compute.rows == 20_000 and time.perf_counter() - started < 2


def test_many_missing_values_are_computed_elsewhere_and_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "CHUNK", 3)
    asked: list[pl.DataFrame] = []

    def elsewhere(distinct: pl.DataFrame, compute: driver.Compute) -> pl.DataFrame:
        asked.append(distinct)
        return pl.concat([compute(distinct.head(1)), compute(distinct.slice(1))])

    cache, here = Cache(tmp_path / "a", least=0, elsewhere=elsewhere), Cache(tmp_path / "b", least=0)
    found, wanted = (remembered(FRAME, ["value"], Counting(), one, "upper", "1") for one in (cache, here))
    assert found.equals(wanted) and [one["value"].to_list() for one in asked] == [["a", "b", "c", None]]
    assert cache.path("upper", "1").read_bytes() == here.path("upper", "1").read_bytes()
    remembered(pl.DataFrame({"value": ["a", "z"]}), ["value"], Counting(), cache, "upper", "1")
    assert len(asked) == 1, "few values are computed here"
