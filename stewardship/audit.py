"""The audit trail: who logged in, searched and opened what, one line each, chained by hashes (store/chain).

Here: what a line holds. Not here: decisions, which have a log of their own. A line names client numbers and cases,
never a client's values nor what was typed into a search.
"""

from dataclasses import dataclass
from pathlib import Path

from store import chain
from store.home import Home

FILE = "audit.jsonl"


@dataclass(frozen=True)
class Trail:
    """The trail of a home."""

    home: Home

    @property
    def file(self) -> Path:
        """Where it lies."""
        return self.home.root / FILE

    def note(self, user: str, action: str, **facts: str | int) -> None:
        """Append a line."""
        chain.append(self.file, {"user": user, "action": action, **facts})

    def lines(self, newest: int = 0) -> list[chain.Line]:
        """Its lines, oldest first, or only the `newest`."""
        return chain.lines(self.file, newest)

    def broken(self) -> list[int]:
        """Lines, from 1, that are not as they were written or do not follow the line before."""
        return chain.broken(self.file)
