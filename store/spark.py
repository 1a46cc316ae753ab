"""A Spark cluster that one step of a night is spread over: tables dealt into shards, the step's own work on each.

Here: the session, the shards, what goes wrong. Not here: what the work is (matching, golden_record), which steps are
spread and what a shard of each is (stages/spread). Spark joins, shuffles, places and repeats tasks. A task opens its
shard with DuckDB and runs the very SQL that a single machine runs, so what it gives is the same to the last bit.
Tables cross as Parquet files in a folder that the driver and all workers see under the same path.
"""

import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot

from rules.engine import Spark
from rules.errors import EngineError, RegistryError
from store.duck import connect, quote

Work = Callable[[duckdb.DuckDBPyConnection], None]
"""What a step does with the tables of a connection; must be importable on the workers."""
SHARD = "shard"
"""Column of a dealt query: the number of the shard that a row belongs to."""
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
        path = self._taken(name)
        path.parent.mkdir(exist_ok=True)
        con.execute(f"COPY ({query or f'FROM {name}'}) TO {quote(str(path))} (FORMAT parquet)")
        self.session.read.parquet(str(path)).createOrReplaceTempView(name)

    def keep(self, name: str, query: str) -> None:
        """Work out a query over the views on the cluster, once: its rows become the view `name`."""
        path = str(self.folder / "kept" / name)
        self.session.sql(spoken(query)).write.parquet(path)
        self.session.read.parquet(path).createOrReplaceTempView(name)

    def deal(self, name: str, query: str) -> None:
        """Write the rows of a query over the views, each into the shard that its column `shard` names."""
        from pyspark.sql.pandas.types import to_arrow_schema

        rows, target = self.session.sql(spoken(query)), self.folder / "dealt" / name
        rows.repartition(self.declared.shards, SHARD).write.partitionBy(SHARD).parquet(str(target))
        columns = pa.schema([field for field in to_arrow_schema(rows.schema) if field.name != SHARD])
        pq.write_table(columns.empty_table(), target / "none.parquet")

    def hashed(self, key: str) -> str:
        """SQL, in a query for the cluster: the shard of a key."""
        return f"pmod(hash({key}), {self.declared.shards})"

    def each(
        self, con: duckdb.DuckDBPyConnection, work: Work, dealt: Sequence[str], shared: Sequence[str],
        made: Sequence[str],
    ) -> None:  # fmt: skip
        """Run `work` on every shard and give `con` the tables `made` of all of them.

        A shard's connection has the tables `dealt` with its own rows, and those `shared`, taken before, with all.
        Raises EngineError naming the shard that failed.
        """
        self.run(partial(_on_shard, self._paths(), self.declared.task_memory, work, dealt, shared, made))
        for name in made:
            files = quote(str(self.folder / "made" / name / "*.parquet"))
            con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM read_parquet({files})")

    def run(self, task: Callable[[int], None], tasks: int = 0) -> None:
        """Run `task` for every number below `tasks`, by default one a shard, wherever the cluster has a core free."""
        from pyspark.errors import PySparkException

        count = tasks or self.declared.shards
        numbers = self.session.range(0, count, 1, count)
        try:
            numbers.mapInArrow(partial(_batches, task), "id bigint").count()
        except PySparkException as error:
            raise _failed(error) from None

    def _taken(self, name: str) -> Path:
        return self.folder / "taken" / f"{name}.parquet"

    def _paths(self) -> tuple[Path, tuple[Path, ...]]:
        return self.folder, self.allowed


def spoken(query: str) -> str:
    """A query written for DuckDB in Spark's dialect."""
    return sqlglot.transpile(query, read="duckdb", write="spark")[0]


@contextmanager
def spread(declared: Spark, folder: Path, allowed: Sequence[Path] = ()) -> Iterator[Spread]:
    """A step on the cluster; its folder is gone at the end. Raises EngineError where there is no cluster."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield Spread(_session(declared), declared, folder.resolve(), tuple(path.resolve() for path in allowed))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _session(declared: Spark) -> Any:
    """This process's session; Spark keeps one."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise EngineError("engine: spark", "pyspark is not installed", "see docs/scale.md") from None
    if not shutil.which("java"):
        raise EngineError("engine: spark", "there is no Java on the PATH", "install Java 17; see docs/scale.md")
    os.environ["PYSPARK_PYTHON"] = declared.settings.get("spark.pyspark.python", sys.executable)
    builder = SparkSession.builder.master(declared.master).appName("unified customer registry")
    for name, value in (declared.settings | _FIXED).items():
        builder = builder.config(name, value)
    try:
        with warnings.catch_warnings(action="ignore"):  # pyspark's own, of libraries that are not used here
            session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
    except (PySparkException, OSError) as error:
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
    told = next((line.partition(_TOLD)[2].strip() for line in lines if _TOLD in line), "")
    kinds = [found[0] for line in lines if (found := re.match(r"[A-Za-z.]+(Error|Exception)", line))]
    problem = told or f"a task failed ({kinds[-1] if kinds else type(error).__name__})"
    return EngineError("engine: spark", problem, "the executor's log says more; run again: nothing was published")


_TOLD = "registry task: "


def _batches(task: Callable[[int], None], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Run on a worker: the task of every number that Spark placed here."""
    for batch in batches:
        for number in batch.column(0).to_pylist():
            try:
                task(number)
            except Exception as error:
                said = str(error) if isinstance(error, RegistryError) else type(error).__name__
                raise RuntimeError(f"{_TOLD}task {number}: {said}") from error
        yield batch


def _on_shard(
    paths: tuple[Path, tuple[Path, ...]], memory: str, work: Work, dealt: Sequence[str], shared: Sequence[str],
    made: Sequence[str], shard: int,
) -> None:  # fmt: skip
    """Run on a worker: open the shard, work, leave the tables made as files."""
    folder, allowed = paths
    with connect([folder, *allowed], folder / "spill", memory, threads=1) as con:
        for name in dealt:
            place = folder / "dealt" / name
            files = [place / "none.parquet", *(place / f"{SHARD}={shard}").glob("*.parquet")]
            read = ", ".join(quote(str(file)) for file in files)
            con.execute(f"CREATE VIEW {name} AS FROM read_parquet([{read}], hive_partitioning = false)")
        for name in shared:
            con.execute(f"CREATE VIEW {name} AS FROM read_parquet({quote(str(folder / 'taken' / name) + '.parquet')})")
        work(con)
        for name in made:
            _leave(con, name, folder / "made" / name / f"{shard}.parquet")


def _leave(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Write beside and rename: Spark may run a task twice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f"{path.stem}-", suffix=".tmp")
    os.close(handle)
    con.execute(f"COPY {name} TO {quote(beside)} (FORMAT parquet)")
    Path(beside).replace(path)
