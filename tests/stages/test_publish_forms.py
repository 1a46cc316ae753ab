"""Excel, change feed, masks; what is noted of a folder; outputs that fail and catch up."""

import json
import zipfile
from pathlib import Path

import fastexcel
import polars as pl
import pytest

from rules.errors import ConfigError
from rules.load import parse
from rules.publication import Publication
from rules.settings import Registry
from stages.publish import failures, publish
from store.hashing import file_sha256
from store.home import Home
from tests.stages.published import NUMBER, night, promoted, version

FEW = {"only": True, "ledger_event": [], "ledger_number": []}
FORMULA = '=HYPERLINK("http://x","y")'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_workbook_has_a_sheet_per_table_and_runs_nothing(home: Home) -> None:
    target = Publication(kind="excel", consumer="branch", tables=("golden_contact", "crosswalk"))
    folder = Path(
        publish(night(home, target), version(home, [FORMULA, "http://a.b", "007", None], only=True))["excel-branch"]
    )
    book = fastexcel.read_excel(folder / "registry.xlsx")
    assert book.sheet_names == ["golden_contact", "crosswalk"]
    sheet = book.load_sheet("golden_contact", dtypes="string").to_polars()
    assert sheet["value"].to_list() == [FORMULA, "http://a.b", "007", None]
    assert sheet.columns[-2:] == ["source", "record_id"]
    with zipfile.ZipFile(folder / "registry.xlsx") as parts:
        whole = b"".join(parts.read(name) for name in parts.namelist() if "sheet" in name)
    assert b"<f>" not in whole and b"hyperlink" not in whole.replace(b"HYPERLINK", b"")


