"""Values that a role sees by their last letters only, of a day none.

Here: masking rows of pages, and lines of a comparison or a preview. Not here: which (rules/desk).
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rules.desk import MASKED
from stages.lookup import Row
from stewardship import compare, previewed
from stewardship.compare import Cell, Value

SHOWN = 4
"""Letters that stay, of a value twice as long; of a shorter one none."""
_KINDS = {
    "document": "identifier", "identifier_number": "identifier", "checked_number": "identifier", "phone": "contact",
    "email": "contact",
}  # fmt: skip
"""Kinds of values by the names that a comparison and the forms have for them."""


def masked(role: str, rows: Iterable[Row]) -> list[Row]:
    """The rows as the role may see them: columns by their name, golden values by the kind that `field` begins with."""
    hidden = MASKED.get(role, frozenset())
    return [_row(row, hidden) for row in rows] if hidden else list(rows)


def compared(role: str, lines: Iterable[compare.Line]) -> list[compare.Line]:
    """The lines of two records; whether they differ stays, where does not."""
    hidden = MASKED.get(role, frozenset())
    return [
        replace(line, left=_cell(line.left), right=_cell(line.right)) if _kind(line.field) in hidden else line
        for line in lines
    ]


def preview(role: str, lines: Iterable[previewed.Line]) -> list[previewed.Line]:
    """The lines of a preview."""
    hidden = MASKED.get(role, frozenset())
    return [
        replace(line, cells=[[_ends(value) for value in cell] for cell in line.cells])
        if _kind(line.field) in hidden else line
        for line in lines
    ]  # fmt: skip


def _row(row: Row, hidden: frozenset[str]) -> Row:
    """The row, and what `lost` to its value, masked alike."""
    own = {**row, "lost": [_row(each, hidden) for each in row["lost"]]} if "lost" in row else row
    named = _kind(str(row.get("field", ""))) in hidden
    return {
        name: _ends(value) if value and (_kind(name) in hidden or (name in ("value", "now") and named)) else value
        for name, value in own.items()
    }


def _kind(name: str) -> str:
    first = name.replace("#", ".").partition(".")[0]
    return _KINDS.get(first, first)


def _cell(cell: Cell | None) -> Cell | None:
    if cell is None:
        return None
    value = Value(_ends(cell.value.standard), "", cell.value.reason)
    return Cell(value, ((value.standard, False),))


def _ends(value: Any) -> str:
    text = str(value)
    shows = len(text) >= 2 * SHOWN and not re.fullmatch(r"\d{4}-\d\d-\d\d", text)
    return "••••" + (text[-SHOWN:] if shows else "")
