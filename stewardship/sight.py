"""Which clients a user may see: those with a record of one of his legal entities and branches, unless they are sealed.

Here: scopes, and clients in and out of sight. Not here: what a role may do (rules/desk). A user without a scope sees
all. One with a scope sees a case where he may see both clients, and neither the API nor the random sample nor the audit
trail, which are about all of them; a client out of his sight is to him as one that there is not. A sealed client
(rules/desk) is in sight of who broke the glass, for a while.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import polars as pl

from rules.desk import SEALED_BY_ROLE, SEALED_ROLES
from rules.errors import NOBODY, NotFound, OutOfSight, Sealed, Told
from stages.lookup import Row
from store.decisions.entries import Record
from store.duck import quote, register_rows


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
        """SQL: the numbers, also retired ones, of the clients in sight."""
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


def collect(con: duckdb.DuckDBPyConnection, listed: Iterable[Record] = ()) -> None:
    """Create `sight(client_number, legal_entity, branch)` and `sealed_client(client_number, stands_for)`.

    `sealed_record(source, record_id)` are the records that the bank `listed`. The others have every number that stands
    for a client, retired ones too: what names one is about the client of today. A
    client is sealed by a role of his, or by one of those records of his.
    """
    con.execute("""
        CREATE TABLE sight AS SELECT DISTINCT n.client_number, x.legal_entity, s.branch
        FROM crosswalk x JOIN std_record s USING (record_key) JOIN ledger_number n ON n.resolves_to = x.client_number
        """)
    register_rows(con, "listed_record", dict.fromkeys(("source", "record_id"), pl.String), sorted(listed))
    con.execute("CREATE TABLE sealed_record AS FROM listed_record")
    con.unregister("listed_record")
    con.execute(f"""
        CREATE TABLE sealed_client AS
        SELECT n.client_number, p.client_number AS stands_for
        FROM golden_party p JOIN ledger_number n ON n.resolves_to = p.client_number
        WHERE {SEALED_BY_ROLE}
           OR p.client_number IN (SELECT client_number FROM crosswalk SEMI JOIN sealed_record USING (source, record_id))
        """)


def in_sight(con: duckdb.DuckDBPyConnection, seen: Scope, numbers: Iterable[str]) -> set[str]:
    """Those of `numbers` that are in sight."""
    asked = set(numbers)
    if not asked:
        return asked
    if seen.everything:
        return asked - _of(con, seen.sealed, asked)
    return _of(con, seen.numbers, asked)


def _of(con: duckdb.DuckDBPyConnection, numbers: str, asked: set[str]) -> set[str]:
    these = (
        "WHERE client_number IN (SELECT unnest(?::VARCHAR[]))"  # as text, thousands of numbers take ten times as long
    )
    found = con.execute(f"SELECT DISTINCT client_number FROM ({numbers}) {these}", [sorted(asked)])
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
        raise Sealed(number) if sees(replace(seen, opened=(number,)), client) else OutOfSight(number)


def assert_open(con: duckdb.DuckDBPyConnection, seen: Scope, found: Row) -> None:
    """Raise Sealed where a client of the past was sealed then, or had a record that is sealed now.

    Not where the user opened its number, or the client who has the record now.
    """
    party = found["party"]
    if seen.unsealed or party["client_number"] in seen.opened:
        return
    then = set((party["roles"] or "").split(",")) & set(SEALED_ROLES)
    records = [[row[name] for row in found["records"]] for name in ("source", "record_id")]
    if then or con.execute(_SEALED_RECORD.format(sealed=seen.sealed), records).fetchall():
        raise Sealed(party["client_number"])


_SEALED_RECORD = """
    SELECT 1 FROM (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS record_id)
    LEFT JOIN crosswalk x USING (source, record_id)
    WHERE x.client_number IN ({sealed}) OR x.client_number IS NULL AND (source, record_id) IN (FROM sealed_record)
    LIMIT 1"""


def assert_sees(con: duckdb.DuckDBPyConnection, seen: Scope, *numbers: str, told: Told = NOBODY) -> None:
    """Raise OutOfSight, `told` so, where one of the clients is; Sealed where only the glass is in the way."""
    shown, wider = (in_sight(con, scope, numbers) for scope in (seen, replace(seen, unsealed=True)))
    if wider != set(numbers):
        raise OutOfSight(*sorted(set(numbers) - wider), told=told)
    if shown != wider:
        raise Sealed(min(wider - shown))


@contextmanager
def alike(seen: Scope) -> Iterator[None]:
    """Whoever sees some clients is told of one that there is not, or no more, what he is told of one out of sight."""
    try:
        yield
    except NotFound:
        if seen.everything:
            raise
        raise OutOfSight from None
