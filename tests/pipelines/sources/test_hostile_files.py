"""Files made to leak, hang or exhaust the reader: refused with a message that quotes nothing of theirs."""

import sqlite3
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
import xlsxwriter

from pipelines.sources import sqlite as sqlite_source
from pipelines.sources import transcode, workbook
from pipelines.sources.base import Request
from pipelines.sources.extract import extract
from pipelines.sources.scratch import duckdb_for, private_folder
from rules.errors import ConfigError, ContractError, SourceError
from rules.sources import Source

MakeSource = Callable[..., Source]
DAY = date(2026, 11, 20)
WIDE = {"id": "text", "surname": "text", "given_name": "text", "birth_date": "text"}


def put(folder: Path, data: str) -> Path:
    (folder / "in.csv").write_text(data, encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", ["${SECRET}.csv", "in/${SECRET}/*.csv"])
def test_a_path_takes_nothing_from_the_environment(
    make_source: MakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    with pytest.raises(ConfigError, match=r"read\.path") as caught:
        extract(make_source(read={"path": path}), tmp_path, DAY)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "line", ["7,Aliyev,Murad,1990-02-01", "7,Aliyev", "7,7,Aliyev,1990", "Aliyev", "7,Aliyev,Murad,1990-02-01,extra"]
)
def test_a_file_without_header_is_not_quoted(make_source: MakeSource, tmp_path: Path, line: str) -> None:
    with pytest.raises(ContractError, match="first line is no header") as caught:
        extract(make_source(columns=WIDE), put(tmp_path, f"{line}\n{line}\n"), DAY)
    assert not [word for word in line.split(",") if word in str(caught.value)]


def test_a_misspelled_header_is_quoted_and_a_value_beside_it_is_not(make_source: MakeSource, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="renamed to 'sur_name'") as caught:
        extract(make_source(columns=WIDE), put(tmp_path, "id,sur_name,Murad,1990\n1,A,B,C\n"), DAY)
    assert "Murad" not in str(caught.value) and "1990" not in str(caught.value)


def test_a_sheet_without_header_is_not_quoted(make_source: MakeSource, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["7", "Aliyev", "Aliyev", "1990"])
    with pytest.raises(ContractError, match="first line is no header") as caught:
        extract(make_source("excel", WIDE, read={"path": "in.xlsx"}), tmp_path, DAY)
    assert "Aliyev" not in str(caught.value)


def test_keys_of_json_that_are_values_are_not_quoted(make_source: MakeSource, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="fewer than half") as caught:
        extract(make_source("jsonl"), put(tmp_path, '{"Aliyev": "1"}\n'), DAY)
    assert "Aliyev" not in str(caught.value)


def test_a_header_has_a_bound(make_source: MakeSource, tmp_path: Path) -> None:
    header = ",".join(f"c{place}" for place in range(5_001))
    with pytest.raises(ContractError, match="at most 5000"):
        extract(make_source(), put(tmp_path, header + "\n1\n"), DAY)
    with pytest.raises(SourceError, match="no header"):
        extract(make_source(), put(tmp_path, '"' + "a" * 200_000 + "\n1\n"), DAY)


def test_a_hidden_arabic_mark_is_cleaned(make_source: MakeSource, tmp_path: Path) -> None:
    read = extract(make_source(), put(tmp_path, "id,name\n1,A\u061cli\n"), DAY)
    assert read.frame.get_column("name").to_list() == ["Ali"] and read.cleaned == 1


def test_a_view_without_end_is_interrupted(
    make_source: MakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(tmp_path / "in.db")) as con:
        con.execute(
            "CREATE VIEW client AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n"
        )
        con.commit()
    monkeypatch.setattr(sqlite_source, "SECONDS", 0.2)
    source = make_source("sqlite", {"id": "integer"}, read={"path": "in.db", "table": "client"})
    with pytest.raises(SourceError, match=r"longer than 0\.2 seconds"):
        extract(source, tmp_path, DAY)


def test_a_list_that_is_no_json_fails_the_source_without_its_text(make_source: MakeSource, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "in.db")) as con:
        con.execute("CREATE TABLE client (id, tags)")
        con.execute("INSERT INTO client VALUES ('1', 'Aliyev')")
        con.commit()
    source = make_source("sqlite", {"id": "text", "tags": "list"}, read={"path": "in.db", "table": "client"})
    with pytest.raises(SourceError, match="not readable as SQLite") as caught:
        extract(source, tmp_path, DAY)
    assert "Aliyev" not in str(caught.value)


@pytest.mark.parametrize("place", [(1_048_575, 16_383), (1_048_575, 99), (4_000, 16_383)])
def test_a_far_cell_is_refused_before_the_sheet_is_read(
    make_source: MakeSource, tmp_path: Path, place: tuple[int, int]
) -> None:
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "name"])
        sheet.write_string(*place, "x")
    with pytest.raises(SourceError, match="more than 50 million cells"):
        extract(make_source("excel", read={"path": "in.xlsx"}), tmp_path, DAY)


def test_a_far_cell_that_holds_nothing_is_no_harm(make_source: MakeSource, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "name"])
        sheet.write_row(1, 0, ["1", "A"])
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
    read = extract(make_source("excel", read={"path": "in.xlsx"}), tmp_path, DAY)
    assert read.frame.rows() == [(0, "1", "A")]


def test_a_shared_text_repeated_beyond_the_bound_is_refused(
    make_source: MakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "name"])
        for row in range(1, 50):
            sheet.write_row(row, 0, [str(row), "long text " * 100])
    monkeypatch.setattr(workbook, "MOST_CHARACTERS", 40_000)
    with pytest.raises(SourceError, match="characters"):
        extract(make_source("excel", read={"path": "in.xlsx"}), tmp_path, DAY)


def rewritten(folder: Path, change: Callable[[str], str]) -> Path:
    """in.xlsx with the XML of its sheet changed."""
    with xlsxwriter.Workbook(folder / "plain.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["id", "name"])
    with zipfile.ZipFile(folder / "plain.xlsx") as old, zipfile.ZipFile(folder / "in.xlsx", "w") as new:
        for part in old.namelist():
            text = old.read(part).decode()
            new.writestr(part, change(text) if part.endswith("sheet1.xml") else text)
    return folder


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet', "document type"),
        ("</worksheet>", "", "not a whole workbook"),
        ('r="B1"', 'r="ZZZZZ1"', "not a whole workbook"),
    ],
)
def test_xml_that_is_not_plain_is_refused(
    make_source: MakeSource, tmp_path: Path, old: str, new: str, message: str
) -> None:
    rewritten(tmp_path, lambda text: text.replace(old, new, 1))
    with pytest.raises(SourceError, match=message):
        extract(make_source("excel", read={"path": "in.xlsx"}), tmp_path, DAY)


def test_a_part_that_stands_twice_is_refused(make_source: MakeSource, tmp_path: Path) -> None:
    rewritten(tmp_path, str)
    with zipfile.ZipFile(tmp_path / "in.xlsx", "a") as book:
        book.writestr("xl/worksheets/SHEET1.xml", "<worksheet/>")
    with pytest.raises(SourceError, match="stands twice"):
        extract(make_source("excel", read={"path": "in.xlsx"}), tmp_path, DAY)


def test_sheets_of_a_workbook_are_not_quoted(make_source: MakeSource, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        book.add_worksheet("Aliyev")
    with pytest.raises(SourceError, match="no sheet 'Clients'") as caught:
        extract(make_source("excel", read={"path": "in.xlsx", "sheet": "Clients"}), tmp_path, DAY)
    assert "Aliyev" not in str(caught.value)


def test_columns_are_counted_as_spreadsheets_do() -> None:
    assert [workbook.column_number(letters) for letters in ("A", "Z", "AA", "XFD")] == [1, 26, 27, 16_384]


def test_parquet_with_more_rows_than_declared_is_refused_by_its_footer(
    make_source: MakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pl.DataFrame({"id": ["1", "2"], "name": ["A", "B"]}).write_parquet(tmp_path / "in.csv")
    monkeypatch.setattr(pl, "read_parquet", None)
    with pytest.raises(ContractError, match="2 rows, max_rows is 1"):
        extract(make_source("parquet", contract={"max_rows": 1}), tmp_path, DAY)


def test_categories_of_a_column_are_not_quoted(make_source: MakeSource, tmp_path: Path) -> None:
    names = pl.Series(["Aliyev"], dtype=pl.Enum(["Aliyev"]))
    pl.DataFrame({"id": ["1"], "name": names}).write_parquet(tmp_path / "in.csv")
    with pytest.raises(ContractError, match="'name' is declared integer and comes as") as caught:
        extract(make_source("parquet", {"id": "text", "name": "integer"}), tmp_path, DAY)
    assert "Aliyev" not in str(caught.value)


def test_a_relative_folder_is_read(make_source: MakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "day's files").mkdir()
    put(tmp_path / "day's files", "id,name\n1,A\n")
    monkeypatch.chdir(tmp_path)
    assert extract(make_source(), Path("day's files"), DAY).frame.rows() == [(0, "1", "A")]


def test_the_text_made_of_another_encoding_is_private_and_removed(make_source: MakeSource, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"id,name\n1,Jos\xe9\n")
    request = Request(make_source(read={"encoding": "latin-1"}), tmp_path, DAY)
    with pytest.raises(KeyError), transcode.as_utf8(request, tmp_path / "in.csv") as plain:
        assert stat.S_IMODE(plain.stat().st_mode) == 0o600
        assert stat.S_IMODE(plain.parent.stat().st_mode) == 0o700
        raise KeyError
    assert not plain.parent.exists()


def test_the_parser_reaches_its_own_file_only(tmp_path: Path) -> None:
    for name in ("mine", "other"):
        (tmp_path / f"{name}.csv").write_text("a\n1\n")
    with duckdb_for(tmp_path / "mine.csv") as con:
        assert con.execute("SELECT * FROM read_csv(?)", [str(tmp_path / "mine.csv")]).fetchall() == [(1,)]
        with pytest.raises(duckdb.PermissionException):
            con.execute("SELECT * FROM read_csv(?)", [str(tmp_path / "other.csv")])
        with pytest.raises(duckdb.Error, match="locked"):
            con.execute("SET memory_limit = '100GB'")
        spill = Path(con.execute("SELECT current_setting('temp_directory')").fetchall()[0][0])
    assert not spill.exists()


def test_a_private_folder_is_removed() -> None:
    with private_folder() as folder:
        (folder / "x").write_text("x")
    assert not folder.exists()
