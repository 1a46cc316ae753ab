"""The consumers' test kit on the demo's extract."""

import copy
from pathlib import Path

import polars as pl
import pytest

from rules.contracts import consumers, kept
from rules.errors import NotFound
from stages.contract import check


@pytest.fixture(scope="module")
def extract(demo_home):
    return Path(demo_home) / "published" / "parquet" / "000002"


def test_what_is_published_is_as_promised(extract):
    found = check(extract)
    assert len(found) > 30 and [table for table in found if table["problems"]] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (pl.col("birth_date").cast(pl.String), "birth_date: is VARCHAR, date is promised"),
        (pl.lit("robot").alias("party_type"), "party_type: has other values in 3 rows"),
        (pl.lit(None, pl.String).alias("sources"), "sources: is empty in 3 rows"),
        (pl.lit("1").alias("client_number"), "1 keys (client_number) stand in several rows"),
    ],
)
def test_what_is_not_as_promised_is_named(extract, tmp_path, change, said):
    pl.read_parquet(extract / "golden_party.parquet").head(3).with_columns(change).write_parquet(
        tmp_path / "golden_party.parquet"
    )
    [table] = check(tmp_path)
    assert table["problems"] == [said]


def test_a_folder_without_tables_and_a_contract_that_is_not_served_are_told(extract, tmp_path):
    with pytest.raises(NotFound, match="holds no table of the contract"):
        check(tmp_path)
    with pytest.raises(NotFound, match="contract 9: is not served, only 1"):
        check(extract, 9)


@pytest.mark.slow
def test_a_consumer_of_the_first_contract_keeps_it_beside_a_second(extract, tmp_path, monkeypatch):
    """The second promises a column and a type that the extract has not: who relies on the first does not notice."""
    first = consumers.contract()
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    consumers.write()
    second = copy.deepcopy(first) | {"major": 2}
    columns = second["tables"]["golden_party"]["properties"]
    columns["birth_date"] |= {"format": "date-time"}
    monkeypatch.setattr(kept, "MADE", {1: {"golden_party.birth_date": "CAST(birth_date AS DATE)"}})
    assert consumers.breaking(first, second) == ["golden_party.birth_date: its type is another"]
    monkeypatch.setattr(consumers, "MAJOR", 2)
    monkeypatch.setattr(consumers, "contract", lambda: second)
    consumers.write()
    assert kept.majors() == [1, 2]
    assert [table for table in check(extract, 1) if table["problems"]] == []
    [told] = [table for table in check(extract) if table["problems"]]
    assert told["problems"] == ["birth_date: is DATE, date-time is promised"]
