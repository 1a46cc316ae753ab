"""Clients against entries of a list: which meet, since when, and what stays cleared."""

from datetime import date

import pytest

from client_view.screening import screen
from rules.view.packs import SCREENING
from rules.view.shape import load_pack

from .conftest import TODAY

LATER = date(2026, 3, 9)


@pytest.fixture
def client(insert):
    def one(number, given="ivan", family="petrov", born="1970-01-02", **facts):
        insert("golden_party", client_number=number, **{"party_type": "person", "birth_date": born, **facts})
        insert("ledger_number", client_number=number, state="live", resolves_to=number)
        full = f"{given} {family}"
        insert("golden_name", client_number=number, position=1, record_key=int(number), kind="current", full=full)
        insert("std_name", record_key=int(number), ordinal=0, kind="current", full=full, ascii=full, given_key=given,
               family_key=family)  # fmt: skip

    return one


@pytest.fixture
def listed(insert):
    def one(entry, given="ivan", family="petrov", born="1970-01-02", **facts):
        name = f"{family} {given}"
        insert("std_listed", feed="sanctions", item=entry, ordinal=0, name=name, ascii=name, given_key=given,
               family_key=family, birth_date=born, **facts)  # fmt: skip

    return one


@pytest.fixture
def screened(con, rows):
    rules = {"screening": load_pack(SCREENING, TODAY)}

    def run(day=TODAY, what="client_number, outcome, rule"):
        screen(con, rules, day)
        con.execute("CREATE OR REPLACE TABLE parent_view_screening AS FROM view_screening")
        return rows(f"SELECT {what} FROM view_screening ORDER BY ALL")

    return run


def test_a_name_in_another_order_with_the_same_date_is_a_hit(client, listed, screened):
    client("1")
    listed("E1")
    assert screened() == [("1", "hit", "name_and_birth")]


@pytest.mark.parametrize(
    ("born", "found"),
    [
        ("1970-05-05", [("1", "possible", "name_and_year")]),
        ("1950-01-02", []),
        (None, [("1", "possible", "name_alone")]),
    ],
)
def test_another_date_weakens_or_ends_it(born, found, client, listed, screened):
    client("1")
    listed("E1", born=born)
    assert screened() == found


def test_a_similar_given_name_and_the_same_date_is_possible(client, listed, screened):
    client("1", given="ivana")
    listed("E1")
    assert screened() == [("1", "possible", "near_name_and_birth")]


def test_a_number_decides_whatever_the_name(client, listed, insert, screened):
    client("1", given="other", family="name", born="1999-09-09")
    insert("golden_identifier", client_number="1", position=1, number="AB1234567")
    listed("E1", number="ab 123-45-67")
    assert screened() == [("1", "hit", "number")]


def test_a_party_that_is_no_client_is_screened_by_the_name_in_a_relation(insert, listed, screened):
    insert(
        "view_relationship", client_number="1", feed="f", item="1", ordinal=0, kind="owner", other_name="Petrov  Ivan"
    )
    listed("E1", born=None)
    assert screened(what="client_number, subject, outcome") == [("1", "owner", "possible")]


def test_an_entry_that_its_list_lost_meets_nobody(client, listed, screened):
    client("1")
    listed("E1", gone_since=TODAY)
    assert screened() == []


SEEN = "client_number, since, cleared"


def test_what_was_known_keeps_its_date_through_a_merge(client, listed, con, screened):
    client("2")
    listed("E1")
    assert screened(what=SEEN) == [("2", TODAY, False)]
    con.execute("UPDATE ledger_number SET state = 'merged', resolves_to = '1' WHERE client_number = '2'")
    for table in ("golden_party", "golden_name"):
        con.execute(f"UPDATE {table} SET client_number = '1'")
    assert screened(LATER, SEEN) == [("1", TODAY, False)]


def test_a_cleared_meeting_stays_cleared_until_its_evidence_changes(client, listed, insert, con, screened):
    client("1")
    listed("E1")
    [(evidence,)] = screened(what="evidence")
    insert(
        "view_clearing",
        client_number="1",
        feed="c",
        item="1",
        ordinal=0,
        list="sanctions",
        entry="E1",
        evidence=evidence,
    )
    assert screened(LATER, SEEN) == [("1", TODAY, True)]
    con.execute("UPDATE std_listed SET number = 'NEW'")
    assert screened(LATER, SEEN) == [("1", LATER, False)]