def test_masks_hide_what_they_say_and_nothing_else(home: Home) -> None:
    party = [{"client_number": NUMBER, "birth_date": pl.Series(["1990-12-31"]).str.to_date()[0], "sources": "s",
              "party_type": "person", "records": 1, "display_name": "Name"}]  # fmt: skip
    mask = {"golden_contact.value": "last4", "birth_date": "year", "display_name": "initial", "sources": "hidden"}
    target = Publication(kind="parquet", mask=mask)
    found = version(home, ["+994501234567", "short", None], golden_party=party)
    folder = Path(publish(night(home, target), found)["parquet"])
    values = pl.read_parquet(folder / "golden_contact.parquet").sort("position")["value"].to_list()
    assert values == ["***4567", "***", None]
    row = pl.read_parquet(folder / "golden_party.parquet").to_dicts()[0]
    assert (str(row["birth_date"]), row["display_name"], row["sources"]) == ("1990-01-01", "N.", None)
    assert row["client_number"] == NUMBER
    assert not {"before", "after"} & set(pl.read_parquet(folder / "change_event.parquet").columns)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("kind: csv, columns: []", r"registry\.yaml:2: 'columns' is empty → name the columns"),
        (
            "kind: csv, columns: [client_nmber]",
            r"registry\.yaml:2: .*'client_nmber' → did you mean 'client_number'",
        ),
        ("kind: csv, columns: [source, record_key]", "'record_key' → did you mean 'record_id'"),
        ("kind: csv, columns: [value, xyzzy]", "'xyzzy' → see docs/reference/data-dictionary"),
        ("kind: csv, columns: [valid_from]", "no published table has a column 'valid_from'"),
        ("kind: csv, columns: [before], legal_entity: bank", "no published table has a column 'before'"),
        (
            "kind: csv, columns: [client_number, before]",
            "'before' shows every column of golden_party → publish all of these, or drop",
        ),
        ("kind: csv, mask: {valu: last4}", "no published table has a column 'valu' → did you mean 'value'"),
        ("kind: csv, mask: {birth_date: last4}", "'last4' does not fit the type of 'birth_date'"),
        ("kind: csv, mask: {value: all}", "none of hidden, last4, initial, year"),
        ("kind: csv, tables: [golden_prty]", "no table 'golden_prty' is published here → did you mean 'golden_p"),
        ("kind: csv, tables: [change_event], legal_entity: b", "no table 'change_event' is published here"),
        ("kind: postgresql", "kind postgresql needs a connection"),
        ("kind: csv, connection: '${X}'", "kind csv takes no connection"),
        ("kind: changes, legal_entity: b", "changes tell of every legal entity's"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, declared: str, message: str) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(f"sources: [a.yaml]\npublish: [{{{declared}}}]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        parse(Registry, path)


def test_a_folder_names_its_files_and_an_output_declared_otherwise_is_made_anew(home: Home) -> None:
    of, whole, part = (
        version(home, ["a"], only=True),
        Publication(kind="csv"),
        Publication(kind="csv", columns=("position",)),
    )
    folder = Path(publish(night(home, whole), of)["csv"])
    noted = json.loads((folder / "publication.json").read_text(encoding="utf-8"))
    file = noted["files"]["golden_contact.csv"]
    assert file == {"rows": 1, "sha256": file_sha256(folder / "golden_contact.csv")} and noted["version"] == 1
    publish(night(home, part), of)
    assert (folder / "golden_contact.csv").read_text(encoding="utf-8") == "position\n0\n"
    assert [path.name for path in folder.parent.iterdir() if path.is_dir()] == ["000001"]


def test_the_change_feed_says_what_happened_to_numbers_and_where_retired_ones_lead(home: Home) -> None:
    ledger = [
        {"client_number": "A", "sequence": 1, "minted_version": 1, "state": "live", "resolves_to": "A"},
        {"client_number": "B", "sequence": 2, "minted_version": 1, "state": "merged", "resolves_to": "A"},
    ]
    date = pl.Series(["2026-01-02"]).str.to_date()[0]
    events = [
        {"version": v, "position": p, "business_date": date, "event": e, "client_number": n, "cause": "edge",
         "other_number": o} for v, p, e, n, o in [(1, 1, "mint", "A", None), (2, 1, "merge", "B", "A"),
                                                  (2, 2, "survive", "A", "B")]
    ]  # fmt: skip
    change = [{"position": 1, "event": "party_changed", "client_number": "A", "fields": "sex", "before": "{}",
               "after": '{"sex":"F"}'}]  # fmt: skip
    promoted(home, ["a"], only=True)
    of = promoted(home, ["a"], number=2, ledger_number=ledger, ledger_event=events, change_event=change)
    folder = Path(publish(night(home, Publication(kind="changes", consumer="crm")), of)["changes-crm"])
    assert lines(folder / "change_event.jsonl")[0]["after"] == {"sex": "F"}, "JSON, no text of it"
    [number] = lines(folder / "number_change.jsonl")
    assert (number["event"], number["client_number"], number["other_number"]) == ("merge", "B", "A")
    assert lines(folder / "redirect.jsonl") == [{"client_number": "B", "state": "merged", "resolves_to": "A"}]
    assert lines(folder / "member_event.jsonl") == []


def test_an_output_that_fails_harms_no_other_and_catches_up_with_every_version_it_missed(home: Home) -> None:
    feed, csv = Publication(kind="changes", consumer="crm"), Publication(kind="csv")
    assert set(publish(night(home, feed, csv), promoted(home, ["a"], **FEW))) == {"changes-crm", "csv"}
    place = home.published / "changes-crm"
    place.rename(aside := place.with_name("aside"))
    place.write_text("in the way", encoding="utf-8")
    done = publish(night(home, feed, csv), promoted(home, ["b"], number=2, **FEW))
    assert done == {"csv": str(home.published / "csv" / "000002")}
    assert "NotADirectoryError" in failures(home)["changes-crm"]
    place.unlink()
    aside.rename(place)
    publish(night(home, feed, csv), promoted(home, ["c"], number=3, **FEW))
    assert failures(home) == {}
    assert sorted(path.name for path in place.iterdir()) == ["000001", "000002", "000003", "latest.txt"]


def test_an_output_declared_today_does_not_begin_with_what_was_before(home: Home) -> None:
    publish(night(home, Publication(kind="csv")), promoted(home, ["a"], only=True))
    publish(night(home, Publication(kind="changes")), promoted(home, ["a"], number=2, **FEW))
    assert [path.name for path in (home.published / "changes").iterdir() if path.is_dir()] == ["000002"]
