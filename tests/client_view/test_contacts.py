"""Whom a manager contacts today, and the log of what was done."""

from datetime import date

import pytest

from client_view.contacts import plan, work_log
from rules.contracts.children import CHANNELS

from .conftest import TODAY

PLAN = "SELECT client_number, why, subject FROM view_contact_plan ORDER BY position"


@pytest.fixture
def client(insert):
    def one(number, manager="a", silent=10, assets=1, first_contact_due=None):
        insert("view_client", client_number=number, last_contact_days=silent, financial_assets=assets)
        insert("view_allocation", client_number=number, legal_entity="bank", manager=manager,
               first_contact_due=first_contact_due)  # fmt: skip

    return one


def hung(insert, unit, number, **facts):
    insert(f"view_{unit}", client_number=number, feed="f", item=number, ordinal=0, **facts)


def test_the_most_pressing_come_first_and_the_longest_silence_fills_the_day(client, insert, con, rows):
    for number in "12345":
        client(number, silent=int(number))
    client("6", silent=None)
    client("7", first_contact_due=date(2026, 4, 2))
    hung(insert, "activity", "1", kind="visit", planned=True, at="2026-03-03 10:00:00")
    hung(insert, "opportunity", "2", product="loan", stage="offered", next_contact="2026-03-01")
    insert("view_reminder", client_number="3", rule="birthday", due="2026-03-05")
    plan(con, TODAY, 6)
    assert rows(PLAN) == [
        ("7", "first_contact", ""), ("1", "activity", "visit"), ("2", "opportunity", "loan"),
        ("3", "reminder", "birthday"), ("6", "neglected", ""), ("5", "neglected", ""),
    ]  # fmt: skip


def test_what_is_due_is_planned_however_much_it_is(client, insert, con, rows):
    for number in "123":
        client(number)
        insert("view_reminder", client_number=number, rule="r", due="2026-03-01")
    client("4")
    plan(con, TODAY, 1)
    assert [row[0] for row in rows(PLAN)] == ["1", "2", "3"]


def test_who_is_not_to_be_disturbed_is_not_planned(client, insert, con, rows):
    for number, channels, entity in (
        ("1", CHANNELS, ""), ("2", CHANNELS, "bank"), ("3", CHANNELS, "lease"), ("4", CHANNELS[1:], ""),
    ):  # fmt: skip
        client(number, silent=int(number))
        for channel in channels:
            insert("view_consent_effective", client_number=number, channel=channel, purpose="", legal_entity=entity,
                   given=False)  # fmt: skip
    plan(con, TODAY, 20)
    assert sorted(row[0] for row in rows(PLAN)) == ["3", "4"]


def test_what_is_done_won_or_to_come_is_no_reason(client, insert, con, rows):
    client("1")
    hung(insert, "activity", "1", kind="call", planned=True, at="2026-03-04 10:00:00")
    hung(insert, "opportunity", "1", product="loan", stage="won", next_contact="2026-03-01")
    insert("view_reminder", client_number="1", rule="r", due="2026-03-11")
    plan(con, TODAY, 20)
    assert rows(PLAN) == [("1", "neglected", "")]


def test_who_waits_for_a_manager_is_in_no_plan(client, con, rows):
    client("1", manager=None)
    plan(con, TODAY, 20)
    assert rows(PLAN) == []


def test_the_work_log_counts_what_was_made_in_the_last_month(insert, con, rows):
    made = [("1", "2026-03-02", "reached", None), ("1", "2026-03-02", "not_reached", False),
            ("2", "2026-03-02", "interested", None), ("3", "2026-03-02", None, True),
            ("4", "2026-01-30", "reached", None)]  # fmt: skip
    for place, (number, day, outcome, planned) in enumerate(made):
        insert("view_activity", client_number=number, feed="f", item=str(place), ordinal=0, manager="a",
               at=f"{day} 10:00:00", outcome=outcome, planned=planned)  # fmt: skip
    work_log(con, TODAY)
    assert rows("FROM view_work_log") == [("a", date(2026, 3, 2), 3, 2, 2, 1)]
