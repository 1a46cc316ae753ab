"""Two small versions in, the change events between them out."""

from collections.abc import Callable
from typing import Any

import duckdb

from golden_record.changes import diff
from rules.contracts import TABLES

Fill = Callable[..., None]
Version = dict[str, str]


def events(con: duckdb.DuckDBPyConnection, put: Fill, before: Version, now: Version, **columns: Any) -> list[Any]:
    """Events between two versions given as record id → client number; `columns` are set in the present one."""
    for prefix, version, extra in (("parent_", before, {}), ("", now, columns)):
        put(
            f"{prefix}crosswalk",
            [{"source": "s", "record_id": record, "client_number": number} for record, number in version.items()],
            "crosswalk",
        )
        put(f"{prefix}golden_party", [{"client_number": n, **extra} for n in set(version.values())], "golden_party")
    diff(con)
    TABLES["change_event"].validate(con.sql("FROM change_event").pl(), cast=True)
    rows = con.execute("SELECT event, client_number, other_number, fields, position FROM change_event").fetchall()
    assert [row[4] for row in rows] == list(range(1, len(rows) + 1))
    return [row[:4] for row in rows]


def test_the_first_night_creates(con: duckdb.DuckDBPyConnection, put: Fill) -> None:
    assert events(con, put, {}, {"a": "1"}) == [("party_created", "1", None, None)]


def test_nothing_changed(con: duckdb.DuckDBPyConnection, put: Fill) -> None:
    assert events(con, put, {"a": "1"}, {"a": "1"}) == []


def test_changed_columns_are_named_in_contract_order(con: duckdb.DuckDBPyConnection, put: Fill) -> None:
    found = events(con, put, {"a": "1"}, {"a": "1"}, sex="F", display_name="Ana")
    assert found == [("party_changed", "1", None, "display_name,sex")]


def test_a_merge_names_the_client_of_most_records(con: duckdb.DuckDBPyConnection, put: Fill) -> None:
    found = events(con, put, {"a": "1", "b": "2", "c": "2", "d": "2"}, {"a": "1", "b": "1", "c": "1", "d": "3"})
    assert found == [("parties_merged", "2", "1", None), ("party_split", "3", "2", None)]


def test_a_split_names_its_origin(con: duckdb.DuckDBPyConnection, put: Fill) -> None:
    assert events(con, put, {"a": "1", "b": "1"}, {"a": "1", "b": "2"}) == [("party_split", "2", "1", None)]


def test_a_client_without_records_retires(con: duckdb.DuckDBPyConnection, put: Fill) -> None:
    assert events(con, put, {"a": "1"}, {}) == [("party_retired", "1", None, None)]


def test_a_record_that_moves_between_clients_is_told(con: duckdb.DuckDBPyConnection, put: Fill) -> None:
    found = events(con, put, {"a": "1", "b": "1", "c": "2"}, {"a": "1", "b": "2", "c": "2"})
    assert found == [("record_moved", "2", "1", "s:b")]
