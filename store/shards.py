"""What runs on a worker of a Spark cluster: one task, one shard, in a DuckDB of its own.

Here: shards as files, and the work on them. Not here: the session, dealing rows into shards (store/spark). Spark may
run a task twice, so a file comes to be in one step. Logs of workers keep no value of a record, so an error tells its
kind and its place alone.
"""

import os
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from rules.errors import RegistryError
from store.duck import connect, quote

Work = Callable[[duckdb.DuckDBPyConnection], None]
"""What a step does with the tables of a connection; must be importable on the workers."""
SHARD = "shard"
"""Column of a dealt query: the number of the shard that a row belongs to."""
TOLD = "registry task: "
"""Before what a task says of itself, in all that Spark says of it."""


def on_batches(task: Callable[[int], None], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Run the task of every number that Spark placed here; raises RuntimeError with what may be told of an error."""
    for batch in batches:
        for number in batch.column(0).to_pylist():
            try:
                task(number)
            except Exception as error:
                raise RuntimeError(f"{TOLD}task {number}: {_said(error)}") from None
        yield batch


def _said(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    return str(error) if isinstance(error, RegistryError) else f"{type(error).__name__} in {place.name}"


def on_shard(
    folders: tuple[Path, ...], memory: str, work: Work, dealt: Sequence[str], shared: Sequence[str],
    made: Sequence[str], shard: int,
) -> None:  # fmt: skip
    """Open a shard in the first of the folders, which alone may be read, work, and leave the tables made as files."""
    folder = folders[0]
    with connect(folders, folder / "spill", memory, threads=1) as con:
        for name in dealt:
            place = folder / "dealt" / name
            files = [place / "none.parquet", *(place / f"{SHARD}={shard}").glob("*.parquet")]
            read = ", ".join(quote(str(file)) for file in files)
            con.execute(f"CREATE VIEW {name} AS FROM read_parquet([{read}], hive_partitioning = false)")
        for name in shared:
            con.execute(f"CREATE VIEW {name} AS FROM read_parquet({quote(str(folder / 'taken' / name) + '.parquet')})")
        work(con)
        for name in made:
            with _beside(folder / "made" / name / f"{shard}.parquet") as path:
                con.execute(f"COPY {name} TO {quote(str(path))} (FORMAT parquet)")


def on_slice(folder: Path, compute: Callable[[pl.DataFrame], pl.DataFrame], names: Sequence[str], number: int) -> None:
    """Compute a slice of distinct rows."""
    result = compute(pl.read_parquet(folder / "given" / names[number]))
    with _beside(folder / "found" / names[number]) as path:
        result.write_parquet(path)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file beside `path` that then takes its place: Spark may run a task twice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.stem}-", suffix=".tmp")
    os.close(handle)
    yield Path(name)
    Path(name).replace(path)
