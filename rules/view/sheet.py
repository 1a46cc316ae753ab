"""A rule pack as an Excel decision table: one row per rule, in the first sheet or the one named as the pack.

Columns: `id`, `reason`, `cites`, `from`, `to`; every other column is one that the pack reads (a condition) or gives (a
result). Here: cells to rules. Not here: what a condition means (cells).
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import fastexcel

from rules.errors import ConfigError
from rules.load import nearest
from rules.view.shape import Pack, Placed, Rule

_OWN = ("id", "reason", "cites", "from", "to")
_NEEDED = ("id", "reason", "cites")


def read_sheet(pack: Pack, path: Path) -> list[Placed]:
    """Rules of the workbook; ConfigError names file, sheet and row as Excel counts them."""
    sheet, rows = _rows(pack, path)
    place = f"{path}, sheet {sheet}"
    head = [str(cell or "").strip() for cell in rows[0]] if rows else []
    for column in (name for name in head if name):
        known = [*_OWN, *pack.gives, *pack.columns]
        if column not in known:
            raise ConfigError(f"{place}, row 1", f"'{column}' is no column of pack {pack.name}", nearest(column, known))
        if head.count(column) > 1:
            raise ConfigError(f"{place}, row 1", f"the column '{column}' stands twice", "keep one of them")
    for column in _NEEDED:
        if column not in head:
            raise ConfigError(
                f"{place}, row 1", f"the column '{column}' is missing", f"add it; {', '.join(_OWN)} are known"
            )
    placed = [
        _rule(pack, dict(zip(head, cells, strict=True)), f"{place}, row {number}")
        for number, cells in enumerate(rows[1:], 2)
        if any(cell not in (None, "") for cell in cells)
    ]
    _refuse_twice(placed)
    return placed


def _rows(pack: Pack, path: Path) -> tuple[str, list[list[Any]]]:
    try:
        book = fastexcel.read_excel(path)
        sheet = pack.name if pack.name in book.sheet_names else book.sheet_names[0]
        frame = book.load_sheet(sheet, header_row=None, dtypes="string").to_arrow()
    except (fastexcel.FastExcelError, ValueError, IndexError):
        raise ConfigError(str(path), "is no Excel workbook that can be read", "save it as .xlsx") from None
    return sheet, [list(row.values()) for row in frame.to_pylist()]


def _rule(pack: Pack, cells: dict[str, Any], place: str) -> Placed:
    for column in _NEEDED:
        if cells[column] in (None, ""):
            raise ConfigError(place, f"'{column}' is empty", "every rule has an id, a reason and its source")
    rule = Rule.model_validate(
        {
            "when": {name: cell for name, cell in cells.items() if name in pack.columns and name not in pack.gives},
            "then": {name: _value(pack, name, cells.get(name), place) for name in pack.gives if name in cells},
            "reason": str(cells["reason"]),
            "cites": str(cells["cites"]),
            "from": _day(cells.get("from"), place),
            "to": _day(cells.get("to"), place),
        }
    )
    return str(cells["id"]), rule, lambda *_cell: place


def _value(pack: Pack, name: str, cell: Any, place: str) -> Any:
    kind = pack.gives[name]
    if cell in (None, "") or isinstance(kind, tuple) or kind is str:
        return cell
    if kind is bool and str(cell).lower() in ("true", "false"):
        return str(cell).lower() == "true"
    try:
        return int(cell)
    except ValueError:
        raise ConfigError(place, f"'{name}' must be {'true or false' if kind is bool else 'a whole number'}") from None


def _day(cell: Any, place: str) -> date | None:
    if cell in (None, ""):
        return None
    try:
        return datetime.fromisoformat(str(cell)).date()
    except ValueError:
        raise ConfigError(place, "'from' or 'to' is no date", "write 2026-01-31") from None


def _refuse_twice(placed: list[Placed]) -> None:
    seen: set[str] = set()
    for name, _, place in placed:
        if name in seen:
            raise ConfigError(place(), f"the rule '{name}' stands twice", "give each rule its own id")
        seen.add(name)
