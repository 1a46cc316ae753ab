"""Workbooks open safely."""

from datetime import date
from zipfile import ZipFile

import fastexcel
import polars as pl

from stages.paper.workbook import sheet, workbook


def test_a_text_that_looks_like_a_formula_or_a_link_stays_text(tmp_path):
    path = tmp_path / "book.xlsx"
    with workbook(path, date(2026, 1, 31)) as book:
        sheet(book, "Odd", pl.DataFrame({"text": ["=1+1", "http://a.b"]}))
    assert fastexcel.read_excel(path).load_sheet("Odd").to_polars()["text"].to_list() == ["=1+1", "http://a.b"]
    with ZipFile(path) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
