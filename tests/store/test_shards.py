"""What a task on a worker does with its shard; dealing on a real cluster is in tests/stages/test_spread.py."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from rules.engine import Spark
from rules.errors import EngineError
from store.duck import quote
from store.shards import on_batches, on_shard, on_slice
from store.spark import spoken, spread


@pytest.fixture
def dealt(tmp_path: Path) -> Path:
    """Table `record(record_key, given)`: rows in shard 0, none in shard 1; `factor` shared by both."""
    with duckdb.connect() as con:
        for path, query in (("dealt/record/shard=0/a", "SELECT range AS record_key, 'x' AS given FROM range(3)"),
                            ("dealt/record/none", "SELECT 0::BIGINT AS record_key, '' AS given LIMIT 0"),
                            ("taken/factor", "SELECT 10 AS times")):  # fmt: skip
            file = tmp_path / f"{path}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            con.execute(f"COPY ({query}) TO {quote(str(file))} (FORMAT parquet)")
    return tmp_path


def multiply(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TABLE made AS SELECT record_key * times AS value FROM record, factor ORDER BY 1")


def test_shard_is_worked_on_alone_and_an_empty_one_has_its_columns(dealt: Path) -> None:
    for shard in (0, 1):
        on_shard((dealt,), "100MB", multiply, ("record",), ("factor",), ("made",), shard)
    found = [pl.read_parquet(dealt / "made" / "made" / f"{shard}.parquet") for shard in (0, 1)]
    assert found[0]["value"].to_list() == [0, 10, 20]
    assert found[1].height == 0 and found[1].schema == found[0].schema
    assert not list(dealt.rglob("*.tmp"))


def test_task_reads_nothing_outside_its_folders(dealt: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "secret.csv"
    other.write_text("a\n1\n")

    def pry(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(f"FROM read_csv({quote(str(other))})")

    with pytest.raises(duckdb.PermissionException):
        on_shard((dealt,), "100MB", pry, ("record",), (), (), 0)


def test_slice_of_distinct_values_is_computed(tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    pl.DataFrame({"value": ["a", None]}).write_parquet(tmp_path / "given" / "0.parquet")
    on_slice(tmp_path, lambda frame: frame.select(pl.col("value").str.to_uppercase()), ["0.parquet"], 0)
    assert pl.read_parquet(tmp_path / "found" / "0.parquet")["value"].to_list() == ["A", None]


def numbered(*numbers: int) -> Iterator[pa.RecordBatch]:
    yield pa.record_batch({"id": pa.array(numbers, pa.int64())})


def test_error_of_a_task_tells_kind_and_place_and_no_value() -> None:
    def fail(number: int) -> None:
        raise ValueError(f"Rashad {number}")

    with pytest.raises(RuntimeError, match="task 7: ValueError in fail") as caught:
        list(on_batches(fail, numbered(7)))
    assert "Rashad" not in str(caught.value) and caught.value.__suppress_context__


def test_error_of_the_registry_tells_its_sentence() -> None:
    def refuse(number: int) -> None:
        raise EngineError("shard", "is refused", "deal again")

    with pytest.raises(RuntimeError, match=r"task 1: shard: is refused → deal again"):
        list(on_batches(refuse, numbered(1)))


def test_every_number_of_a_batch_is_a_task() -> None:
    seen: list[int] = []
    assert [batch.num_rows for batch in on_batches(seen.append, numbered(3, 5))] == [2] and seen == [3, 5]


def test_query_is_spoken_in_sparks_dialect() -> None:
    assert spoken("SELECT list_transform(a, lambda x: right(x, 7)) FROM t SEMI JOIN u USING (k)") == (
        "SELECT TRANSFORM(a, x -> RIGHT(x, 7)) FROM t SEMI JOIN u USING (k)"
    )


def test_machine_without_java_cannot_open_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    declared = Spark(master="spark://host:7077")
    with pytest.raises(EngineError, match="→ install Java 17"), spread(declared, tmp_path / "step"):
        pass
    assert not (tmp_path / "step").exists()
