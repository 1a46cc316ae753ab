"""What holds on from the version before: tiers at their margin, risk classes after a merge; dates of reviews."""

from datetime import date

import pytest

from client_view.before import before
from client_view.judging import judge
from rules.view.packs import PACKS
from rules.view.shape import load_pack

from .conftest import TODAY

LATER = date(2026, 3, 9)


@pytest.fixture(scope="module")
def rules():
    return {pack.name: load_pack(pack, TODAY) for pack in PACKS}


@pytest.fixture
def client(insert):
    def one(number="1", **facts):
        insert("view_client", **{"client_number": number, "party_type": "person", "primary_documents": 1, **facts})
        insert("ledger_number", client_number=number, state="live", resolves_to=number)

    return one


def tier(con, rules, rows):
    judge(con, rules, TODAY, 10)
    return rows("SELECT tier, held, rule FROM view_tier")


@pytest.mark.parametrize(
    ("assets", "was", "expected"),
    [
        (190_000, 4, ("wealth", True, "outlet_wealth")),
        (181_000, 5, ("affluent", False, "branch_head")),
        (181_819, 4, ("wealth", True, "outlet_wealth")),
        (181_800, 4, ("affluent", False, "branch_head")),
        (190_000, 3, ("affluent", False, "branch_head")),
        (190_000, None, ("affluent", False, "branch_head")),
        (210_000, 3, ("wealth", False, "outlet_wealth")),
    ],
)
def test_a_tier_falls_only_beyond_the_margin_and_rises_at_once(assets, was, expected, client, insert, con, rules, rows):
    client(financial_assets=assets)
    if was:
        insert("view_before", client_number="1", tier_rank=was)
    assert tier(con, rules, rows) == [expected]


@pytest.fixture
def merged(client, insert):
    """Client 2, of high risk, merged into 1, of low risk; the records of 1 give a low class tonight."""
    client()
    insert("ledger_number", client_number="2", state="merged", resolves_to="1")
    insert("view_before", client_number="1", risk_class="low", risk_rule="class_low")
    insert("view_before", client_number="2", risk_class="high", risk_rule="politically_exposed")


def next_night(con):
    """What tonight says becomes what the next date is compared with."""
    for name in ("view_client", "view_risk", "view_tier"):
        con.execute(f"CREATE OR REPLACE TABLE parent_{name} AS FROM {name}")
    before(con, same_date=False)


RISK = "SELECT risk_class, held_since, held_from FROM view_risk"


def test_a_merged_client_keeps_the_higher_class(merged, con, rules, rows):
    judge(con, rules, TODAY, 10)
    told = "SELECT risk_class, rule, held_since, next_review, review_rule FROM view_risk"
    assert rows(told) == [("high", "politically_exposed", TODAY, TODAY, "trigger_held_class")]
    next_night(con)
    judge(con, rules, LATER, 10)
    assert rows(RISK) == [("high", TODAY, "2")]


def test_until_a_questionnaire_is_filled_later_than_the_merge(merged, insert, con, rules, rows):
    judge(con, rules, TODAY, 10)
    next_night(con)
    insert("view_questionnaire", client_number="1", feed="f", item="1", ordinal=0, kind="anti_money_laundering",
           filled_on="2026-03-08")  # fmt: skip
    judge(con, rules, LATER, 10)
    assert rows(RISK) == [("low", None, None)]


def test_or_until_the_merge_is_undone(merged, con, rules, rows):
    judge(con, rules, TODAY, 10)
    next_night(con)
    con.execute("UPDATE ledger_number SET state = 'live', resolves_to = '2' WHERE client_number = '2'")
    judge(con, rules, LATER, 10)
    assert rows(RISK) == [("low", None, None)]


def test_the_same_date_computed_again_is_compared_with_the_same(merged, con, rules, rows):
    judge(con, rules, TODAY, 10)
    con.execute("CREATE OR REPLACE TABLE parent_view_before AS FROM view_before")
    before(con, same_date=True)
    assert rows("SELECT client_number, risk_class FROM view_before ORDER BY ALL") == [("1", "low"), ("2", "high")]
    judge(con, rules, TODAY, 10)
    assert rows(RISK) == [("high", TODAY, "2")]


def test_a_class_that_is_not_of_a_merge_falls_when_its_factor_goes(client, insert, con, rules, rows):
    client()
    insert("view_before", client_number="1", risk_class="high", risk_rule="politically_exposed")
    judge(con, rules, TODAY, 10)
    assert rows(RISK) == [("low", None, None)]


def test_a_decisive_factor_decides_alone_and_others_add_up(client, con, rules, rows):
    client("1", pep=True)
    client("2", document_mismatch=True, days_past_due=100)
    client("3", outflow=60_000)
    judge(con, rules, TODAY, 10)
    assert rows("SELECT client_number, risk_class, points, rule FROM view_risk ORDER BY ALL") == [
        ("1", "high", 40, "politically_exposed"), ("2", "medium", 25, "class_medium"), ("3", "low", 10, "class_low"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({"aml_filled_days": 10}, date(2031, 2, 21)),
        ({"aml_filled_days": 10, "pep": True}, date(2027, 2, 21)),
        ({"aml_filled_days": 10, "document_mismatch": True}, date(2026, 2, 21)),
        ({}, TODAY),
    ],
)
def test_the_next_review_counts_from_the_questionnaire(facts, due, client, con, rules, rows):
    client(**facts)
    judge(con, rules, TODAY, 10)
    assert rows("SELECT next_review FROM view_risk") == [(due,)]


def test_a_reminder_of_a_holding_names_it_and_is_due_when_it_matures(client, insert, con, rules, rows):
    client()
    insert("view_holding", client_number="1", feed="f", item="D7", ordinal=0, product="deposit", status="open",
           matures="2026-06-01")  # fmt: skip
    insert("view_holding", client_number="1", feed="f", item="D8", ordinal=0, product="deposit", status="closed",
           matures="2026-06-01")  # fmt: skip
    judge(con, rules, TODAY, 10)
    assert rows("SELECT rule, subject, kind, due FROM view_reminder") == [
        ("matures_soon", "f/D7/0", "opportunity", date(2026, 6, 1))
    ]
