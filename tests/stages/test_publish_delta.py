"""Delta Lake: two versions of a table, the feed between them, nothing twice, a crash between two tables."""

from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from rules.publication import Publication
from stages.publish import failures, publish
from store.home import Home
from tests.stages.published import night, version

TARGET = Publication(kind="delta", tables=("golden_contact", "crosswalk"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture
def bring(home: Home):
    """`bring(values, number)`: publish a version with these contacts; the path of its table."""

    def run(values: list[str | None], number: int, target: Publication = TARGET) -> str:
        publish(night(home, target), version(home, values, number=number, only=True))
        assert failures(home) == {}
        return str(home.published / "delta" / "tables" / "golden_contact")

    return run


def feed(path: str, since: int) -> list[tuple[str, str | None]]:
    rows = pl.DataFrame(DeltaTable(path).load_cdf(starting_version=since).read_all())
    return sorted(rows.select("_change_type", "value").rows(), key=str)


def test_versions_and_the_feed_between_them_are_read_back(bring) -> None:
    path = bring(["a", "b", "c"], 1)
    bring(["a", "B", None, "d"], 2)
    assert pl.read_delta(path).sort("position")["value"].to_list() == ["a", "B", None, "d"]
    assert pl.read_delta(path, version=0).sort("position")["value"].to_list() == ["a", "b", "c"]
    assert feed(path, 1) == sorted(
        [("update_preimage", "b"), ("update_postimage", "B"), ("update_preimage", "c"), ("update_postimage", None),
         ("insert", "d")], key=str)  # fmt: skip
    bring(["a"], 3)
    assert feed(path, 2) == sorted([("delete", "B"), ("delete", None), ("delete", "d")], key=str)


def test_what_did_not_change_makes_no_delta_version_and_the_tables_of_a_version_are_named(bring, home) -> None:
    path = bring(["a"], 1)
    bring(["a"], 2)
    bring(["a"], 2)
    assert DeltaTable(path).version() == 0
    bring(["b"], 3)
    noted = (home.published / "delta" / "latest.json").read_text(encoding="utf-8")
    assert '"golden_contact": 1' in noted and '"crosswalk": 0' in noted and '"version": 3' in noted
    assert DeltaTable(path).history(1)[0]["registry_version"] == "3"


def test_a_run_that_died_between_two_tables_goes_on(bring, home) -> None:
    path = bring(["a"], 1)
    before = (home.published / "delta" / "latest.json").read_bytes()
    bring(["b"], 2)
    (home.published / "delta" / "latest.json").write_bytes(before)
    (home.published / "delta" / "000002" / "tables.json").unlink()
    bring(["b"], 2)
    assert DeltaTable(path).version() == 1 and len(feed(path, 1)) == 2


def test_other_columns_and_tables_without_their_key_are_written_whole(bring) -> None:
    path = bring(["a"], 1)
    bring(["a"], 2, Publication(kind="delta", columns=("value",)))
    assert pl.read_delta(path).columns == ["value"]
    bring(["b"], 3, Publication(kind="delta", columns=("value",)))
    assert pl.read_delta(path)["value"].to_list() == ["b"]


@pytest.fixture(scope="module")
def spark():
    """Spark without the jars of Delta, which cannot be had here: it reads the log, and the files that the log names."""
    sql = pytest.importorskip("pyspark.sql")
    session = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    yield session
    session.stop()


def named(spark, path: str, commit: int, action: str) -> list[str]:
    """Files that an action of one commit names, as Spark reads the log."""
    log = spark.read.json(f"{path}/_delta_log/{commit:020d}.json")
    return [row[0] for row in log.select(f"{action}.path").dropna().collect()] if action in log.columns else []


@pytest.mark.slow
def test_spark_reads_two_versions_and_the_feed_by_the_log(bring, spark) -> None:
    path = bring(["a", "b", "c"], 1)
    bring(["a", "B", None, "d"], 2)
    for newest, expected in ((0, ["a", "b", "c"]), (1, ["a", "B", None, "d"])):
        live: list[str] = []
        for commit in range(newest + 1):
            gone = named(spark, path, commit, "remove")
            live = [file for file in live if file not in gone] + named(spark, path, commit, "add")
        rows = spark.read.parquet(*(f"{path}/{file}" for file in live)).orderBy("position").select("value").collect()
        assert [row[0] for row in rows] == expected
    changed = spark.read.parquet(*(f"{path}/{file}" for file in named(spark, path, 1, "cdc")))
    assert sorted(map(tuple, changed.select("_change_type", "value").collect()), key=str) == feed(path, 1)
