"""Who looks after whom: a few managers and premium clients of one legal entity."""

from datetime import date

import pytest

from client_view.allocation import allocate
from rules.view.packs import PACKS
from rules.view.shape import load_pack

from .conftest import TODAY

LATER = date(2026, 3, 9)


@pytest.fixture(scope="module")
def rules():
    return {pack.name: load_pack(pack, TODAY) for pack in PACKS}


@pytest.fixture
def manager(insert):
    def some(*codes, **facts):
        for code in codes:
            insert("std_manager", feed="m", item=code, ordinal=0, code=code, legal_entity="bank", **facts)

    return some


@pytest.fixture
def client(insert, con):
    con.execute("""CREATE OR REPLACE TEMP TABLE cv_priced
                   (client_number VARCHAR, legal_entity VARCHAR, branch VARCHAR, worth DECIMAL(24, 2), open BOOLEAN)""")

    def some(*numbers, branch=None, served_by="manager", premium=True, last_contact_days=1, **facts):
        for number in numbers:
            insert("view_client", client_number=number, party_type="person", last_contact_days=last_contact_days,
                   **{"financial_assets": 1, **facts})  # fmt: skip
            insert("view_tier", client_number=number, premium=premium, served_by=served_by)
            insert("ledger_number", client_number=number, state="live", resolves_to=number)
            insert("cv_priced", client_number=number, legal_entity="bank", branch=branch, worth=1, open=True)

    return some


@pytest.fixture
def served(insert):
    """The owning system says that a manager has a client."""

    def one(number, code, since="2026-02-20", **facts):
        insert("view_assignment", client_number=number, feed="a", item=f"{number}{code}", ordinal=0, manager=code,
               legal_entity="bank", since=since, **facts)  # fmt: skip

    return one


FAMILIAR = {"knows_finances": True, "by_appointment": True}
WHO = "SELECT client_number, manager, step FROM view_allocation ORDER BY ALL"


@pytest.fixture
def night(con, rules, rows):
    def run(sql=WHO, day=TODAY):
        con.execute("CREATE OR REPLACE TABLE parent_view_allocation AS FROM view_allocation")
        allocate(con, rules, day, 30, 100)
        return rows(sql)

    return run


def test_clients_of_a_leaver_land_with_managers_of_free_capacity(manager, client, served, night):
    manager("gone", left_on="2026-03-01", capacity=40)
    manager("a", capacity=25)
    manager("b", capacity=30)
    manager("full", capacity=1)
    numbers = [f"{n:02d}" for n in range(40)]
    client(*numbers, "old")
    served("old", "full")
    for number in numbers:
        served(number, "gone")
    told = night("""
        SELECT manager, count(DISTINCT client_number), max(released), min(first_contact_due) FROM view_allocation
        WHERE previous = 'gone' GROUP BY ALL ORDER BY ALL""")
    due = date(2026, 4, 2)
    assert told == [("a", 20, "manager_left", due), ("b", 20, "manager_left", due)]
    assert night("SELECT manager FROM view_allocation WHERE client_number = 'old'") == [("full",)]


def test_familiar_clients_come_before_others_where_room_is_short(manager, client, served, night):
    manager("a", capacity=1)
    client("1", "2")
    served("1", "a", since="2020-01-01")
    served("2", "a", **FAMILIAR)
    assert night() == [("1", None, "waits"), ("2", "a", "familiar")]


def test_one_side_of_the_criteria_makes_nobody_familiar(manager, client, served, night):
    manager("a", capacity=1)
    client("1")
    served("1", "a", knows_finances=True, knows_occupation=True)
    assert night() == [("1", "a", "kept")]


def test_of_competing_managers_one_has_the_client(manager, client, served, night):
    manager("a", "b", "c")
    client("1", "2", "3")
    for number in "123":
        served(number, "a", since="2026-02-01")
    served("1", "b", since="2026-01-01", **FAMILIAR)
    served("2", "b", since="2026-02-10")
    served("3", "b", since="2026-01-01", **FAMILIAR)
    served("3", "c", since="2025-01-01", chosen=True)
    assert night() == [("1", "b", "familiar"), ("2", "b", "kept"), ("3", "c", "chosen")]


