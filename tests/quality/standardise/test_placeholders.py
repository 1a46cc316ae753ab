"""Placeholders are found by declared list and by how many different parties share them."""

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import polars as pl
import pytest

from quality.standardise.placeholders import learn
from rules.placeholders import Placeholders, load_placeholders

PEOPLE = 2_000
DAY = date(1980, 6, 16)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """2,000 people, each of their own family name and birth date; 30 share a phone, a family of 40 another."""
    with duckdb.connect() as connection:
        keys = range(PEOPLE)
        born = [date(1950, 1, 1) + timedelta(days=7 * key) for key in keys]
        born[100:150] = [DAY] * 50
        families = [f"family{key}" if not 500 <= key < 540 else "big" for key in keys]
        born[500:540] = [date(1970, 1, 1) + timedelta(days=key % 3) for key in range(40)]
        frames = {
            "std_record": pl.DataFrame({"record_key": keys, "birth_date": born, "registration_date": [None] * PEOPLE},
                                       schema_overrides={"registration_date": pl.Date}),
            "std_name": pl.DataFrame({"record_key": keys, "kind": "current", "family_ascii": families,
                                      "org_core": "", "ascii": ["test test", *families[1:]]}),
            "std_contact": rows(contacts(), "record_key", "value", "valid", "reason"),
            "std_identifier": rows(identifiers(), "record_key", "type", "number", "valid", "reason"),
        }  # fmt: skip
        for name, frame in frames.items():
            connection.register("frame", frame.to_arrow())
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
        yield connection


def rows(values: list[tuple], *names: str) -> pl.DataFrame:
    kinds = {"record_key": pl.Int64, "valid": pl.Boolean}
    return pl.DataFrame(values, schema={name: kinds.get(name, pl.String) for name in names}, orient="row")


def contacts() -> list[tuple]:
    own = [(key, f"+99450{key:07}", True, None) for key in range(PEOPLE)]
    shared = [(key, "+994502120000", True, None) for key in range(200, 230)]
    family = [(key, "+994502129999", True, None) for key in range(500, 540)]
    few = [(key, "few@mail.az", True, None) for key in range(15)]
    return [*own, *shared, *family, *few, (3, "test@test.com", False, "placeholder")]


def identifiers() -> list[tuple]:
    own = [(key, "passport", f"AA{key:07}", True, None) for key in range(PEOPLE)]
    shared = [(key, "passport", "AA5550000", True, None) for key in range(700, 706)]
    five = [(key, "passport", "AA5550001", True, None) for key in range(710, 715)]
    return [*own, *shared, *five]


def found(con: duckdb.DuckDBPyConnection, declared: Placeholders | None = None) -> list[tuple]:
    learn(con, declared or load_placeholders())
    return con.execute("SELECT kind, value, records, rule FROM placeholder").fetchall()


def test_learned_and_declared(con: duckdb.DuckDBPyConnection) -> None:
    assert found(con) == [
        ("birth_date", "1980-06-16", 50, "learned: 50 records, expected 0"),
        ("contact", "+994502120000", 30, "learned: 30 parties share it"),
        ("contact", "test@test.com", 1, "declared"),
        ("identifier", "passport:AA5550000", 6, "learned: 6 parties share it"),
        ("name", "test test", 1, "declared"),
    ]


def test_no_row_is_lost_and_learning_twice_gives_the_same(con: duckdb.DuckDBPyConnection) -> None:
    assert found(con) == found(con)
    assert con.execute("SELECT count(*) FROM std_contact").fetchone() == (len(contacts()),)


def test_first_of_january_in_many_years_is_a_year_and_no_dummy(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "UPDATE std_record SET birth_date = make_date((1900 + record_key // 40)::INT, 1, 1) WHERE record_key >= 1600"
    )
    assert [value for kind, value, *_ in found(con) if kind == "birth_date"] == ["1980-06-16"]


def test_fingerprint_changes_with_the_list() -> None:
    declared = load_placeholders()
    other = declared.model_copy(update={"names": ("nobody",)})
    assert declared.fingerprint() == load_placeholders().fingerprint() != other.fingerprint()
