"""What matching reads of a record: keys, the learned order of names, digits of a date that is none."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest

from matching.projection import project
from rules.contracts import TABLES
from rules.contracts.matched import MatchInput
from store import tables

STD = ("std_record", "std_value", "std_name", "std_identifier", "std_address", "std_contact")
NAMES = ("given", "given_key", "given_known", "family", "family_key")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        for table in STD:
            opened.execute(f"CREATE TABLE {table} AS {tables.empty_sql(TABLES[table])}")
        opened.execute("CREATE TABLE placeholder (kind VARCHAR, value VARCHAR)")
        opened.execute("CREATE TABLE name_role (value VARCHAR, given BIGINT, family BIGINT, known BOOLEAN)")
        yield opened


def add(con: duckdb.DuckDBPyConnection, table: str, **row: Any) -> None:
    defaults = {"record_key": 1} | ({"valid": True} if table not in ("std_record",) else {})
    made = pl.DataFrame([defaults | row], strict=False)
    con.register("row", made.to_arrow())
    con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM row")
    con.unregister("row")


def person(con: duckdb.DuckDBPyConnection, key: int = 1, **row: Any) -> None:
    add(con, "std_record", record_key=key, source="s", record_id=str(key), **{"party_type": "person"} | row)


def named(con: duckdb.DuckDBPyConnection, given: str, family: str, known: bool, **row: Any) -> None:
    add(con, "std_name", **{
        "ordinal": 0, "kind": "current", "ascii": f"{given} {family}", "given_ascii": given, "family_ascii": family,
        "given_key": f"<{given}>", "family_key": f"<{family}>", "given_known": known,
    } | row)  # fmt: skip


def projected(con: duckdb.DuckDBPyConnection, model: str = "person") -> dict[str, Any]:
    project(con, model)
    frame = con.sql(f"SELECT * FROM match_input_{model}").pl()
    MatchInput.validate(frame, cast=True)
    [row] = frame.to_dicts()
    return row


def test_names_come_with_their_keys(con: duckdb.DuckDBPyConnection) -> None:
    person(con)
    named(con, "anna", "aliev", True, middle_ascii="maria", middle_key="<maria>", native_key="安")
    row = projected(con)
    assert {name: row[name] for name in NAMES} == {
        "given": "anna", "given_key": "<anna>", "given_known": True, "family": "aliev", "family_key": "<aliev>",
    }  # fmt: skip
    assert (row["middle"], row["middle_key"], row["native_key"]) == ("maria", "<maria>", "安")
    assert row["name"] == "anna aliev" and row["names"] == ["anna aliev"]


def roles(con: duckdb.DuckDBPyConnection, *rows: tuple[str, int, int, bool]) -> None:
    con.executemany("INSERT INTO name_role VALUES (?, ?, ?, ?)", rows)


def test_a_swapped_record_is_put_right_with_its_keys(con: duckdb.DuckDBPyConnection) -> None:
    person(con)
    named(con, "aliev", "anna", False)
    roles(con, ("aliev", 1, 90, False), ("anna", 90, 1, True))
    row = projected(con)
    assert {name: row[name] for name in NAMES} == {
        "given": "anna", "given_key": "<anna>", "given_known": True, "family": "aliev", "family_key": "<aliev>",
    }  # fmt: skip
    assert row["names"] == ["aliev anna"], "the forms of the name stay as they are"


def test_a_family_name_is_not_well_known_as_the_given_name_it_was_taken_for(con: duckdb.DuckDBPyConnection) -> None:
    person(con)
    named(con, "aliev", "anna", True)
    roles(con, ("aliev", 1, 90, False), ("anna", 9, 1, False))
    row = projected(con)
    assert (row["given"], row["given_known"]) == ("anna", False)


def test_a_given_name_may_be_well_known_by_the_homes_own_records(con: duckdb.DuckDBPyConnection) -> None:
    person(con)
    named(con, "aybeniz", "aliev", False)
    roles(con, ("aybeniz", 90, 1, True))
    assert projected(con)["given_known"] is True


def test_an_ambiguous_order_is_left(con: duckdb.DuckDBPyConnection) -> None:
    person(con)
    named(con, "thomas", "james", True)
    roles(con, ("thomas", 30, 35, False), ("james", 35, 30, False))
    row = projected(con)
    assert (row["given"], row["family"], row["given_known"]) == ("thomas", "james", True)


@pytest.mark.parametrize("role", [(), (("vali", 3, 2, False),)])
def test_an_order_of_which_nothing_is_known_is_left(con: duckdb.DuckDBPyConnection, role: Any) -> None:
    person(con)
    named(con, "vali", "aliev", False)
    if role:
        roles(con, *role)
    assert projected(con)["given"] == "vali"


def test_the_current_name_stands_first_and_invalid_ones_nowhere(con: duckdb.DuckDBPyConnection) -> None:
    person(con)
    named(con, "anna", "before", True, kind="former")
    named(con, "anna", "aliev", True, ordinal=2)
    named(con, "test", "test", False, ordinal=1, valid=False)
    row = projected(con)
    assert row["family"] == "aliev" and row["names"] == ["anna aliev", "anna before"]


def wrong_date(con: duckdb.DuckDBPyConnection, digits: str, reason: str, field: str = "birth_date", **row: Any) -> None:
    add(con, "std_value", **{"field": field, "raw": "?", "standard": digits, "valid": False, "reason": reason} | row)


def test_a_date_that_is_none_keeps_its_digits(con: duckdb.DuckDBPyConnection) -> None:
    person(con)
    wrong_date(con, "1921-95-03", "no such date")
    assert projected(con)["birth_date"] == "1921-95-03"


def test_a_date_goes_before_digits(con: duckdb.DuckDBPyConnection) -> None:
    person(con, birth_date=date(1980, 3, 4))
    wrong_date(con, "1980-03-04", "not told", valid=True)
    assert projected(con)["birth_date"] == "1980-03-04"


@pytest.mark.parametrize(
    ("digits", "reason", "field"),
    [
        ("1900-01-01", "placeholder", "birth_date"),
        ("1921-95-03", "no such date", "death_date"),
        (None, "x", "birth_date"),
    ],
)
def test_digits_of_placeholders_and_of_other_dates_stay_out(
    con: duckdb.DuckDBPyConnection, digits: str, reason: str, field: str
) -> None:
    person(con)
    wrong_date(con, digits, reason, field)
    assert projected(con)["birth_date"] is None


def test_learned_placeholders_stay_out(con: duckdb.DuckDBPyConnection) -> None:
    person(con, birth_date=date(1970, 1, 1))
    named(con, "no", "name", False)
    add(con, "std_contact", ordinal=0, kind="mobile", value="+994500000000")
    for kind, value in (("birth_date", "1970-01-01"), ("name", "no name"), ("contact", "+994500000000")):
        con.execute("INSERT INTO placeholder VALUES (?, ?)", [kind, value])
    row = projected(con)
    assert [row[name] for name in ("birth_date", "given", "names", "phones")] == [None] * 4


def test_organisations_have_words_and_the_date_of_registration(con: duckdb.DuckDBPyConnection) -> None:
    person(con, key=2)
    person(con, party_type="organisation", registration_date=date(2001, 2, 3))
    add(con, "std_name", ordinal=0, kind="current", ascii="brigade 44 company llc", org_core="brigade 44 company",
        org_key="brigad 44 kompani", org_own="brigad", org_initials="bfk", legal_form="LLC")  # fmt: skip
    row = projected(con, "organisation")
    assert (row["record_key"], row["birth_date"], row["legal_form"]) == (1, "2001-02-03", "LLC")
    assert (row["name"], row["name_words"], row["numbers"]) == ("brigade 44 company", ["brigad", "kompani"], ["44"])
    assert (row["name_set"], row["own_words"], row["own_set"]) == ("brigad kompani", ["brigad"], "brigad")


def test_numbers_of_a_wrong_form_are_compared_but_are_nobodys_lifelong_number(con: duckdb.DuckDBPyConnection) -> None:
    person(con)
    facts = {"type": "passport", "lifelong": True, "valid": False}
    add(con, "std_identifier", ordinal=0, number="10251111", reason="not the form of passport", **facts)
    add(con, "std_identifier", ordinal=1, number="00000000", reason="placeholder", **facts)
    add(con, "std_contact", ordinal=0, kind="phone", value="+13213212", valid=False, reason="not a number of its plan")
    add(con, "std_contact", ordinal=1, kind="phone", value="+15550000000", valid=False, reason="placeholder")
    row = projected(con)
    assert (row["identifiers"], row["lifelong"], row["phones"]) == (["passport:10251111"], None, ["13213212"])
