"""A table as an output shows it: without record keys, with the declared columns, masked.

Here: SQL. Not here: writing it anywhere.
"""

from dataclasses import dataclass

import duckdb

from rules.publication import Publication
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
    keyed = "record_key" in _columns(con, name) and "source" not in _columns(con, name)
    relation = f"(SELECT * EXCLUDE (record_key) FROM {name} JOIN key_map USING (record_key))" if keyed else name
    columns = {column: kind for column, kind in _columns(con, relation).items() if column != "record_key"}
    columns = {column: kind for column, kind in columns.items() if target.shows(name, column)}
    if not columns:
        return None
    declared = target.SCHEMAS[name].primary_key()
    key = [part for column in declared for part in (("source", "record_id") if column == "record_key" else (column,))]
    whole = all(part in columns and target.mask_of(name, part) is None for part in key)
    cells = ", ".join(_cell(target, name, column, kind) for column, kind in columns.items())
    plain = relation == name and not any(target.mask_of(name, column) for column in columns)
    return Shown(name, columns, tuple(key) if whole else (), f"SELECT {cells} FROM {relation}", plain)


def _cell(target: Publication, table: str, column: str, kind: str) -> str:
    how = target.mask_of(table, column)
    return (
        f"{_MASKS[how].format(cell=identifier(column), type=kind)} AS {identifier(column)}"
        if how
        else identifier(column)
    )


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
