"""The five rates on a handful of clients, and the period they are compared with."""

from datetime import date
from decimal import Decimal

import pytest

from client_view.managers import managers, period

TODAY, FEBRUARY = date(2026, 3, 3), date(2026, 2, 27)
CORE = ("account", "card")


@pytest.fixture
def bank(insert, con):
    """Clients 1 to 4 of manager a then, of whom 1, 2 and new ones 5, 6, 7 are his now; 3 went to b, 4 left."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE cv_manager AS
        SELECT 'bank' AS legal_entity, unnest(['a', 'b']) AS manager, 'north' AS branch, 10 AS capacity,
               TRUE AS stays""")
    now = {"1": ("a", 150, 4, "account,card"), "2": ("a", 100, 3, "account"), "3": ("b", 100, 3, "card"),
           "5": ("a", 50, 3, ""), "6": ("a", 50, 3, "account,card,loan"), "7": ("a", 50, 3, None)}  # fmt: skip
    for number, (manager, assets, rank, held) in now.items():
        insert("view_allocation", client_number=number, legal_entity="bank", manager=manager,
               first_contact_due="2026-03-02" if number == "5" else None)  # fmt: skip
        insert("view_client", client_number=number, financial_assets=assets, deposits=10, products_held=held)
        insert("view_tier", client_number=number, rank=rank)
    for number in "1234":
        insert("view_period", client_number=number, legal_entity="bank", manager="a", financial_assets=50, deposits=5,
               tier_rank=3, period_end=FEBRUARY)  # fmt: skip
        insert("ledger_number", client_number=number, resolves_to=None if number == "4" else number)


def rates(con, rows, level, subject):
    managers(con, TODAY, CORE)
    told = rows(f"""SELECT rate, numerator, denominator, percent FROM view_manager_rate
                    WHERE level = '{level}' AND subject = '{subject}'""")
    return {name: (int(top), int(bottom), percent) for name, top, bottom, percent in told}


def test_a_managers_rates(bank, con, rows):
    assert rates(con, rows, "manager", "a") == {
        "retention": (2, 3, Decimal("66.67")),
        "upgrade": (1, 3, Decimal("33.33")),
        "coverage": (2, 5, Decimal("40.00")),
        "growth": (2, 3, Decimal("66.67")),
        "asset_growth": (250, 150, Decimal("166.67")),
    }


def test_a_move_within_the_branch_loses_it_nobody(bank, con, rows):
    found = rates(con, rows, "branch", "north")
    assert found["retention"] == (3, 3, Decimal("100.00")) and found["growth"] == (3, 3, Decimal("100.00"))


def test_without_a_period_before_a_rate_is_empty_and_says_what_it_counts(bank, con, rows):
    con.execute("DELETE FROM view_period")
    assert rates(con, rows, "legal_entity", "bank")["retention"] == (0, 0, None)
    said = rows("SELECT numerator_is, denominator_is FROM view_manager_rate")
    assert all(top and bottom for top, bottom in said)


def test_figures_of_each_manager(bank, con, rows):
    managers(con, TODAY, CORE)
    told = "SELECT manager, clients, clients_before, assets::INT, assets_before::INT, core_covered, overdue_contacts"
    assert rows(f"{told} FROM view_manager ORDER BY ALL") == [("a", 5, 3, 400, 150, 2, 1), ("b", 1, 0, 100, 0, 0, 0)]


def test_merged_clients_stand_once_with_the_sum_of_their_assets(bank, con, rows):
    con.execute("UPDATE ledger_number SET resolves_to = '1' WHERE client_number = '4'")
    assert rates(con, rows, "legal_entity", "bank")["asset_growth"] == (300, 200, Decimal("150.00"))


@pytest.mark.parametrize(
    ("before", "told"), [(None, []), (date(2026, 3, 2), [("kept",)]), (FEBRUARY, [("1",)]), (TODAY, [("kept",)])]
)
def test_a_period_is_a_month_and_holds_until_the_next(before, told, insert, con, rows):
    if before:
        insert("parent_view_period", client_number="kept", legal_entity="bank", period_end=FEBRUARY)
        insert("parent_view_allocation", client_number="1", legal_entity="bank")
        insert("parent_view_client", client_number="1")
    period(con, TODAY, before)
    assert rows("SELECT client_number FROM view_period") == told
