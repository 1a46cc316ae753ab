"""Tables of the client view: everything known and due of each client number, computed by every night.

Here: their columns. Not here: rows that feeds deliver and the same under a client (children), who looks after a client
and what it is offered (service), how anything is computed (client_view), which rules fire (rules/defaults/view).
"""

import dataframely as dy

from rules.contracts import columns as c
from rules.contracts import view_columns as v
from rules.contracts.children import RELATIONS, UNDER_CLIENT, UNITS
from rules.contracts.golden import GoldenParty
from rules.contracts.service import SERVICE
from rules.contracts.standard import StdRecord

LAYERS = ("household", "connected")
CONSENT_RULES = (
    "consent_only", "refused", "later_evidenced_consent", "refused_consent_without_evidence", "refused_dates_equal",
)  # fmt: skip


class ViewUnassigned(dy.Schema):
    """Child rows whose record is no client's: it was quarantined, or the feed names a record its source never had."""

    unit = dy.Enum(tuple(UNITS), description="kind of unit", primary_key=True)
    feed = c.text("feed that delivered the row", nullable=False, primary_key=True)
    item = c.text("the row's own key in the feed", nullable=False, primary_key=True)
    ordinal = dy.Int32(description="place among the row's units of this kind", primary_key=True)
    source = c.text("source of the record it names", nullable=False)
    record_id = c.text("the record it names", nullable=False)
    currency = c.text("currency of a holding")
    balance = dy.Decimal(
        precision=24, scale=2, nullable=True, description="balance of a holding", metadata={"pii": "S"}
    )


class ViewConsentEffective(dy.Schema):
    """What the client allows, by channel, purpose and legal entity, of all that the members' records say."""

    client_number = v.number()
    channel = c.text("channel; a statement for any channel counts for each", nullable=False, primary_key=True)
    purpose = c.text("purpose", nullable=False, primary_key=True)
    legal_entity = c.text("legal entity it was given to", nullable=False, primary_key=True)
    given = c.flag("the client may be contacted so", pii="P")
    since = dy.Datetime(nullable=True, description="time of the statement that decides", metadata={"pii": "P"})
    statements = dy.Int64(description="statements that were weighed")
    rule = dy.Enum(
        CONSENT_RULES, description="why: a later evidenced consent prevails, else the strictest holds",
        metadata={"pii": "P"},
    )  # fmt: skip


class ViewAssociation(dy.Schema):
    """Associated parties: what the other client is to this one today, with the row that says so."""

    client_number = v.number()
    other_number = v.number("client number of the other")
    kind = c.text(f"what the other is: {', '.join(RELATIONS)}", nullable=False, primary_key=True)
    share = v.share("share held, per cent", nullable=True)
    since = c.date("since, as the feed says")
    feed = c.text("feed of the row that decides", nullable=False)
    item = c.text("its key in the feed", nullable=False)


class ViewOwner(dy.Schema):
    """Persons at the end of ownership chains: shares multiplied along a chain and added over chains."""

    client_number = v.number("the organisation owned")
    owner_number = v.number("the person at the end of the chains")
    share = v.share("share held over all chains, per cent")
    chains = dy.Int64(description="number of chains")
    shortest = dy.Int64(description="steps of the shortest chain; 1: owned directly")
    control = c.flag("a chain of control without a break, whatever the share")
    beneficial = c.flag("holds the declared share or more, or controls", pii="P")


class ViewGroup(dy.Schema):
    """Members of households and of groups of connected clients; a client may stand in several groups."""

    layer = dy.Enum(LAYERS, description="household, or connected clients", primary_key=True)
    group_number = v.number("client number that names the group: its least member, or least controlling member")
    client_number = v.number()
    evidence = c.text("what joins the member to the group", nullable=False)


