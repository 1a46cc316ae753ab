"""Excel workbooks that run nothing: a text is a text, also where it looks like a formula or a link.

Here: opening one, and its sheets. Not here: what stands in them. The same rows give the same bytes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any

import polars as pl
from xlsxwriter import Workbook

MOST_ROWS, LONGEST_NAME = 1_048_575, 31
"""Rows below the head that a sheet holds, and letters of its name."""
_MOST_FITTED = 10_000
"""Rows up to which columns are made as wide as what they hold, which takes time."""
_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_FORMATS: Any = {pl.Decimal: "#,##0.00", pl.Date: "yyyy-mm-dd"}


@contextmanager
def workbook(target: Path | IO[bytes], created: date) -> Iterator[Workbook]:
    """A workbook that is written when it is left; `created` stands in it in place of the clock."""
    with Workbook(target, _PLAIN) as book:
        book.set_properties({"created": datetime.combine(created, time())})
        yield book


def sheet(book: Workbook, name: str, frame: pl.DataFrame) -> None:
    """A sheet with filters and a fixed head."""
    fitted = frame.height < _MOST_FITTED
    frame.write_excel(book, name, dtype_formats=_FORMATS, autofilter=True, autofit=fitted, freeze_panes=(1, 0))
