"""Tables of what the bank does for a client: who looks after it, what it is offered, lists for campaigns.

Here: their columns, and what the packs about them ask. Not here: what is known of a client (view), how anything is
computed (client_view).
"""

import dataframely as dy

from rules.contracts import columns as c
from rules.contracts import view_columns as v
from rules.contracts.children import CARD_LEVELS

STEPS = ("chosen", "familiar", "kept", "branch", "centre", "waits")
SIDES = ("knowledge", "dealing")
VERDICTS = ("automatic", "approved", "awaits_approval", "refused")
CONTACTS = ("first_contact", "activity", "opportunity", "reminder", "neglected")
LEVELS = ("manager", "branch", "legal_entity")
RATES = ("retention", "upgrade", "coverage", "growth", "asset_growth")


def _entity() -> dy.String:
    return c.text("legal entity", nullable=False, primary_key=True)


class ViewFamiliar(dy.Schema):
    """Criteria by which a manager is familiar with a client; at least one of each side makes the client familiar."""

    client_number = v.number()
    legal_entity = _entity()
    manager = c.text("code of the manager", nullable=False, primary_key=True)
    rule = c.text("the rule that fired, see view_rule", pii="S", nullable=False, primary_key=True)
    side = dy.Enum(SIDES, description="what the manager knows, or how the client deals with the manager")


class AllocationClaim(dy.Schema):
    """What the pack release asks of a manager who has a client; not kept."""

    manager_left = c.flag("the manager left, or is none that is declared")
    chosen = c.flag("the client asked for this manager")
    familiar = c.flag("the client is familiar to the manager")
    assigned_days = v.days("days since the manager has the client")


class ViewAllocation(dy.Schema):
    """Who looks after each premium client, in each legal entity that declares managers: one manager, or none yet."""

    client_number = v.number()
    legal_entity = _entity()
    manager = c.text("code of the manager; empty: the client waits with the branch head")
    branch = c.text("branch where the client holds most")
    relation = c.text("managed or signed", nullable=False)
    step = dy.Enum(
        STEPS, description="how: the client chose, the manager is familiar with it, keeps it; a free place in the "
        "branch, in the centre; it waits", metadata={"pii": "-"},
    )  # fmt: skip
    turn_rule = c.text("rule of the pack turn that set the client's turn among those without a manager", pii="S")
    since = c.date("since when it is so", nullable=False)
    previous = c.text("the manager before")
    released = c.text("rule of the pack release by which that one lost the client, or over_capacity")
    first_contact_due = c.date("until when the new manager makes the first contact; empty once it is made")
    credited_to = c.text("the first manager, to whom the revenue stays credited")


class ViewManager(dy.Schema):
    """What each manager looks after, beside the end of the last period."""

    legal_entity = _entity()
    manager = c.text("code of the manager; empty: clients that wait", nullable=False, primary_key=True)
    branch = c.text("branch of the manager")
    capacity = v.days("most clients")
    clients = v.count("clients looked after")
    clients_before = v.count("at the end of the last period")
    assets = v.money("their financial assets")
    assets_before = v.money("at the end of the last period")
    deposits = v.money("their deposits")
    deposits_before = v.money("at the end of the last period")
    core_covered = v.count("clients that hold every core product")
    overdue_contacts = v.count("first contacts that are overdue")


class ViewManagerRate(dy.Schema):
    """The five rates of managers, branches and legal entities, against the end of the last period."""

    legal_entity = _entity()
    level = dy.Enum(LEVELS, description="whose rate it is", primary_key=True)
    subject = c.text("manager, branch or legal entity", nullable=False, primary_key=True)
    rate = dy.Enum(RATES, description="the rate", primary_key=True)
    numerator = dy.Decimal(precision=24, scale=2, description="what is counted", metadata={"pii": "P"})
    denominator = dy.Decimal(precision=24, scale=2, description="out of what", metadata={"pii": "P"})
    percent = dy.Decimal(
        precision=18, scale=2, nullable=True, description="the rate; empty where the denominator is zero",
        metadata={"pii": "P"},
    )  # fmt: skip
    numerator_is = c.text("what the numerator counts", nullable=False)
    denominator_is = c.text("what the denominator counts", nullable=False)


