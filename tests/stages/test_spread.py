"""A night spread over a standalone Spark cluster gives what one machine gives, hash by hash."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from benchmarks.equivalence.homes import FIRST, bank, night
from benchmarks.speed.measure import RECORDS_OF_A_CLIENT, SEED
from matching.connected import connected
from quality.standardise import driver
from rules.engine import Spark
from rules.errors import EngineError
from rules.settings import Settings, load_registry
from stages.replay import replay
from store import spark
from store.home import Home
from tests.standalone import MISSING, SETTINGS, cluster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(bool(MISSING), reason=MISSING),
    pytest.mark.filterwarnings("ignore::FutureWarning:pyspark"),
]


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    with cluster(tmp_path_factory.mktemp("cluster")) as master:
        yield Spark(master=master, shards=4, task_memory="512MB", settings=SETTINGS)
        spark.release()


def on_spark(settings: Settings, declared: Spark) -> Settings:
    return replace(settings, registry=settings.registry.model_copy(update={"engine": "spark", "spark": declared}))


def _raise(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("SELECT error(given) FROM record")


def test_failed_task_names_its_shard_and_no_value(declared: Spark, tmp_path: Path) -> None:
    with (
        pytest.raises(EngineError, match="task 3: InvalidInputException in _raise") as caught,
        duckdb.connect() as con,
        spark.spread(declared, tmp_path / "step") as step,
    ):
        step.take(con, "record", "SELECT 1 AS record_key, 'Rashad' AS given")
        step.deal("record", "SELECT *, 3 AS shard FROM record")
        step.each(con, _raise, ("record",), (), ())
    assert "Rashad" not in str(caught.value)
    assert not (tmp_path / "step").exists()


def test_query_that_spark_refuses_is_an_error_of_the_engine(declared: Spark, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="AnalysisException"), spark.spread(declared, tmp_path / "step") as step:
        step.keep("found", "SELECT nothing FROM nowhere")


@pytest.mark.parametrize(
    ("edges", "wanted"),
    [([(1, 2), (2, 3), (5, 4)], {frozenset({1, 2, 3}), frozenset({4, 5})}), ([], set())],
)
def test_components(declared: Spark, tmp_path: Path, edges: list[tuple[int, int]], wanted: set) -> None:
    with spark.spread(declared, tmp_path / "step") as step, duckdb.connect() as con:
        con.execute("CREATE TABLE edge (record_key_l BIGINT, record_key_r BIGINT)")
        con.executemany("INSERT INTO edge VALUES (?, ?)", [(0, 0), *edges])
        step.take(con, "edge", "FROM edge WHERE record_key_l > 0")
        connected(step.session, "edge", "found", step.folder / "work")
        held: dict[int, set[int]] = {}
        for row in step.session.table("found").collect():
            held.setdefault(row.component, set()).add(row.record_key)
    assert set(map(frozenset, held.values())) == wanted


def test_night_of_20000_records_is_the_same_on_spark_table_by_table(
    declared: Spark, tmp_path: Path, own_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Partition, client numbers, golden values and everything else; many values are what more than 1,000 are here."""
    made = bank(tmp_path, round(20_000 / RECORDS_OF_A_CLIENT), 1, SEED)
    version = night(made, tmp_path / "home", FIRST, full=True).version
    assert version.table("std_record").rows >= 20_000  # type: ignore[union-attr]
    monkeypatch.setattr(driver, "CHUNK", 1_000)
    settings = load_registry(made.folder / "registry.yaml")
    told = replay(Home(tmp_path / "home"), on_spark(settings, declared), version.version)
    assert [table["name"] for table in told["tables"] if not table["equal"]] == []
    assert {"crosswalk", "golden_party", "ledger_number", "clusters"} <= {table["name"] for table in told["tables"]}