def test_without_a_manager_it_goes_by_turn_and_the_rest_waits_until_there_is_room(manager, client, con, night):
    manager("a", capacity=2)
    client("1")
    client("2", card_level="platinum")
    client("3", card_level="diamond")
    assert night() == [("1", None, "waits"), ("2", "a", "centre"), ("3", "a", "centre")]
    con.execute("UPDATE std_manager SET capacity = 3")
    told = night("SELECT client_number, since FROM view_allocation ORDER BY ALL", LATER)
    assert told == [("1", LATER), ("2", TODAY), ("3", TODAY)]


def test_a_waiting_client_waits_since_the_first_day(manager, client, night):
    manager("a", capacity=0)
    client("1")
    night()
    assert night("SELECT manager, since FROM view_allocation", LATER) == [(None, TODAY)]


def test_a_neglected_client_goes_to_another_manager_and_the_revenue_stays_with_the_first(
    manager, client, served, night
):
    manager("a", "b")
    client("1", last_contact_days=91)
    served("1", "a", since="2025-10-01")
    told = "SELECT manager, step, previous, released, credited_to FROM view_allocation"
    moved = [("b", "centre", "a", "not_contacted", "a")]
    assert night(told) == moved
    assert night(told) == moved, "the same date computed again says the same"
    assert night(told, LATER) == moved, "the owning system has not taken it up yet"


def test_who_is_neglected_by_the_only_manager_waits(manager, client, served, night):
    manager("a")
    client("1", last_contact_days=91)
    served("1", "a", since="2025-10-01")
    assert night() == [("1", None, "waits")]


def test_whom_a_client_chose_keeps_it_until_leaving(manager, client, served, con, night):
    manager("a", "b")
    client("1", last_contact_days=400)
    served("1", "a", since="2020-01-01", chosen=True)
    assert night() == [("1", "a", "chosen")]
    con.execute("UPDATE std_manager SET gone_since = DATE '2026-03-09' WHERE code = 'a'")
    assert night(day=LATER) == [("1", "b", "centre")]


def test_a_later_word_of_the_owning_system_stands_over_the_registry_s(manager, client, served, night):
    manager("a", "b")
    client("1")
    assert night() == [("1", "a", "centre")]
    served("1", "b", since="2026-03-08")
    assert night(day=LATER) == [("1", "b", "kept")]


def test_a_merged_client_has_one_manager(manager, client, con, night):
    manager("a", "b", capacity=1)
    client("1", "2")
    assert {row[1] for row in night()} == {"a", "b"}
    for table in ("view_client", "view_tier", "cv_priced"):
        con.execute(f"DELETE FROM {table} WHERE client_number = '2'")
    con.execute("UPDATE ledger_number SET resolves_to = '1' WHERE client_number = '2'")
    assert len(night(day=LATER)) == 1


def test_the_own_branch_is_asked_before_the_centre_and_who_serves_the_tier_before_anyone(manager, client, night):
    manager("any", "corporate")
    manager("here", branch="north", serves="wealth", capacity=1)
    client("1", branch="north", served_by="wealth", financial_assets=5)
    client("2", branch="north", served_by="wealth")
    client("3", branch="south", served_by="wealth")
    told = dict(row[:2] for row in night())
    assert told["1"] == "here" and {told["2"], told["3"]} <= {"any", "corporate"}


def test_others_than_premium_clients_and_entities_without_managers_are_left_alone(manager, client, insert, night):
    manager("a")
    client("1", premium=False)
    client("2")
    insert("cv_priced", client_number="2", legal_entity="lease", worth=1, open=True)
    assert night() == [("2", "a", "centre")]


def test_a_contact_ends_what_was_due(manager, client, con, night):
    manager("a")
    client("1", last_contact_days=None)
    due = "SELECT first_contact_due FROM view_allocation"
    assert night(due) == [(date(2026, 4, 2),)]
    con.execute("UPDATE view_client SET last_contact_days = 2")
    assert night(due, LATER) == [(None,)]
