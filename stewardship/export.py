"""Lists of the desk as files that open safely: a value is a value, never a formula.

Here: rows → CSV or Excel. Not here: which rows (queue, the decision log). In a workbook every text is written as text.
A text in CSV that a program might take for a formula (CWE-1236) gets an apostrophe before it.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

MOST = 100_000
"""Rows of a file."""
DECISION = (
    "id", "kind", "state", "effect", "numbers", "records", "and", "field", "reason", "author", "at", "approver", "ends",
    "ended_at", "ended_by",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def written(kind: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> tuple[str, bytes]:
    """Media type and content of a file of that kind (csv, xlsx)."""
    cells = [[_plain(row[name]) for name in columns] for row in rows]
    if kind == "csv":
        return "text/csv; charset=utf-8", _csv(columns, cells)
    return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx(columns, cells)


def _plain(value: Any) -> Any:
    """Numbers stay numbers, lists become one text."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, int | float) else "" if value is None else str(value)


def _csv(columns: Sequence[str], cells: list[list[Any]]) -> bytes:
    """UTF-8 with its mark, so that spreadsheets read every script."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([columns, *([_safe(cell) for cell in row] for row in cells)])
    return out.getvalue().encode("utf-8-sig")


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA) else cell


def _xlsx(columns: Sequence[str], cells: list[list[Any]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, plain) as book:
        book.set_properties({"created": date(2000, 1, 1)})
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        sheet.write_row(0, 0, columns, bold)
        for number, row in enumerate(cells, 1):
            sheet.write_row(number, 0, row)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(cells)), len(columns) - 1)
        sheet.autofit()
    return out.getvalue()
