"""What is published: cells that no spreadsheet runs, only declared columns, never another home's extract."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from rules.contracts import TABLES
from rules.publication import Publication
from stages.publish import failures, publish
from store.home import Home
from tests.stages.published import NUMBER, night, version

RUN = ["=1+1", "  =x", "+A1", "-cmd|' /C calc'!A0", "-1+2", "@SUM(A1)", "\t=1", "\tx", "\rx", "\u00a0=1", "\n@x", "+1a"]
RUN += ["＝1+1", "－1+2", "＠x", "\u200b=1", "\u3000 ＋A1"]
REST = ["+994 50 123-45-67", "-5", "(012) 345-67", "+1.5,3", "-", "a=b", "5;=1", "O'Hara", 'says "no"', "a\nb", "", "7"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


def cells(folder: str, table: str = "golden_contact", column: str = "value") -> list[str]:
    with (Path(folder) / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["position"]))
    return [row[column] for row in rows]


def test_what_a_spreadsheet_would_run_is_led_by_an_apostrophe_and_nothing_else_is(home: Home) -> None:
    folders = publish(night(home, Publication(kind="csv"), Publication(kind="parquet")), version(home, RUN + REST))
    assert cells(folders["csv"]) == [f"'{value}" for value in RUN] + REST
    whole = pl.read_parquet(Path(folders["parquet"]) / "golden_contact.parquet").sort("position")
    assert whole["value"].to_list() == RUN + REST


def test_every_text_cell_is_quoted_and_a_missing_one_is_empty(home: Home) -> None:
    folders = publish(night(home, Publication(kind="csv")), version(home, ["a", "", None]))
    lines = (Path(folders["csv"]) / "golden_contact.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert lines == [
        f'"{NUMBER}",0,"email","a",false,"s","r1"',
        f'"{NUMBER}",1,"email","",false,"s","r1"',
        f'"{NUMBER}",2,"email",,false,"s","r1"',
    ]


def test_only_declared_columns_are_published(home: Home) -> None:
    target = Publication(kind="csv", consumer="crm", columns=("position", "source"))
    folder = Path(publish(night(home, target), version(home, ["a"]))["csv-crm"])
    text = (folder / "golden_contact.csv").read_text(encoding="utf-8")
    assert text.splitlines() == ['position,"source"', '0,"s"']
    assert not (folder / "golden_party.csv").exists() and (folder / "crosswalk.csv").exists()


def test_the_same_version_is_left_alone(home: Home) -> None:
    of = version(home, ["a"])
    folder = Path(publish(night(home, Publication(kind="csv")), of)["csv"])
    (folder / "mark").touch()
    assert publish(night(home, Publication(kind="csv")), of) == {"csv": str(folder)}
    assert (folder / "mark").exists()
    assert (folder.parent / "latest.txt").read_text(encoding="utf-8") == "000001\n"


@pytest.mark.parametrize("lost", [False, True])
def test_an_extract_of_another_version_is_not_handed_out(home: Home, lost: bool) -> None:
    folder = Path(publish(night(home, Publication(kind="csv")), version(home, ["a"]))["csv"])
    (folder.parent / "latest.txt").unlink()
    if lost:
        (folder / "manifest.json").unlink()
    assert publish(night(home, Publication(kind="csv")), version(home, ["b"], rules="other")) == {}
    assert re.search(r"csv/000001: must be an extract .* version 1 → move it away", failures(home)["csv"])
    assert not (folder.parent / "latest.txt").exists()


def test_columns_of_every_published_table_and_the_key_are_known() -> None:
    known = [name for table in Publication.TABLES for name in TABLES[table].column_names() if name != "record_key"]
    assert Publication(kind="csv", columns=(*known, "source", "record_id")).columns


@pytest.mark.parametrize("columns", [("client_number", "event", "fields"), None])
def test_changes_show_values_only_to_who_gets_every_column(home: Home, columns: tuple[str, ...] | None) -> None:
    target = Publication(kind="csv", columns=columns)
    folder = Path(publish(night(home, target), version(home, ["a"]))["csv"])
    head = (folder / "change_event.csv").read_text(encoding="utf-8").splitlines()[0].replace('"', "").split(",")
    assert set(head) == set(columns or TABLES["change_event"].column_names())


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize(("entity", "values"), [("bank", ["a", "b"]), ("lease", [])])
def test_a_legal_entity_gets_its_clients_and_no_change_feed(
    home: Home, across: bool, entity: str, values: list[str]
) -> None:
    asked = night(home, Publication(kind="csv", consumer=entity, legal_entity=entity))
    registry = asked.settings.registry.model_copy(update={"publish_across_entities": across})
    asked = replace(asked, settings=replace(asked.settings, registry=registry))
    folder = publish(asked, version(home, ["a", "b"]))[f"csv-{entity}"]
    tables = {path.stem for path in Path(folder).glob("*.csv")}
    assert tables == set(Publication.TABLES) - set(Publication.WHOLE)
    assert cells(folder) == values


def test_what_an_earlier_release_made_is_published_without_the_tables_it_did_not_know(home: Home) -> None:
    made = version(home, ["a"])
    older = made.model_copy(update={"tables": tuple(one for one in made.tables if one.name != "view_depositor")})
    [folder] = publish(night(home, Publication(kind="csv")), older).values()
    assert (Path(folder) / "view_tier.csv").exists() and not (Path(folder) / "view_depositor.csv").exists()
