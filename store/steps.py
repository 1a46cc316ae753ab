"""Steps that each make a table, as one query: nothing is made, so that it can be prepared once and asked often.

Here: noting statements, putting them together. Not here: any step. DuckDB plans a statement anew after any table was
made or dropped, which takes longer than the statement itself where rows are few.
"""

import re
from typing import Protocol

_MAKES = re.compile(r"\s*CREATE (?:OR REPLACE )?(?:TEMP )?TABLE (\S+) AS\s")


class Runs(Protocol):
    """What runs a statement: a connection, or `Steps`."""

    def execute(self, query: str, /) -> object:
        """Run it."""


class Steps:
    """Notes `CREATE TABLE … AS` in place of running it; what drops a table is not noted."""

    def __init__(self) -> None:
        self._made: dict[str, str] = {}

    def execute(self, query: str, /) -> None:
        """Note a statement; one of a table that was noted before takes its place."""
        if found := _MAKES.match(query):
            self._made[found.group(1)] = query[found.end() :]

    def query(self, last: str) -> str:
        """`last`, which may name every table that was noted."""
        made = ", ".join(f"{name} AS ({body})" for name, body in self._made.items())
        return f"WITH {made} {last}" if made else last


def made_by(statement: str) -> str | None:
    """The table that a `CREATE TABLE … AS` makes."""
    found = _MAKES.match(statement)
    return found.group(1) if found else None
