"""A consumer of contract 1 reads on after contract 2 is published beside it, in every form that can be pinned."""

import copy
import json
from pathlib import Path

import polars as pl
import psycopg
import pytest

from rules.contracts import consumers, kept
from rules.publication import Publication
from stages.contract import check
from stages.publish import failures, publish
from store.home import Home
from tests.stages.published import NUMBER, night, version
from tests.stages.test_publish_postgresql import dsn  # noqa: F401

FIRST = ["client_number", "position", "channel", "value", "main", "source", "record_id"]
"""Columns of a contact as contract 1 has them: `channel` is `kind` today, `main` was a number and is a truth value."""
NOW = ["client_number", "position", "kind", "value", "preferred", "source", "record_id"]
ONE = {"tables": ("golden_contact",)}
MADE = {"golden_contact.channel": "CAST(kind AS VARCHAR)", "golden_contact.main": "CAST(preferred AS INTEGER)"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


@pytest.fixture(autouse=True)
def two_contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of today are contract 2; contract 1 had other names and types for what a contact is."""
    first = copy.deepcopy(consumers.contract())
    contact = first["tables"]["golden_contact"]
    properties = contact["properties"]
    properties["channel"] = {**properties.pop("kind"), "enum": ["email", "phone"]}
    properties["main"] = {**properties.pop("preferred"), "type": ["integer"]}
    contact |= {"columns": FIRST, "required": sorted(FIRST)}
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "v1.json").write_text(json.dumps(first), encoding="utf-8")
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "served")
    monkeypatch.setattr(kept, "MADE", {1: MADE})
    monkeypatch.setattr(consumers, "MAJOR", 2)
    consumers.write()


def test_both_contracts_are_handed_out_in_one_night(home: Home) -> None:
    pinned, newest = Publication(kind="parquet", consumer="old", contract=1, **ONE), Publication(kind="parquet", **ONE)
    folders = publish(night(home, pinned, newest), version(home, ["a@b.example"], only=True))
    assert failures(home) == {}
    old = pl.read_parquet(Path(folders["parquet-old"]) / "golden_contact.parquet")
    assert old.columns == FIRST and old.rows() == [(NUMBER, 0, "email", "a@b.example", 0, "s", "r1")]
    assert pl.read_parquet(Path(folders["parquet"]) / "golden_contact.parquet").columns == NOW
    for name, major in (("parquet-old", 1), ("parquet", 2)):
        assert [table["problems"] for table in check(Path(folders[name]), major) if table["problems"]] == []
    assert any(table["problems"] for table in check(Path(folders["parquet"]), 1)) is False, "it lacks the columns"


def test_csv_keeps_the_order_and_a_mask_names_the_promised_column(home: Home) -> None:
    target = Publication(kind="csv", consumer="old", contract=1, **ONE, mask={"golden_contact.channel": "hidden"})
    folder = Path(publish(night(home, target), version(home, ["a"], only=True))["csv-old"])
    lines = (folder / "golden_contact.csv").read_text(encoding="utf-8").splitlines()
    assert [lines[0].replace('"', ""), lines[1]] == [",".join(FIRST), f'"{NUMBER}",0,,"a",0,"s","r1"']


def test_delta_goes_on_with_the_same_columns(home: Home) -> None:
    target = Publication(kind="delta", consumer="old", contract=1, **ONE)
    for number, value in ((1, "a"), (2, "b")):
        folder = publish(night(home, target), version(home, [value], number=number, only=True))["delta-old"]
    path = str(Path(folder) / "golden_contact")
    assert pl.read_delta(path).select("channel", "main", "value").rows() == [("email", 0, "b")]
    assert pl.read_delta(path, version=0).columns == FIRST


def test_a_database_has_both_in_schemas_of_their_own(home: Home, dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("PUBLISH_DSN", dsn)
    shared = {"kind": "postgresql", "connection": "${PUBLISH_DSN}", **ONE}
    old = Publication.model_validate({**shared, "consumer": "old", "contract": 1, "database_schema": "first"})
    publish(night(home, old, Publication.model_validate(shared)), version(home, ["a"], only=True))
    assert failures(home) == {}
    with psycopg.connect(dsn) as con:
        assert con.execute("SELECT channel, main FROM first.golden_contact").fetchall() == [("email", 0)]
        assert con.execute("SELECT kind, preferred FROM registry.golden_contact").fetchall() == [("email", False)]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ({"golden_contact.channel": "NULL"}, "channel: is"),
        ({"golden_contact.channel": "'fax'"}, "channel: has other values in 1 rows"),
        ({"golden_contact.main": "CAST(NULL AS INTEGER)"}, "main: is empty in 1 rows"),
        ({"golden_contact.main": "CAST(preferred AS VARCHAR)"}, "main: is VARCHAR, integer is promised"),
    ],
)
def test_what_is_not_as_promised_is_refused_and_harms_no_other(home: Home, monkeypatch, made, told) -> None:
    monkeypatch.setattr(kept, "MADE", {1: MADE | made})
    pinned = Publication(kind="parquet", consumer="old", contract=1, **ONE)
    done = publish(night(home, pinned, Publication(kind="parquet", **ONE)), version(home, ["a"], only=True))
    assert list(done) == ["parquet"]
    problem = failures(home)["parquet-old"]
    assert "golden_contact: is not as contract 1 promises" in problem and told in problem


def test_an_output_without_a_pin_is_not_written_again_for_it(home: Home) -> None:
    folder = publish(night(home, Publication(kind="csv", **ONE)), version(home, ["a"], only=True))["csv"]
    assert "contract" not in json.loads((Path(folder) / "publication.json").read_text(encoding="utf-8"))["declared"]