class ViewClient(dy.Schema):
    """One row per client: what rules may ask. Amounts in the reporting currency, days up to the business date."""

    client_number = v.number()
    party_type = GoldenParty.columns()["party_type"]
    roles = GoldenParty.columns()["roles"]
    age = v.days("full years of age")
    life_status = StdRecord.columns()["life_status"]
    sex = StdRecord.columns()["sex"]
    residence_country = StdRecord.columns()["residence_country"]
    country = StdRecord.columns()["country"]
    citizenship = c.text("citizenships, comma separated, sorted", pii="S")
    tax_country = c.text("declared tax residences, comma separated, sorted", pii="S")
    tax_number_missing = c.flag("a tax residence without number and without reason", pii="S")
    pep = StdRecord.columns()["pep"]
    occupation = StdRecord.columns()["occupation"]
    legal_form = StdRecord.columns()["legal_form"]
    activity_code = StdRecord.columns()["activity_code"]
    registered_capital = StdRecord.columns()["registered_capital"]
    total_assets = StdRecord.columns()["total_assets"]
    admin_level = StdRecord.columns()["admin_level"]
    days_to_birthday = v.days("days to the next birthday; 0: today")
    primary_documents = v.count("primary identity documents with a usable number")
    document_expires_in = v.days("days to the expiry of the primary document that lasts longest; negative: expired")
    document_mismatch = c.flag("an outside verification of a document gave a negative result", pii="S")
    products = v.count("products held: card, loan … each counted once")
    products_held = c.text("kinds of product held, comma separated, sorted", pii="S")
    holdings = v.count("holdings open")
    deposits = v.money("balance of accounts and deposits")
    investments = v.money("balance of investments")
    insurance = v.money("insurance value held")
    financial_assets = v.money("deposits, investments and insurance value held")
    assets_before = dy.Decimal(
        precision=24, scale=2, nullable=True, description="financial assets on the business date before",
        metadata={"pii": "S"},
    )  # fmt: skip
    loans_issued = v.count("loans and leasing contracts ever issued")
    loans_issued_sum = v.money("sum of loans issued")
    loans_owed = v.money("what is owed on loans, leasing and cards")
    interest_earned = v.money("interest earned from the client")
    interest_paid = v.money("interest paid to the client")
    days_past_due = v.days("days past due, current")
    worst_days_past_due = v.days("days past due, worst since the client is in the view")
    card_level = c.text("highest level of an open card")
    tenure_days = v.days("days since the first product was opened")
    inflow = v.money("sum of incoming operations of the business date")
    outflow = v.money("sum of outgoing operations of the business date")
    unpriced = v.count("holdings in a currency without a declared rate; they are in no sum")
    last_contact_days = v.days("days since a contact that reached the client")
    refused_days = v.days("days since the client refused what it was offered")
    referral_waits_days = v.days("age of the oldest referral without outcome")
    open_complaints = v.count("complaints not answered")
    oldest_complaint_days = v.days("age of the oldest of them")
    aml_filled_days = v.days("age of the anti-money-laundering questionnaire; of several records', the oldest one's")
    aml_complete = v.days("its completeness in per cent; of several records', the least")
    do_not_disturb = c.flag("refuses marketing on some channel", pii="P")
    owners_known = v.share("share of the organisation whose owners are known, per cent", nullable=True)
    beneficial_owners = v.count("persons that hold the declared share or more, or control")
    associations = v.count("associated parties")
    screening_hits = v.count("hits on watch lists that are not cleared")
    household_size = v.count("clients of the household; 1: alone")
    group_size = v.count("clients of the largest group of connected clients it is in; 1: none")


class ScreeningMeeting(dy.Schema):
    """What the pack screening asks of a client, or a party its records name, and an entry of a watch list; not kept."""

    party_type = GoldenParty.columns()["party_type"]
    number_agrees = c.flag("a document or registration number is that of the entry", pii="S")
    name_score = dy.Int64(description="likeness of the names, 0 to 100; 100: the same sounds", metadata={"pii": "S"})
    birth = dy.Enum(("same", "year", "differs", "unknown"), description="date of birth or registration")
    country = dy.Enum(("same", "differs", "unknown"), description="country of residence or registration")
    program = c.text("programme or reason of the listing")


class ViewScreening(dy.Schema):
    """Clients, and parties that their records name, that meet an entry of a watch list."""

    client_number = v.number()
    subject = c.text("client; or what a party without record is to the client", nullable=False, primary_key=True)
    list = c.text("the watch list", nullable=False, primary_key=True)
    entry = c.text("key of its entry", nullable=False, primary_key=True)
    outcome = c.text("hit, possible", nullable=False)
    rule = v.rule()
    name_score = dy.Int64(description="likeness of the names, 0 to 100", metadata={"pii": "S"})
    evidence = c.text("hash of the values that met; a clearing names it", nullable=False)
    since = dy.Date(description="first business date with this evidence; today's are new", metadata={"pii": "-"})
    cleared_by = c.text("persons that it takes to clear it: nobody, one, two")
    cleared = c.flag("cleared as false, on this evidence")


class ViewBefore(dy.Schema):
    """What tonight is compared with: what the last version of an earlier business date said, under its numbers."""

    client_number = v.number("client number then")
    financial_assets = v.money("financial assets")
    worst_days_past_due = v.days("worst days past due")
    tier_rank = v.days("rank of the tier")
    risk_class = c.text("risk class", pii="S")
    risk_rule = c.text("rule that set it", pii="S")
    held_from = c.text("client whose class was held")
    held_since = c.date("since when it was held", pii="S")


class ViewRule(dy.Schema):
    """Every rule that was in effect: what a `rule` of another table means."""

    pack = c.text("pack of the rule", nullable=False, primary_key=True)
    rule = c.text("id of the rule", nullable=False, primary_key=True)
    reason = c.text("what it means, for people", nullable=False)
    cites = c.text("source of the rule", nullable=False)


