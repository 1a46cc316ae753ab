"""Given and family name exchanged by a source: put right where the other records leave no doubt."""

from collections.abc import Iterator

import duckdb
import pytest

from matching.name_order import LEAST, learn, swapped

KNOWN = [
    ("anna", "aliev", 19),
    ("boris", "sidorov", 9),
    ("kim", "lee", 3),
    ("thomas", "james", 6),
    ("james", "thomas", 6),
]
SWAPPED = ("aliev", "anna")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("CREATE TABLE std_name (given_ascii VARCHAR, family_ascii VARCHAR, valid BOOLEAN)")
        for given, family, times in KNOWN:
            add(opened, given, family, times)
        yield opened


def add(con: duckdb.DuckDBPyConnection, given: str, family: str | None, times: int = 1, valid: bool = True) -> None:
    con.execute("INSERT INTO std_name SELECT ?, ?, ? FROM range(?)", [given, family, valid, times])


def changed(con: duckdb.DuckDBPyConnection, given: str, family: str | None) -> bool:
    query = f"""
        SELECT {swapped("g", "f")} FROM (SELECT ? AS given_ascii, ? AS family_ascii)
        LEFT JOIN name_role g ON g.value = given_ascii LEFT JOIN name_role f ON f.value = family_ascii"""
    return bool(con.execute(query, [given, family]).fetchall()[0][0])


def test_roles_are_counted_over_all_valid_records_as_the_first_count_put_them_right(
    con: duckdb.DuckDBPyConnection,
) -> None:
    add(con, *SWAPPED)
    add(con, "anna", "petrov", 50, valid=False)
    add(con, "olga", "once", LEAST - 1)
    learn(con)
    rows = con.execute("SELECT * FROM name_role").fetchall()
    assert rows == [
        ("aliev", 0, 20, False), ("anna", 20, 0, True), ("boris", 9, 0, False), ("james", 6, 6, False),
        ("kim", 3, 0, False), ("lee", 0, 3, False), ("sidorov", 0, 9, False), ("thomas", 6, 6, False),
    ]  # fmt: skip


def test_a_well_known_name_is_no_typing_error_of_a_frequent_one(con: duckdb.DuckDBPyConnection) -> None:
    add(con, "muhammad", "karimov", 60_000)
    add(con, "muhamad", "karimov", 25)
    add(con, "ayse", "karimov", 40)
    learn(con)
    rows = con.execute("SELECT value FROM name_role WHERE known ORDER BY value").fetchall()
    assert [row[0] for row in rows] == ["ayse", "muhammad"]


def test_a_name_without_its_other_part_has_no_role(con: duckdb.DuckDBPyConnection) -> None:
    add(con, "only", None, 5)
    add(con, "only", "", 5)
    learn(con)
    assert con.execute("SELECT * FROM name_role WHERE value = 'only'").fetchall() == []


@pytest.mark.parametrize(
    ("given", "family", "expected"),
    [
        ("aliev", "anna", True),
        ("anna", "aliev", False),
        ("thomas", "james", False),
        ("aliev", "thomas", True),
        ("thomas", "anna", True),
        ("rare", "boris", True),
        ("rare", "james", False),
        ("sidorov", "nobody", True),
        ("rare", "kim", False),
        ("nobody", "noname", False),
        ("anna", None, False),
    ],
)
def test_only_a_sure_order_is_changed(
    con: duckdb.DuckDBPyConnection, given: str, family: str | None, expected: bool
) -> None:
    add(con, *SWAPPED)
    learn(con)
    assert changed(con, given, family) is expected


def test_two_names_never_change_places_both_ways(con: duckdb.DuckDBPyConnection) -> None:
    learn(con)
    names = [row[0] for row in con.execute("SELECT value FROM name_role").fetchall()]
    pairs = [(one, other) for one in names for other in names]
    assert [pair for pair in pairs if changed(con, *pair) and changed(con, *reversed(pair))] == []
    assert any(changed(con, *pair) for pair in pairs)
