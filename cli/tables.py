"""Tables on the terminal, whatever its width.

Here: how wide each column is, and what happens when they do not fit. Not here: what is shown. Nothing is ever cut: a
client number broken over two lines or ended by dots is of no use.
"""

import os
import sys
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from rich.console import Console

_FRAME = 3
"""Signs around a column: a space on each side and a line."""
_LONGEST = 24
"""A word up to this length stays on one line; longer ones (hashes, paths) are folded."""


def show_table(title: str, columns: list[str], rows: list[list[Any]]) -> None:
    """Print a table; numbers to the right with thousands apart.

    Where the columns do not fit side by side, each row becomes a small table of its own, field by field.
    """
    from rich.cells import cell_len
    from rich.console import Console

    cells = [[_cell(value) for value in row] for row in rows]
    natural = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    console = Console(width=_width(natural))
    widths = _fitted(columns, cells, natural, console.width)
    if widths is None and len(columns) > 2:
        return _upright(console, title, columns, cells)
    numeric = [bool(rows) and all(isinstance(row[place], int | float) for row in rows) for place in range(len(columns))]
    _print(console, title, columns, cells, numeric, widths)


def _width(natural: list[int]) -> int | None:
    """The terminal's own width; what goes to a file or a pipe is as wide as it needs."""
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else max(80, _whole(natural))


def _whole(widths: list[int]) -> int:
    return sum(widths) + _FRAME * len(widths) + 1


def _fitted(columns: list[str], cells: list[list[str]], natural: list[int], width: int) -> list[int] | None:
    """A width for each column, at least that of its longest word; None when these do not fit."""
    least = [_longest_word(column) for column in zip(columns, *cells, strict=True)]
    left = width - _whole(least)
    if left < 0:
        return None
    fitted = list(least)
    hungry = sorted((place for place in range(len(least)) if natural[place] > least[place]), key=lambda p: natural[p])
    for done, place in enumerate(hungry):
        more = min(natural[place] - least[place], left // (len(hungry) - done))
        fitted[place] += more
        left -= more
    return fitted


def _longest_word(texts: tuple[str, ...]) -> int:
    from rich.cells import cell_len

    return min(_LONGEST, max((cell_len(word) for text in texts for word in text.split()), default=1))


def _upright(console: "Console", title: str, columns: list[str], cells: list[list[str]]) -> None:
    console.print(title, style="italic", markup=False, highlight=False)
    for row in cells:
        pairs = [[column, value] for column, value in zip(columns, row, strict=True)]
        _print(console, "", ["", ""], pairs, [False, False], None, header=False)


def _print(
    console: "Console", title: str, columns: list[str], cells: list[list[str]], numeric: list[bool],
    widths: list[int] | None, header: bool = True,
) -> None:  # fmt: skip
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title) or None, title_justify="left", header_style="bold", show_header=header)
    for place, column in enumerate(columns):
        side: Literal["left", "right"] = "right" if numeric[place] else "left"
        width = widths[place] if widths else None
        table.add_column(escape(column), justify=side, overflow="fold", width=width)
    for row in cells:
        table.add_row(*map(escape, row))
    console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: ""}[value]
    return f"{value:,}" if isinstance(value, int | float) else str(value)