class ViewPeriod(dy.Schema):
    """What the manager report compares with: the last version of the period before, under its numbers."""

    client_number = v.number("client number then")
    legal_entity = _entity()
    manager = c.text("manager then")
    branch = c.text("branch of the client then")
    period_end = c.date("business date of that version", nullable=False)
    financial_assets = v.money("financial assets then")
    deposits = v.money("deposits then")
    tier_rank = v.days("rank of the tier then")


class ViewContactPlan(dy.Schema):
    """Whom each manager contacts today, the most pressing first, each client once with its most pressing reason."""

    legal_entity = _entity()
    manager = c.text("code of the manager", nullable=False, primary_key=True)
    client_number = v.number()
    why = dy.Enum(
        CONTACTS, description="a first contact, a planned activity, an opportunity, a reminder, long silence",
        metadata={"pii": "P"},
    )  # fmt: skip
    subject = c.text("kind of activity, target product, or rule of the reminder", pii="S")
    due = c.date("when", pii="P")
    position = dy.Int64(description="order of the day, from 1", metadata={"pii": "-"})


class ViewWorkLog(dy.Schema):
    """Contacts made, per manager and day of the last month."""

    manager = c.text("code of the manager", nullable=False, primary_key=True)
    day = dy.Date(description="day", primary_key=True, metadata={"pii": "-"})
    contacts = v.count("contacts made")
    clients = v.count("clients among them")
    reached = v.count("contacts that reached the client")
    interested = v.count("contacts that found interest")


class ViewOffer(dy.Schema):
    """What a client might be offered, also what is blocked, with every reason."""

    client_number = v.number()
    offer = c.text("what is offered", nullable=False, primary_key=True)
    rule = v.rule()
    kind = c.text("cross: of the profile's basket; up: instead of what is held", nullable=False)
    product = c.text("kind of product", nullable=False)
    rank = dy.Int64(description="order of offers, 1 is the first", metadata={"pii": "-"})
    blocked_by = c.text("rules of the pack offer_block that block it, comma separated, sorted", pii="S")
    next_best = c.flag("the first of the client's offers that nothing blocks")


class ViewMembershipVerdict(dy.Schema):
    """Membership contracts: whether the card level applied for is granted."""

    client_number = v.number()
    feed = c.text("feed of the voucher", nullable=False, primary_key=True)
    item = c.text("its key in the feed", nullable=False, primary_key=True)
    ordinal = dy.Int32(description="its place in the row", primary_key=True)
    level = dy.Enum(CARD_LEVELS, nullable=True, description="card level applied for", metadata={"pii": "P"})
    verdict = dy.Enum(
        VERDICTS, description="automatic where the criteria of the level are met, else by approval; refused: something "
        "is missing", metadata={"pii": "P"},
    )  # fmt: skip
    rule = c.text("rule of the pack membership whose criteria are met", pii="S")
    missing = c.text("what the voucher lacks, comma separated, sorted")


class ViewCampaign(dy.Schema):
    """Lists of clients for campaigns; none that asked not to be disturbed, none dead or under guardianship."""

    campaign = c.text("rule of the pack campaign", nullable=False, primary_key=True)
    client_number = v.number()
    channel = c.text("channel", nullable=False)


class ViewCampaignCount(dy.Schema):
    """How many a campaign selected and how many of these were left out."""

    campaign = c.text("rule of the pack campaign", nullable=False, primary_key=True)
    selected = dy.Int64(description="clients that the conditions select")
    left_out = dy.Int64(description="of these, clients that refuse the channel for the purpose, or are not alive")
    listed = dy.Int64(description="clients on the list")


SERVICE: dict[str, type[dy.Schema]] = {
    "view_familiar": ViewFamiliar,
    "view_allocation": ViewAllocation,
    "view_period": ViewPeriod,
    "view_manager": ViewManager,
    "view_manager_rate": ViewManagerRate,
    "view_contact_plan": ViewContactPlan,
    "view_work_log": ViewWorkLog,
    "view_offer": ViewOffer,
    "view_membership_verdict": ViewMembershipVerdict,
    "view_campaign": ViewCampaign,
    "view_campaign_count": ViewCampaignCount,
}
