"""Faults 1, 2, 4-8, 10, 11 of delimited text."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from pipelines.sources.extract import extract
from pipelines.sources.snapshot import snapshot
from rules.errors import ContractError, SourceError
from rules.sources import Source

MakeSource = Callable[..., Source]
DAY = date(2026, 11, 20)


def put(folder: Path, data: bytes | str) -> Path:
    (folder / "in.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    return folder


def test_leading_zeros_are_preserved(make_source: MakeSource, tmp_path: Path) -> None:
    read = extract(make_source(), put(tmp_path, "id,name\n007,A\n08,\n"), DAY)
    assert read.frame.rows() == [(0, "007", "A"), (1, "08", None)]


def test_ragged_row_is_quarantined_and_not_the_file(make_source: MakeSource, tmp_path: Path) -> None:
    taken = snapshot(make_source(), put(tmp_path, "id,name\n1,A\n2\n3,C,X\n4,D\n"), DAY)
    assert taken.frame.select("row", "record_id").rows() == [(0, "1"), (3, "4")]
    assert taken.quarantine.select("row", "rule").rows() == [(1, "ragged_row"), (2, "ragged_row")]


def test_truncated_last_row_fails_the_file(make_source: MakeSource, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="truncated"):
        extract(make_source(), put(tmp_path, "id,name\n1,A\n2"), DAY)


@pytest.mark.parametrize("data", ['id,name\n1,A\n2,"B\n3,C\n', 'id,name\n1,"A\n2,"B"\n3,C\n', 'id,name\n1,"A\n2,"B\n'])
def test_unclosed_quote_fails_the_file(make_source: MakeSource, tmp_path: Path, data: str) -> None:
    with pytest.raises(SourceError, match="quote"):
        extract(make_source(), put(tmp_path, data), DAY)


def test_line_break_inside_quotes_is_one_row(make_source: MakeSource, tmp_path: Path) -> None:
    read = extract(make_source(), put(tmp_path, 'id,name\n1,"A\nB"\n2,C\n'), DAY)
    assert read.frame.height == 2


@pytest.mark.parametrize("data", [b"", b"\n", b"id,name\n"])
def test_empty_or_header_only_fails(make_source: MakeSource, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SourceError):
        snapshot(make_source(), put(tmp_path, data), DAY)


def test_header_only_is_fine_when_allowed(make_source: MakeSource, tmp_path: Path) -> None:
    taken = snapshot(make_source(contract={"min_rows": 0}), put(tmp_path, b"id,name\n"), DAY)
    assert taken.rows == 0


def test_latin_1_declared_as_utf_8_fails(make_source: MakeSource, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="encoding"):
        extract(make_source(), put(tmp_path, "id,name\n1,Jos\xe9\n".encode("latin-1")), DAY)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig", "cp1252"])
def test_declared_encoding_is_read(make_source: MakeSource, tmp_path: Path, encoding: str) -> None:
    read = extract(make_source(read={"encoding": encoding}), put(tmp_path, "id,name\n1,José\n".encode(encoding)), DAY)
    assert read.frame.rows() == [(0, "1", "José")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_undeclared_byte_order_mark_fails_and_names_the_encoding(
    make_source: MakeSource, tmp_path: Path, encoding: str
) -> None:
    with pytest.raises(SourceError, match=f"read.encoding: {encoding}"):
        extract(make_source(), put(tmp_path, "id,name\n1,A\n".encode(encoding)), DAY)


def test_nul_control_and_direction_characters_are_cleaned_and_counted(make_source: MakeSource, tmp_path: Path) -> None:
    read = extract(make_source(), put(tmp_path, "id,name\n1,A\x00b\x07\n2,\u202eevil\n3,fine\n"), DAY)
    assert read.frame.get_column("name").to_list() == ["Ab", "evil", "fine"]
    assert read.cleaned == 2


@pytest.mark.parametrize(
    ("header", "named"),
    [("id,full_name", "renamed to 'full_name'"), ("id,name,extra", "'extra' is new"), ("id", "'name' is missing"),
     ("name,id", "reordered"), ("id,name,name", "twice")],
)  # fmt: skip
def test_renamed_new_missing_reordered_or_doubled_column_is_a_contract_error(
    make_source: MakeSource, tmp_path: Path, header: str, named: str
) -> None:
    row = ",".join("1" for _ in header.split(","))
    with pytest.raises(ContractError, match=named):
        extract(make_source(), put(tmp_path, f"{header}\n{row}\n"), DAY)


def test_ignored_column_is_left_out(make_source: MakeSource, tmp_path: Path) -> None:
    read = extract(make_source(contract={"ignore": ["old"]}), put(tmp_path, "id,old,name\n1,x,A\n"), DAY)
    assert read.frame.columns == ["row", "id", "name"]


def test_every_copy_of_a_duplicate_or_null_key_is_quarantined(make_source: MakeSource, tmp_path: Path) -> None:
    taken = snapshot(make_source(), put(tmp_path, "id,name\n1,A\n2,B\n1,C\n,D\n"), DAY)
    assert taken.frame.get_column("record_id").to_list() == ["2"]
    expected = [(0, "1", "duplicate_key"), (2, "1", "duplicate_key"), (3, None, "null_key")]
    assert taken.quarantine.select("row", "record_id", "rule").rows() == expected


def test_row_without_a_required_field_is_quarantined(make_source: MakeSource, tmp_path: Path) -> None:
    taken = snapshot(make_source(contract={"required": ["name"]}), put(tmp_path, "id,name\n1,A\n2, \n"), DAY)
    assert taken.quarantine.select("source", "row", "record_id", "rule").rows() == [("cards", 1, "2", "required")]


def test_too_few_and_too_many_rows(make_source: MakeSource, tmp_path: Path) -> None:
    put(tmp_path, "id,name\n1,A\n2,B\n")
    with pytest.raises(ContractError, match="min_rows is 3"):
        snapshot(make_source(contract={"min_rows": 3}), tmp_path, DAY)
    with pytest.raises(ContractError, match="max_rows is 1"):
        snapshot(make_source(contract={"max_rows": 1}), tmp_path, DAY)


def test_retyped_text_column_is_a_contract_error(make_source: MakeSource, tmp_path: Path) -> None:
    source = make_source(columns={"id": "text", "born": {"date": ["%d.%m.%Y"]}})
    rows = "".join(f"{i},1990-01-{i:02}\n" for i in range(1, 20))
    with pytest.raises(ContractError, match="'born' is declared date"):
        extract(source, put(tmp_path, "id,born\n" + rows), DAY)


def test_delimiter_quote_and_line_ends_are_as_declared(make_source: MakeSource, tmp_path: Path) -> None:
    source = make_source(read={"delimiter": ";", "quote": ""})
    read = extract(source, put(tmp_path, 'id;name\r\n1;5" pipe\r\n'), DAY)
    assert read.frame.rows() == [(0, "1", '5" pipe')]


def test_messages_never_hold_a_value(make_source: MakeSource, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        extract(make_source(), put(tmp_path, 'id,name\n1,"SECRETNAME\n'), DAY)
    assert "SECRETNAME" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_mixed_line_ends_lose_no_row(make_source: MakeSource, tmp_path: Path) -> None:
    with suppress(SourceError):
        assert extract(make_source(), put(tmp_path, "id,name\n1,A\r\n2,B\n3,C\r\n"), DAY).frame.height == 3
