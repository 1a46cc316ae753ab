"""Words and dates as SQL literals.

Here: these two. Not here: conditions of rules (rules/view/cells).
"""

from collections.abc import Iterable
from datetime import date


def listed(words: Iterable[str]) -> str:
    """Words, comma separated."""
    return ", ".join(f"'{word}'" for word in words)


def dated(day: date) -> str:
    """A date."""
    return f"DATE '{day.isoformat()}'"
