"""Baskets less what is held, what blocks an offer, vouchers, lists without those who refuse."""

import pytest

from client_view.offers import campaigns, memberships, offers
from rules.view.packs import PACKS
from rules.view.shape import load_pack

from .conftest import TODAY


@pytest.fixture(scope="module")
def rules():
    return {pack.name: load_pack(pack, TODAY) for pack in PACKS}


@pytest.fixture
def client(insert):
    def one(number="1", profile=None, premium=False, risk_class="low", **facts):
        insert("view_client", **{"client_number": number, "party_type": "person", "aml_filled_days": 10, "deposits": 0,
                                 "investments": 0, "age": 30, **facts})  # fmt: skip
        insert("view_tier", client_number=number, premium=premium)
        insert("view_risk", client_number=number, risk_class=risk_class, next_review="2030-01-01")
        if profile:
            insert("view_profile", client_number=number, rule="r", profile=profile)

    return one


def offered(con, rules, rows):
    offers(con, rules, TODAY)
    return rows("SELECT offer, kind, blocked_by, next_best FROM view_offer ORDER BY rank, offer")


def test_a_basket_less_what_is_held(client, con, rules, rows):
    client(profile="family", products_held="deposit")
    assert offered(con, rules, rows) == [
        ("family insurance", "cross", None, True),
        ("housing loan", "cross", None, False),
    ]


def test_an_upgrade_is_of_what_is_held(client, con, rules, rows):
    client(products_held="card", card_level="gold", financial_assets=200_000)
    assert offered(con, rules, rows) == [("platinum card", "up", None, True)]


def test_what_would_make_a_debtor_owe_more_is_blocked_and_the_next_is_offered(client, con, rules, rows):
    client(profile="young adult", days_past_due=31)
    assert offered(con, rules, rows) == [
        ("current account", "cross", None, True), ("classic card", "cross", "past_due", False),
    ]  # fmt: skip


def test_every_reason_of_a_block_is_told(client, con, rules, rows):
    client(profile="retired", do_not_disturb=True, screening_hits=1, refused_days=90)
    assert offered(con, rules, rows) == [("pension deposit", "cross", "do_not_disturb,listed,refused", False)]


VOUCHER = {"agreement": "A-1", "name": "N", "levels_allowed": "Gold, platinum", "level": "gold",
           "signed_at": "2026-03-02 10:00:00"}  # fmt: skip


@pytest.mark.parametrize(
    ("assets", "changes", "verdict", "missing"),
    [
        (100_000, {}, "automatic", None),
        (99_999, {}, "awaits_approval", None),
        (99_999, {"approved_by": "head"}, "approved", None),
        (100_000, {"signed_at": None}, "refused", "signed_at"),
        (100_000, {"agreement": None, "name": None}, "refused", "agreement,name"),
        (100_000, {"level": "diamond"}, "refused", "level_not_allowed"),
    ],
)
def test_a_membership_contract(assets, changes, verdict, missing, client, insert, con, rules, rows):
    client(financial_assets=assets)
    insert("view_membership", client_number="1", feed="f", item="1", ordinal=0, **{**VOUCHER, **changes})
    memberships(con, rules, TODAY)
    assert rows("SELECT verdict, missing FROM view_membership_verdict") == [(verdict, missing)]


def test_a_list_leaves_out_who_refuses_its_channel_for_its_purpose_and_says_how_many(client, insert, con, rules, rows):
    refusals = {"2": ("email", "marketing"), "3": ("phone", "marketing"), "4": ("email", "surveys")}
    for number in "1234":
        client(number, deposits=10_000)
        if number in refusals:
            channel, purpose = refusals[number]
            insert("view_consent_effective", client_number=number, channel=channel, purpose=purpose,
                   legal_entity="bank", given=False)  # fmt: skip
    insert("view_rule", pack="campaign", rule="savers_invest")
    insert("view_rule", pack="campaign", rule="nobody")
    campaigns(con, rules, TODAY)
    assert rows("SELECT client_number FROM view_campaign ORDER BY ALL") == [("1",), ("3",), ("4",)]
    assert rows("FROM view_campaign_count ORDER BY ALL") == [("nobody", 0, 0, 0), ("savers_invest", 4, 1, 3)]


def test_the_dead_are_on_no_list(client, insert, con, rules, rows):
    client("1", deposits=10_000, life_status="alive")
    client("2", deposits=10_000, life_status="dead")
    insert("view_rule", pack="campaign", rule="savers_invest")
    campaigns(con, rules, TODAY)
    assert rows("SELECT client_number FROM view_campaign") == [("1",)]
    assert rows("SELECT selected, left_out FROM view_campaign_count") == [(2, 1)]


def test_a_refusal_for_no_purpose_by_name_counts_for_every_campaign(client, insert, con, rules, rows):
    client("1", deposits=10_000)
    client("2", deposits=10_000)
    for number, purpose in (("1", ""), ("2", "surveys")):
        insert("view_consent_effective", client_number=number, channel="email", purpose=purpose, legal_entity="",
               given=False)  # fmt: skip
    campaigns(con, rules, TODAY)
    assert rows("SELECT client_number FROM view_campaign WHERE campaign = 'savers_invest'") == [("2",)]


@pytest.mark.parametrize(("entity", "listed"), [("bank", []), ("lease", [("1",)]), ("", [])])
def test_a_campaign_of_a_legal_entity_heeds_what_was_said_to_it(entity, listed, client, insert, con, rows, tmp_path):
    (tmp_path / "view").mkdir()
    (tmp_path / "view" / "campaign.yaml").write_text(
        "rules:\n  own: {then: {channel: sms, purpose: marketing, legal_entity: bank}, reason: r, cites: c}\n"
    )
    pack = next(pack for pack in PACKS if pack.name == "campaign")
    client()
    insert("view_consent_effective", client_number="1", channel="sms", purpose="marketing", legal_entity=entity,
           given=False)  # fmt: skip
    campaigns(con, {"campaign": load_pack(pack, TODAY, tmp_path)}, TODAY)
    assert rows("SELECT client_number FROM view_campaign WHERE campaign = 'own'") == listed
