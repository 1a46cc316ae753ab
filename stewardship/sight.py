"""Which clients a user may see: those with a record of one of his legal entities and branches.

Here: scopes, and clients in and out of sight. Not here: what a role may do (rules/desk). A user without a scope sees
all. One with a scope sees a case where he may see both clients, and neither the API nor the random sample nor the audit
trail, which are about all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from rules.errors import NotFound
from store.duck import quote


@dataclass(frozen=True)
class Scope:
    """Legal entities and branches of a user; empty: all of them."""

    entities: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether no client is out of sight."""
        return not (self.entities or self.branches)

    @property
    def numbers(self) -> str:
        """SQL: the numbers of the clients in sight."""
        parts = (("legal_entity", self.entities), ("branch", self.branches))
        asked = [f"{column} IN ({', '.join(map(quote, words))})" for column, words in parts if words]
        return f"SELECT client_number FROM sight WHERE {' AND '.join(asked) or 'true'}"


EVERYTHING = Scope()


def scope(entities: str, branches: str) -> Scope:
    """A scope as the desk's database writes it: names with commas."""
    return Scope(*(tuple(word for word in told.split(",") if word) for told in (entities, branches)))


def collect(con: duckdb.DuckDBPyConnection) -> None:
    """Create `sight(client_number, legal_entity, branch)` of the version."""
    con.execute("""
        CREATE TABLE sight AS SELECT DISTINCT x.client_number, x.legal_entity, s.branch
        FROM crosswalk x JOIN std_record s USING (record_key)""")


def in_sight(con: duckdb.DuckDBPyConnection, seen: Scope, numbers: Iterable[str]) -> set[str]:
    """Those of `numbers` that are in sight."""
    asked = set(numbers)
    if seen.everything or not asked:
        return asked
    listed = ", ".join(map(quote, sorted(asked)))
    found = con.execute(f"SELECT DISTINCT client_number FROM ({seen.numbers}) WHERE client_number IN ({listed})")
    return {str(number) for (number,) in found.fetchall()}


def assert_sees(con: duckdb.DuckDBPyConnection, seen: Scope, *numbers: str) -> None:
    """Raise NotFound where one of the clients is out of sight."""
    if in_sight(con, seen, numbers) != set(numbers):
        problem = "is of another legal entity or branch than yours"
        raise NotFound("client", problem, "ask who keeps the users, or a colleague of that entity or branch")
