"""Lists of the desk as files that open safely: a value is a value, never a formula.

Here: rows → CSV or Excel. Not here: which rows (queue, the decision log), how a workbook is made safe (stages/paper). A
text in CSV that a program might take for a formula (CWE-1236) gets an apostrophe before it; a phone number too, since
people read this list, and no system (outputs for systems: stages/publish/files).
"""

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from stages.paper.workbook import LONGEST_NAME, sheet, workbook
from stages.publish.files import TEMPTING

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 100_000
"""Rows of a file."""
DECISION = (
    "id", "kind", "state", "effect", "numbers", "records", "and", "field", "reason", "author", "at", "approver", "ends",
    "ending_by", "ended_at", "ended_by",
)  # fmt: skip
_TEMPTING = rf"{TEMPTING}|^ *[|%]"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
"""What no name of a sheet may have."""
_CREATED = date(2000, 1, 1)
"""What a workbook says of its day: the same rows give the same bytes."""


def written(kind: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> tuple[str, bytes]:
    """Media type and content of a file of that kind (csv, xlsx)."""
    cells = [{name: _plain(row[name]) for name in columns} for row in rows]
    frame = pl.DataFrame(cells, columns, infer_schema_length=None, strict=False)
    if kind == "csv":
        return "text/csv; charset=utf-8", _csv(frame)
    return WORKBOOK, _xlsx(frame)


def written_lists(lists: Mapping[str, Sequence[Mapping[str, Any]]], told: Callable[[str], str]) -> bytes:
    """A workbook with a sheet for each list that has rows, under its title; `told` gives words in a language."""
    out, names = io.BytesIO(), set[str]()
    with workbook(out, _CREATED) as book:
        for title, rows in lists.items():
            cells = [{told(name.replace("_", " ")): _plain(value) for name, value in row.items()} for row in rows]
            name = _FORBIDDEN.sub(" ", told(title))[:LONGEST_NAME].strip()
            names.add(name := name if name not in names else f"{name[:-3]} {len(names)}")
            sheet(book, name, pl.DataFrame(cells, infer_schema_length=None, strict=False))
    return out.getvalue()


def _plain(value: Any) -> Any:
    """Numbers stay numbers, lists become one text."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value if value is None or isinstance(value, int | float) else str(value)


def _csv(frame: pl.DataFrame) -> bytes:
    """UTF-8 with its mark, so that spreadsheets read every script."""
    text = pl.col(pl.String)
    safe = frame.with_columns(
        pl.when(text.str.contains(_TEMPTING)).then(pl.lit("'") + text).otherwise(text).name.keep()
    )
    return safe.write_csv(include_bom=True, quote_style="always", line_terminator="\r\n").encode()


def _xlsx(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    with workbook(out, _CREATED) as book:
        sheet(book, "list", frame)
    return out.getvalue()
