"""Record keys: stable, never reused, whatever arrives in whatever order."""

from collections.abc import Iterator

import duckdb
import pytest

from store import keymap
from store.duck import connect
from store.home import Home


@pytest.fixture
def con(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect([home.root], home.staging, threads=1) as opened:
        yield opened


def register(con: duckdb.DuckDBPyConnection, home: Home, source: str, *ids: str | None) -> int:
    values = ", ".join("(NULL)" if record is None else f"('{record}')" for record in ids)
    con.execute(f"CREATE OR REPLACE TABLE arrived AS SELECT * FROM (VALUES {values}) t(record_id)")
    return keymap.register(con, home, source, "arrived")


def keys(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    found = con.execute("SELECT source, record_id, record_key FROM key_map").fetchall()
    return {(source, record): key for source, record, key in found}


def test_a_new_home_has_an_empty_map(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    keymap.attach(con, home)
    assert keys(con) == {}


def test_keys_are_given_once_and_stay(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    assert register(con, home, "crm", "b", "a", "a") == 2
    first = keys(con)
    assert first == {("crm", "a"): 1, ("crm", "b"): 2}
    assert register(con, home, "core", "a") == 1
    assert register(con, home, "crm", "c", "a") == 1
    assert register(con, home, "crm", "a", "b", "c") == 0
    assert keys(con) == first | {("core", "a"): 3, ("crm", "c"): 4}


def test_keys_of_records_that_went_are_not_reused(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    register(con, home, "crm", "a", "b")
    register(con, home, "crm", "c")
    register(con, home, "crm", "a", "b")
    assert keys(con) == {("crm", "a"): 1, ("crm", "b"): 2, ("crm", "c"): 3}


def test_the_order_of_rows_does_not_matter(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    register(con, home, "crm", "b", "c", "a")
    assert keys(con) == {("crm", "a"): 1, ("crm", "b"): 2, ("crm", "c"): 3}


def test_records_without_a_key_of_their_own_get_none(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    assert register(con, home, "crm", None, "a") == 1
    assert register(con, home, "crm", None, "a") == 0


def test_another_process_sees_the_same_keys_and_a_half_written_file_is_ignored(
    con: duckdb.DuckDBPyConnection, home: Home
) -> None:
    register(con, home, "crm", "it''s", "a")
    (home.keys / "000000000009.tmp").write_bytes(b"PAR1 cut")
    with connect([home.root], home.staging) as other:
        keymap.attach(other, home)
        assert keys(other) == keys(con) and ("crm", "it's") in keys(other)
        assert register(other, home, "crm", "z") == 1 and keys(other)["crm", "z"] == 3
