"""A table as an output shows it: without record keys, with the declared columns, masked, as its contract promises.

Here: SQL. Not here: writing it anywhere.
"""

from dataclasses import dataclass

import duckdb

from rules.contracts import consumers, kept
from rules.errors import StoreError
from rules.publication import Publication
from stages import contract
from store.duck import identifier

_MASKS = {
    "hidden": "CAST(NULL AS {type})",
    "last4": "CASE WHEN length({cell}) > 8 THEN concat('***', right({cell}, 4)) WHEN {cell} IS NOT NULL THEN '***' END",
    "initial": "CASE WHEN {cell} <> '' THEN concat(left({cell}, 1), '.') ELSE {cell} END",
    "year": "CAST(date_trunc('year', {cell}) AS {type})",
}


@dataclass(frozen=True)
class Shown:
    """A table of an output: its columns with their SQL types, its key as far as it is shown, and its rows."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]
    query: str
    plain: bool
    """Whether all its cells are shown as they lie in the version."""

    @property
    def ordered(self) -> str:
        """The rows in an order that is the same every time."""
        return f"{self.query} ORDER BY {', '.join(map(identifier, self.key or self.columns))}"


def shown(con: duckdb.DuckDBPyConnection, name: str, target: Publication) -> Shown | None:
    """How `target` shows a table of the connection; None where it shows no column of it.

    A record key, which only we understand, is shown as source and record id. The key is empty unless all of it is
    shown as it is: then no two rows have the same.
    """
    own = _columns(con, name)
    keyed = "record_key" in own and "source" not in own
    relation = f"(SELECT * EXCLUDE (record_key) FROM {name} JOIN key_map USING (record_key))" if keyed else name
    if target.contract is not None:
        relation = _as_promised(con, name, relation, target)
    found = own if relation == name else _columns(con, relation)
    columns = {column: kind for column, kind in found.items() if column != "record_key"}
    columns = {column: kind for column, kind in columns.items() if target.shows(name, column)}
    if not columns:
        return None
    declared = target.SCHEMAS[name].primary_key()
    key = [part for column in declared for part in (("source", "record_id") if column == "record_key" else (column,))]
    whole = all(part in columns and target.mask_of(name, part) is None for part in key)
    cells = ", ".join(_cell(target, name, column, kind) for column, kind in columns.items())
    plain = relation == name and not any(target.mask_of(name, column) for column in columns)
    return Shown(name, columns, tuple(key) if whole else (), f"SELECT {cells} FROM {relation}", plain)


def _as_promised(con: duckdb.DuckDBPyConnection, name: str, relation: str, target: Publication) -> str:
    """The table as the output's contract has it, in its columns' order; no columns where it has no such table.

    Raises StoreError where a value is not as promised: a consumer that relies on the contract must not meet it.
    """
    major = target.contract or consumers.MAJOR
    promised, made = kept.promised(major, name), kept.MADE.get(major, {})
    if promised is None:
        return "(SELECT 0 AS record_key WHERE false)"
    cells = (f"{made.get(f'{name}.{column}', identifier(column))} AS {identifier(column)}" for column in promised)
    found = f"(SELECT {', '.join(cells)} FROM {relation})"
    con.execute(f"CREATE OR REPLACE TEMP VIEW extract AS FROM {found}")
    if problems := contract.not_as_promised(con, kept.kept(major)["tables"][name]):
        told = f"is not as contract {major} promises: {'; '.join(problems)}"
        raise StoreError(f"{target.name}, {name}", told, "pin the output to another contract, or mend kept.MADE")
    return found


def _cell(target: Publication, table: str, column: str, kind: str) -> str:
    how = target.mask_of(table, column)
    return (
        f"{_MASKS[how].format(cell=identifier(column), type=kind)} AS {identifier(column)}"
        if how
        else identifier(column)
    )


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
