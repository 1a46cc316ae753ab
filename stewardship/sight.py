"""Which clients a user may see: those with a record of one of his legal entities and branches, unless they are sealed.

Here: scopes, and clients in and out of sight. Not here: what a role may do (rules/desk). A user without a scope sees
all. One with a scope sees a case where he may see both clients, and neither the API nor the random sample nor the audit
trail, which are about all of them. A sealed client (rules/desk) is in sight of who broke the glass, for a while.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from rules.desk import SEALED_ROLES
from rules.errors import NotFound, Sealed
from stages.lookup import Row
from store.duck import quote


@dataclass(frozen=True)
class Scope:
    """Legal entities and branches of a user or a service; empty: all of them."""

    entities: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    """Sealed clients that the user opened."""
    unsealed: bool = False
    """Whether sealed clients are in sight like others: a service reads for systems, not for eyes."""

    @property
    def everything(self) -> bool:
        """Whether no client is out of sight."""
        return not (self.entities or self.branches)

    @property
    def numbers(self) -> str:
        """SQL: the numbers of the clients in sight."""
        parts = (("legal_entity", self.entities), ("branch", self.branches))
        asked = [f"{column} IN ({', '.join(map(quote, words))})" for column, words in parts if words]
        asked.append(f"client_number NOT IN ({self.sealed})")
        return f"SELECT client_number FROM sight WHERE {' AND '.join(asked)}"

    @property
    def sealed(self) -> str:
        """SQL: the numbers, also retired ones, of the sealed clients that the user did not open."""
        shut = f"NOT {self.unsealed} AND stands_for NOT IN ({_listed(self.opened)})"
        return f"SELECT client_number FROM sealed_client WHERE {shut}"

    @property
    def cases(self) -> str:
        """SQL: the cases between two clients in sight."""
        if self.everything:
            return f"(FROM case_item WHERE number_one NOT IN ({self.sealed}) AND number_other NOT IN ({self.sealed}))"
        return f"(FROM case_item WHERE number_one IN ({self.numbers}) AND number_other IN ({self.numbers}))"


EVERYTHING = Scope()


def _listed(words: Iterable[str]) -> str:
    return ", ".join(["''", *map(quote, sorted(words))])


def scope(entities: str, branches: str, opened: Iterable[str] = ()) -> Scope:
    """A scope as the desk's database writes it: names with commas."""
    named, others = (tuple(word for word in told.split(",") if word) for told in (entities, branches))
    return Scope(named, others, tuple(opened))


def collect(con: duckdb.DuckDBPyConnection) -> None:
    """Create `sight(client_number, legal_entity, branch)` and `sealed_client(client_number, stands_for)`."""
    con.execute("""
        CREATE TABLE sight AS SELECT DISTINCT x.client_number, x.legal_entity, s.branch
        FROM crosswalk x JOIN std_record s USING (record_key)""")
    con.execute(f"""
        CREATE TABLE sealed_client AS
        SELECT n.client_number, p.client_number AS stands_for
        FROM golden_party p JOIN ledger_number n ON n.resolves_to = p.client_number
        WHERE list_has_any(string_split(p.roles, ','), [{", ".join(map(quote, SEALED_ROLES))}])""")


def in_sight(con: duckdb.DuckDBPyConnection, seen: Scope, numbers: Iterable[str]) -> set[str]:
    """Those of `numbers` that are in sight."""
    asked = set(numbers)
    if not asked:
        return asked
    if seen.everything:
        return asked - _of(con, seen.sealed, asked)
    return _of(con, seen.numbers, asked)


def _of(con: duckdb.DuckDBPyConnection, numbers: str, asked: set[str]) -> set[str]:
    found = con.execute(f"SELECT DISTINCT client_number FROM ({numbers}) WHERE client_number IN ({_listed(asked)})")
    return {str(number) for (number,) in found.fetchall()}


def sees(seen: Scope, client: dict[str, Any]) -> bool:
    """Whether a client of the index (stages/index) is in sight; the same rule without a database."""
    sealed = client["sealed"] and not seen.unsealed and client["party"]["client_number"] not in seen.opened
    return not sealed and (seen.everything or any(_belongs(seen, office) for office in client["offices"]))


def _belongs(seen: Scope, office: dict[str, str | None]) -> bool:
    asked = ((office["legal_entity"], seen.entities), (office["branch"], seen.branches))
    return all(not names or value in names for value, names in asked)


def assert_sees_client(seen: Scope, client: dict[str, Any]) -> None:
    """The same as `assert_sees` of a client of the index."""
    number = client["party"]["client_number"]
    if not sees(seen, client):
        raise Sealed(number) if sees(replace(seen, opened=(number,)), client) else _out_of_sight()


def assert_open(seen: Scope, party: Row) -> None:
    """Raise Sealed where a party of the past was sealed then, and the user did not open its number."""
    sealed = set((party["roles"] or "").split(",")) & set(SEALED_ROLES)
    if sealed and not seen.unsealed and party["client_number"] not in seen.opened:
        raise Sealed(party["client_number"])


_OTHERS = ("other_number", "owner_number", "client_number", "employer_client")
"""Columns of a client's view that name another client."""
_GROUP = "group_number"
"""The column that names a household or group by its least member."""


def unsealed(con: duckdb.DuckDBPyConnection, found: list[Row], seen: Scope) -> list[Row]:
    """The rows that name no sealed client: that somebody is related to one is told to nobody either.

    A group that is named after a sealed member has no name then; its other members stay.
    """
    named = {str(row[column]) for row in found for column in (*_OTHERS, _GROUP) if row.get(column)}
    shown = in_sight(con, Scope(opened=seen.opened), named)
    told = [row for row in found if all(not row.get(column) or row[column] in shown for column in _OTHERS)]
    return [{**row, _GROUP: None} if row.get(_GROUP) and row[_GROUP] not in shown else row for row in told]


def assert_sees(con: duckdb.DuckDBPyConnection, seen: Scope, *numbers: str) -> None:
    """Raise NotFound where one of the clients is out of sight, Sealed where only the glass is in the way."""
    shown, wider = (in_sight(con, scope, numbers) for scope in (seen, replace(seen, unsealed=True)))
    if wider != set(numbers):
        raise _out_of_sight()
    if shown != wider:
        raise Sealed(min(wider - shown))


def _out_of_sight() -> NotFound:
    problem = "is of another legal entity or branch than yours"
    return NotFound("client", problem, "ask who keeps the users, or a colleague of that entity or branch")
