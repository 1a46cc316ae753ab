"""A night spread over a standalone Spark cluster gives what one machine gives, hash by hash; real master and workers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

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
    with spark.spread(declared, tmp_path / "step") as step, duckdb.connect() as con:
        step.take(con, "record", "SELECT 1 AS record_key, 'Rashad' AS given")
        step.deal("record", "SELECT *, 3 AS shard FROM record")
        with pytest.raises(EngineError, match=r"task 3: InvalidInputException") as caught:
            step.each(con, _raise, ("record",), (), ())
        assert "Rashad" not in str(caught.value)
    assert not (tmp_path / "step").exists()


def test_replayed_on_spark_every_table_is_the_same(declared: Spark, demo_home: Path, home_copy: Path) -> None:
    settings = load_registry(home_copy / "bank" / "registry.yaml")
    told = replay(Home(home_copy), on_spark(settings, declared), 1)
    assert [table["name"] for table in told["tables"] if not table["equal"]] == []
    assert len(told["tables"]) > 20
