"""Faults 1-4, 8-10, 12-15 of Parquet, Excel, JSON lines, fixed width, and of paths."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.sources import files
from pipelines.sources.base import Raw, Request, numbered
from pipelines.sources.extract import extract
from pipelines.sources.snapshot import snapshot
from rules.errors import ContractError, SourceError
from rules.sources import Source

MakeSource = Callable[..., Source]
DAY = date(2026, 11, 20)


def parquet(folder: Path, **columns: list[object]) -> Path:
    pl.DataFrame(columns, strict=False).write_parquet(folder / "in.csv")
    return folder


def workbook(folder: Path, rows: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(folder / "in.xlsx", {"default_date_format": "dd.mm.yyyy"}) as book:
        sheet = book.add_worksheet("Clients")
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return folder


def test_parquet_dates_and_numbers_become_text_as_declared(make_source: MakeSource, tmp_path: Path) -> None:
    columns = {
        "id": "text",
        "born": {"date": ["%d.%m.%Y"]},
        "amount": "decimal",
        "n": "integer",
        "ok": "bool",
        "t": "list",
    }
    parquet(tmp_path, id=["007"], born=[date(1990, 2, 1)], amount=[1.5], n=[3], ok=[True], t=[["x", "y"]])
    read = extract(make_source("parquet", columns), tmp_path, DAY)
    assert read.frame.rows() == [(0, "007", "01.02.1990", "1.5", "3", "true", ["x", "y"])]


def test_truncated_parquet_fails_the_source(make_source: MakeSource, tmp_path: Path) -> None:
    parquet(tmp_path, id=["1"] * 1000, name=["A"] * 1000)
    data = (tmp_path / "in.csv").read_bytes()
    (tmp_path / "in.csv").write_bytes(data[: len(data) // 2])
    with pytest.raises(SourceError, match="not a whole Parquet"):
        extract(make_source("parquet"), tmp_path, DAY)


def test_parquet_text_column_that_becomes_a_number_is_a_contract_error(make_source: MakeSource, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="'id' is declared text and comes as Int64"):
        extract(make_source("parquet"), parquet(tmp_path, id=[7], name=["A"]), DAY)


def test_excel_leading_zeros_and_dates_are_preserved(make_source: MakeSource, tmp_path: Path) -> None:
    columns = {"id": "text", "born": {"date": ["%d.%m.%Y"]}, "name": "text"}
    workbook(tmp_path, [["id", "born", "name"], ["007", datetime(1990, 2, 1), "A"], ["08", "03.04.1991", None]])
    source = make_source("excel", columns, read={"path": "in.xlsx", "sheet": "Clients"})
    assert extract(source, tmp_path, DAY).frame.rows() == [(0, "007", "01.02.1990", "A"), (1, "08", "03.04.1991", None)]


def test_excel_missing_sheet_and_renamed_column_are_named(make_source: MakeSource, tmp_path: Path) -> None:
    workbook(tmp_path, [["id", "nom"], ["1", "A"]])
    with pytest.raises(SourceError, match="no sheet 'Other'"):
        extract(make_source("excel", read={"path": "in.xlsx", "sheet": "Other"}), tmp_path, DAY)
    with pytest.raises(ContractError, match=r"'name' is missing.*renamed to 'nom'"):
        extract(make_source("excel", read={"path": "in.xlsx"}), tmp_path, DAY)


def test_xlsx_bomb_is_refused(make_source: MakeSource, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    with pytest.raises(SourceError, match="more than 100 times"):
        extract(make_source("excel", read={"path": "in.xlsx"}), tmp_path, DAY)


def test_truncated_workbook_fails_the_source(make_source: MakeSource, tmp_path: Path) -> None:
    workbook(tmp_path, [["id", "name"], ["1", "A"]])
    data = (tmp_path / "in.xlsx").read_bytes()
    (tmp_path / "in.xlsx").write_bytes(data[: len(data) // 2])
    with pytest.raises(SourceError, match="not a whole workbook"):
        extract(make_source("excel", read={"path": "in.xlsx"}), tmp_path, DAY)


def test_broken_json_line_is_quarantined_and_an_unfinished_last_one_fails(
    make_source: MakeSource, tmp_path: Path
) -> None:
    good = '{"id": "007", "name": "A"}\n{bad}\n[1]\n{"id": "8", "name": null}\n'
    (tmp_path / "in.csv").write_text(good)
    taken = snapshot(make_source("jsonl"), tmp_path, DAY)
    assert taken.frame.rows() == [(0, "007", "007", "A"), (3, "8", "8", None)]
    assert taken.quarantine.get_column("rule").to_list() == ["unreadable_row", "unreadable_row"]
    (tmp_path / "in.csv").write_text(good + '{"id": "9", "na')
    with pytest.raises(SourceError, match="truncated"):
        extract(make_source("jsonl"), tmp_path, DAY)


def test_json_number_in_a_text_column_is_a_contract_error(make_source: MakeSource, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('{"id": 7, "name": "A"}\n')
    with pytest.raises(ContractError, match="'id' is declared text and comes as Int64"):
        extract(make_source("jsonl"), tmp_path, DAY)


def test_json_lists_and_nested_objects(make_source: MakeSource, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('{"id": "7", "home": {"city": "Bakı"}, "mails": ["a", "b"]}\n')
    source = make_source("jsonl", {"id": "text", "home.city": "text", "mails": "list"})
    assert extract(source, tmp_path, DAY).frame.rows() == [(0, "7", "Bakı", ["a", "b"])]


def test_fixed_width_short_and_long_rows_are_quarantined(make_source: MakeSource, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes("007 José \r\n8  \r\n9   too long\r\n10  B\r\n".encode("latin-1"))
    widths = {"id": [0, 4], "name": [4, 5]}
    source = make_source("fixed", read={"widths": widths, "encoding": "latin-1"})
    taken = snapshot(source, tmp_path, DAY)
    assert taken.frame.rows() == [(0, "007", "007", "José"), (3, "10", "10", "B")]
    assert taken.quarantine.select("row", "rule").rows() == [(1, "ragged_row"), (2, "ragged_row")]


def test_missing_file_names_the_declared_path(make_source: MakeSource, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no file 'cards_2026-11-20.csv'"):
        extract(make_source(read={"path": "cards_{date}.csv"}), tmp_path, DAY)


def test_globs_and_lists_read_each_file_once_in_order(make_source: MakeSource, tmp_path: Path) -> None:
    for name, key in (("b", 2), ("a", 1)):
        (tmp_path / f"{name}.csv").write_text(f"id,name\n{key},A\n")
    read = extract(make_source(read={"path": ["*.csv", "a.csv"]}), tmp_path, DAY)
    assert read.frame.select("row", "id").rows() == [(0, "1"), (1, "2")]


@pytest.mark.parametrize("path", ["../in.csv", "x/../../in.csv", "*/../in.csv"])
def test_path_that_leaves_the_folder_is_refused(make_source: MakeSource, tmp_path: Path, path: str) -> None:
    with pytest.raises(SourceError, match=r"must not contain '\.\.'"):
        extract(make_source(read={"path": path}), tmp_path, DAY)


@pytest.mark.parametrize("path", ["in.csv", "*.csv", "sub/in.csv"])
def test_symlink_out_of_the_folder_is_refused(make_source: MakeSource, tmp_path: Path, path: str) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    for folder in (home, outside):
        folder.mkdir()
    (outside / "in.csv").write_text("id,name\n1,A\n")
    (home / "in.csv").symlink_to(outside / "in.csv")
    (home / "sub").symlink_to(outside)
    with pytest.raises(SourceError, match="leads out of its folder"):
        extract(make_source(read={"path": path}), home, DAY)


def test_file_growing_while_read_fails(make_source: MakeSource, tmp_path: Path) -> None:
    target = tmp_path / "in.csv"
    target.write_text("id,name\n1,A\n")

    def read_and_grow(_: Request, path: Path) -> Raw:
        frame = pl.read_csv(path)
        with path.open("a") as file:
            file.write("2,B\n")
        return numbered(frame)

    with pytest.raises(SourceError, match="changed while it was read"):
        files.read_files(Request(make_source(), tmp_path, DAY), read_and_grow)
