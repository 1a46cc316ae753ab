"""Lists as files: everything that is listed, and nothing that a spreadsheet would run."""

import csv
import io

import fastexcel
import pytest

from stewardship import export

EVIL = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", '=HYPERLINK("http://x")', "%0A", "|calc", "\tx",
    "＝1+1", "＋1", "－1", "＠SUM(A1)", "﹦1+1",
    *(f"{unseen}=1+1" for unseen in "\u00a0\u200b\u2060\ufeff\u2003\u3000\u2028\u00ad\u200e\x0b\x00"),
    "\u00a0\u200b ＝1",
]  # fmt: skip


@pytest.mark.parametrize("text", EVIL)
def test_no_text_is_a_formula(text):
    rows = [{"name": text, "bits": -3, "both": ["a", "b"], "none": None}]
    columns = ("name", "bits", "both", "none")
    body = export.written("csv", columns, rows)[1].decode("utf-8-sig")
    [head, told] = csv.reader(io.StringIO(body))
    assert head == list(columns) and told == ["'" + text, "-3", "a, b", ""]
    sheet = fastexcel.read_excel(export.written("xlsx", columns, rows)[1]).load_sheet(0).to_polars()
    assert sheet.row(0)[:3] == (text, -3, "a, b")


@pytest.mark.parametrize("text", ["Əliyev", "a=b", "\u00a0x", "１２", "مریم", "王-李", "5 - 3"])
def test_an_ordinary_text_stays_as_it_is(text):
    body = export.written("csv", ("name",), [{"name": text}])[1].decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(body)))[1] == [text]


def test_the_same_rows_give_the_same_file():
    rows = [{"a": 1, "b": "x"}]
    assert export.written("xlsx", ("a", "b"), rows) == export.written("xlsx", ("a", "b"), rows)


def test_the_queue_and_the_decisions_are_exported(visit, cases, desk):
    answer = visit().get("/queue/export.csv?order=age")
    listed = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["case_id"] for row in listed} == {case["case_id"] for case in cases()}
    assert answer.headers["content-disposition"].endswith('.csv"') and desk.trail.lines(1)[0]["rows"] == len(listed)
    sheet = fastexcel.read_excel(visit().get("/queue/export.xlsx").content).load_sheet(0)
    assert sheet.height == len(listed)
    assert visit("auditor").get("/decisions/export.csv").status_code == 200
    assert visit().get("/queue/export.exe").status_code == 422