class ViewRiskFactor(dy.Schema):
    """Risk factors that apply to a client."""

    client_number = v.number()
    rule = c.text("the rule that fired, see view_rule", pii="S", nullable=False, primary_key=True)
    points = dy.Int64(description="weight of the factor", metadata={"pii": "S"})
    decisive = c.text("class that the factor alone decides, if any", pii="S")


class RiskPoints(dy.Schema):
    """What the pack risk_class asks of a client's factors; not kept."""

    client_number = v.number()
    points = dy.Int64(description="sum of the factors' points", metadata={"pii": "S"})
    factors = dy.Int64(description="number of factors", metadata={"pii": "S"})


class ViewRisk(dy.Schema):
    """Risk class with the date of the next anti-money-laundering review."""

    client_number = v.number()
    risk_class = c.text("class by the pack risk_class", pii="S", nullable=False)
    points = dy.Int64(description="sum of the factors' points", metadata={"pii": "S"})
    rule = v.rule()
    held_since = c.date("after a merge the higher class holds since then, until a later questionnaire", pii="S")
    held_from = c.text("the merged number whose class holds; when it parts again, so does its class")
    next_review = dy.Date(description="date of the next review", metadata={"pii": "S"})
    review_rule = c.text("the rule that set it, see view_rule", pii="S", nullable=False)


class ViewTier(dy.Schema):
    """Tier of a client, and who looks after it."""

    client_number = v.number()
    tier = c.text("tier", pii="P", nullable=False)
    rank = dy.Int64(description="order of tiers, 1 is the lowest", metadata={"pii": "P"})
    premium = c.flag("the tier counts as premium", pii="P")
    served_by = c.text("who looks after it", nullable=False)
    rule = v.rule()
    held = c.flag("kept although its criteria are missed by less than the declared margin", pii="P")


class _Fired(dy.Schema):
    client_number = v.number()
    rule = c.text("the rule that fired, see view_rule", pii="S", nullable=False, primary_key=True)


class ViewDepositor(dy.Schema):
    """Single customer view for deposit insurance: one row per depositor and legal entity."""

    client_number = v.number()
    legal_entity = c.text("legal entity that keeps the deposits", nullable=False, primary_key=True)
    accounts = v.count("accounts and deposits")
    balance = v.money("sum of their balances that are not below zero")
    unpriced = v.count("accounts in a currency without a declared rate; they are in no sum")
    protected = v.money("insured: the balance up to the limit, nothing for an excluded depositor")
    exclusion = c.text("the rule that excludes the depositor, see view_rule; empty: insured", pii="S")


class ViewProfile(_Fired):
    """Profiles of a client, by the pack or by hand; it may hold several."""

    profile = c.text("profile", pii="P", nullable=False, primary_key=True)
    review_on = c.date("until when a profile given by hand holds", pii="P")


class _Cleared(_Fired):
    severity = c.text("low, medium, high", nullable=False)
    since = c.date("business date since when it stands without a break")
    evidence = c.text("hash of the rule, of the texts and flags that it asks, and of `since`; a clearing names it")
    cleared_by = c.text("persons that it takes to clear it: nobody, one, two")
    cleared = c.flag("cleared, on this evidence", nullable=True)


class ViewWarning(_Cleared):
    """Early warnings."""


class ViewFinding(_Cleared):
    """What is missing or contradicts itself in what is known of a client."""

    topic = c.text("what it belongs to, e.g. tax, if the rule says so")


class ViewReminder(_Fired):
    """What needs attention, in six kinds; `subject` is the holding that it is about, if any."""

    subject = c.text("feed and key of the holding", nullable=False, primary_key=True)
    kind = c.text("risk, opportunity, information, task, fund, approval", nullable=False)
    due = dy.Date(description="when", metadata={"pii": "P"})


COMPUTED: dict[str, type[dy.Schema]] = {
    "view_unassigned": ViewUnassigned,
    "view_consent_effective": ViewConsentEffective,
    "view_association": ViewAssociation,
    "view_owner": ViewOwner,
    "view_group": ViewGroup,
    "view_screening": ViewScreening,
    "view_before": ViewBefore,
    "view_client": ViewClient,
    "view_rule": ViewRule,
    "view_risk_factor": ViewRiskFactor,
    "view_risk": ViewRisk,
    "view_tier": ViewTier,
    "view_depositor": ViewDepositor,
    "view_profile": ViewProfile,
    "view_warning": ViewWarning,
    "view_finding": ViewFinding,
    "view_reminder": ViewReminder,
    **SERVICE,
}
"""What is computed of a client as a whole, over all that its records say."""
VIEW: dict[str, type[dy.Schema]] = {**UNDER_CLIENT, **COMPUTED}
