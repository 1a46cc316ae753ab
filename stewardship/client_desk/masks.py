"""Values that a role sees by their last letters only.

Here: masking rows of the client desk. Not here: which (rules/desk).
"""

from collections.abc import Iterable
from typing import Any

from rules.desk import MASKED
from stages.lookup import Row

SHOWN = 4
"""Letters that stay, of a value twice as long; of a shorter one none."""


def masked(role: str, rows: Iterable[Row]) -> list[Row]:
    """The rows as the role may see them: columns by their name, golden values by the kind that `field` begins with."""
    hidden = MASKED.get(role, frozenset())
    return [_row(row, hidden) for row in rows] if hidden else list(rows)


def _row(row: Row, hidden: frozenset[str]) -> Row:
    kind = str(row.get("field", "")).replace("#", ".").partition(".")[0]
    return {
        name: _ends(value) if value and (name in hidden or (name in ("value", "now") and kind in hidden)) else value
        for name, value in row.items()
    }


def _ends(value: Any) -> str:
    text = str(value)
    return "••••" + (text[-SHOWN:] if len(text) >= 2 * SHOWN else "")
