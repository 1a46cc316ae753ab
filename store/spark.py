"""A Spark cluster that one step of a night is spread over: tables dealt into shards, the step's own work on each.

Here: the session, dealing rows into shards, what goes wrong. Not here: what runs on a worker (store/shards), what the
work is (matching, golden_record), which steps are spread and what a shard of each is (stages/spread). Spark joins,
shuffles, places and repeats tasks. A task opens its shard with DuckDB and runs the very SQL that a single machine runs,
so what it gives is the same to the last bit. Tables cross as Parquet files in a folder that the driver and all workers
see under the same path.
"""

import os
import re
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot

from rules.engine import Spark
from rules.errors import EngineError
from store import shards
from store.duck import quote

MEND = "install Java 17 and requirements/spark.lock; see docs/scale.md"
_FIXED = {
    "spark.sql.ansi.enabled": "false",  # an index past the end of a list gives null, as in DuckDB
    "spark.sql.legacy.sizeOfNull": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass(frozen=True)
class Spread:
    """One step on the cluster; `folder` is its own, `allowed` what its tasks may read besides."""

    session: Any
    declared: Spark
    folder: Path
    allowed: tuple[Path, ...] = ()

    def take(self, con: duckdb.DuckDBPyConnection, name: str, query: str = "") -> None:
        """Give the cluster rows of the driver's connection, as Spark's view `name` and for `each` to share."""
        path = self.folder / "taken" / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        con.execute(f"COPY ({query or f'FROM {name}'}) TO {quote(str(path))} (FORMAT parquet)")
        self.read(name, [path])

    def read(self, name: str, files: Sequence[Path]) -> None:
        """Give the cluster Parquet files as its view `name`."""
        self.session.read.parquet(*(str(file.resolve()) for file in files)).createOrReplaceTempView(name)

    def keep(self, name: str, query: str) -> None:
        """Work out a query over the views on the cluster, once: its rows become the view `name`."""
        path = str(self.folder / "kept" / name)
        self.session.sql(spoken(query)).write.parquet(path)
        self.read(name, [Path(path)])

    def deal(self, name: str, query: str) -> None:
        """Write the rows of a query over the views, each into the shard that its column `shard` names."""
        from pyspark.sql.pandas.types import to_arrow_schema

        rows, target = self.session.sql(spoken(query)), self.folder / "dealt" / name
        rows.repartition(self.declared.shards, shards.SHARD).write.partitionBy(shards.SHARD).parquet(str(target))
        columns = pa.schema([field for field in to_arrow_schema(rows.schema) if field.name != shards.SHARD])
        pq.write_table(columns.empty_table(), target / "none.parquet")

    def hashed(self, key: str) -> str:
        """SQL, in a query for the cluster: the shard of a key."""
        return f"pmod(hash({key}), {self.declared.shards})"

    def each(
        self, con: duckdb.DuckDBPyConnection, work: shards.Work, dealt: Sequence[str], shared: Sequence[str],
        made: Sequence[str],
    ) -> None:  # fmt: skip
        """Run `work` on every shard and give `con` the tables `made` of all of them.

        A shard's connection has the tables `dealt` with its own rows, and those `shared`, taken before, with all.
        """
        self.run(
            partial(shards.on_shard, (self.folder, *self.allowed), self.declared.task_memory, work, dealt, shared, made)
        )
        for name in made:
            files = quote(str(self.folder / "made" / name / "*.parquet"))
            con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM read_parquet({files})")

    def over(self, frame: pl.DataFrame, compute: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
        """What `compute` gives of the rows of a frame, in their order; it looks at each row alone."""
        size = -(-frame.height // self.declared.shards)
        given, found = self.folder / "given", self.folder / "found"
        for folder in (given, found):
            folder.mkdir()
        slices = [frame.slice(start, size) for start in range(0, frame.height, size)]
        names = [f"{number:06d}.parquet" for number in range(len(slices))]
        for name, part in zip(names, slices, strict=True):
            part.write_parquet(given / name)
        self.run(partial(shards.on_slice, self.folder, compute, names), len(names))
        return pl.concat([pl.read_parquet(found / name) for name in names])

    def run(self, task: Callable[[int], None], tasks: int = 0) -> None:
        """Run `task` for every number below `tasks`, by default one a shard, wherever the cluster has a core free."""
        count = tasks or self.declared.shards
        numbers = self.session.range(0, count, 1, count)
        numbers.mapInArrow(partial(shards.on_batches, task), "id bigint").count()


def spoken(query: str) -> str:
    """A query written for DuckDB in Spark's dialect."""
    return sqlglot.transpile(query, read="duckdb", write="spark")[0]


@contextmanager
def spread(declared: Spark, folder: Path, allowed: Sequence[Path] = ()) -> Iterator[Spread]:
    """A step on the cluster; its folder is gone at the end.

    Raises EngineError where there is no cluster, or a task of it fails; its message names the task and no value.
    """
    if missing := lacking():
        raise EngineError("engine: spark", missing, MEND)
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield Spread(_session(declared), declared, folder.resolve(), tuple(path.resolve() for path in allowed))
    except (PySparkException, Py4JError) as error:
        raise _failed(error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lacking() -> str:
    """What this machine lacks to use a cluster; empty where nothing is missing."""
    lacks = {"pyspark is not installed": not find_spec("pyspark"), "there is no Java": not shutil.which("java")}
    return next((said for said, lack in lacks.items() if lack), "")


def _session(declared: Spark) -> Any:
    """This process's session; Spark keeps one."""
    from py4j.protocol import Py4JError
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = declared.settings.get("spark.pyspark.python", sys.executable)
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # none is used here
    builder = SparkSession.builder.master(declared.master).appName("unified customer registry")
    for name, value in (declared.settings | _FIXED).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
    except (Py4JError, OSError) as error:
        problem = f"no session at {declared.master} ({type(error).__name__})"
        raise EngineError("engine: spark", problem, "is the master running, and reachable from here?") from None
    return session


def release() -> None:
    """Give the cluster's cores back; without effect where this process has no session."""
    if "pyspark" in sys.modules:
        from pyspark.sql import SparkSession

        if session := SparkSession.getActiveSession():
            session.stop()


def _failed(error: Exception) -> EngineError:
    """What a task said of itself; the rest of Spark's message may hold values of records."""
    lines = str(error).splitlines()
    told = next((line.partition(shards.TOLD)[2].strip() for line in lines if shards.TOLD in line), "")
    kinds = [found[0] for line in lines if (found := re.match(r"[A-Za-z.]+(Error|Exception)", line))]
    problem = told or f"a task failed ({kinds[-1] if kinds else type(error).__name__})"
    return EngineError("engine: spark", problem, "see the executors' logs and run again; the live version is unchanged")
