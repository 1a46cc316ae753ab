"""Insured deposits: sums per legal entity, the limit, who is left out."""

from decimal import Decimal

import pytest

from client_view.depositors import depositors
from client_view.prices import price
from rules.view.packs import EXCLUSION
from rules.view.shape import load_pack

from .conftest import TODAY

RATES = {"AZN": Decimal(1), "USD": Decimal("1.7")}


@pytest.fixture
def hold(insert):
    def one(item, balance, entity="bank", product="deposit", **facts):
        values = {"currency": "AZN", "status": "open", **facts}
        insert("view_holding", client_number="1", feed="f", item=item, ordinal=0, product=product, legal_entity=entity,
               balance=balance, **values)  # fmt: skip

    return one


def insured(con, rows):
    price(con, RATES)
    depositors(con, {"exclusion": load_pack(EXCLUSION, TODAY)}, TODAY, Decimal(1000))
    return rows(
        "SELECT legal_entity, accounts, balance, protected, exclusion, unpriced FROM view_depositor ORDER BY ALL"
    )


def test_deposits_of_one_entity_add_up_to_the_limit_and_each_entity_has_its_own(insert, hold, con, rows):
    insert("view_client", client_number="1", party_type="person", primary_documents=1)
    hold("a", 700)
    hold("b", 500, product="account")
    hold("c", 100, "other", currency="USD")
    assert insured(con, rows) == [
        ("bank", 2, Decimal("1200.00"), Decimal("1000.00"), None, 0),
        ("other", 1, Decimal("170.00"), Decimal("170.00"), None, 0),
    ]


def test_what_is_closed_owed_or_no_deposit_is_not_insured(insert, hold, con, rows):
    insert("view_client", client_number="1", party_type="person", primary_documents=1)
    hold("a", 10)
    hold("b", -5)
    hold("c", 100, status="closed")
    hold("d", 100, product="investment")
    hold("e", 100, currency="XAU")
    assert insured(con, rows) == [("bank", 3, Decimal("10.00"), Decimal("10.00"), None, 1)]


def test_an_excluded_depositor_is_listed_with_nothing_insured(insert, hold, con, rows):
    insert("view_client", client_number="1", party_type="bank")
    hold("a", 10)
    assert insured(con, rows) == [("bank", 1, Decimal("10.00"), Decimal("0.00"), "credit_institution", 0)]
