"""The packs of the client view, listed: what each reads and gives.

Here: the list. Not here: the rules (rules/defaults/view, the bank's own folder), what becomes of them (client_view).
"""

from rules.contracts.children import CARD_LEVELS, CHANNELS, PRODUCTS, UNDER_CLIENT
from rules.contracts.service import SIDES, AllocationClaim
from rules.contracts.view import RiskPoints, ScreeningMeeting, ViewClient, ViewProfile, ViewRisk, ViewTier
from rules.view.shape import Compiled, Pack

CLASSES = ("low", "medium", "high", "prohibited")
"""Risk classes, from the lowest."""
SEVERITIES = ("low", "medium", "high")
REMINDERS = ("risk", "opportunity", "information", "task", "fund", "approval")

RISK = Pack("risk", (ViewClient,), {"points": int, "decisive": CLASSES}, optional=frozenset({"decisive"}))
RISK_CLASS = Pack("risk_class", (RiskPoints,), {"risk_class": CLASSES}, first=True)
REVIEW = Pack("review", (ViewClient, ViewRisk), {"months": int}, first=True)
TIER = Pack(
    "tier", (ViewClient,), {"tier": str, "rank": int, "premium": bool, "served_by": str}, first=True,
)  # fmt: skip
PROFILE = Pack("profile", (ViewClient,), {"profile": str})
NOBODY, ONE, TWO = "nobody", "one", "two"
_CLEARED: dict[str, type | tuple[str, ...]] = {"cleared_by": (NOBODY, ONE, TWO), "event": bool}
"""Persons that it takes to clear what a rule found, by default one; whether it is another one every night."""
WARNING = Pack("warning", (ViewClient, ViewRisk), {"severity": SEVERITIES, **_CLEARED}, optional=frozenset(_CLEARED))
FINDING = Pack(
    "finding", (ViewClient, ViewRisk), {"severity": SEVERITIES, "topic": str, **_CLEARED},
    optional=frozenset({"topic", *_CLEARED}),
)  # fmt: skip
TAX = "tax"
"""Topic of findings about tax self-certification (CRS, FATCA), which compliance sees as a list of their own."""
REMINDER = Pack("reminder", (ViewClient, ViewTier), {"kind": REMINDERS, "due_in_days": int})
MATURITY = Pack("maturity", (UNDER_CLIENT["view_holding"],), {"kind": REMINDERS})

OUTCOMES = ("hit", "possible")
SCREENING = Pack(
    "screening", (ScreeningMeeting,), {"outcome": OUTCOMES, "cleared_by": (NOBODY, ONE, TWO)}, first=True,
    optional=frozenset({"cleared_by"}),
)  # fmt: skip
EXCLUSION = Pack("exclusion", (ViewClient,), {"excluded": bool}, first=True)

FAMILIAR = Pack("familiar", (UNDER_CLIENT["view_assignment"], ViewClient), {"side": SIDES})
RELEASE = Pack("release", (AllocationClaim, ViewClient), {"released": bool}, first=True)
TURN = Pack("turn", (ViewClient,), {"priority": int}, first=True)
OFFER = Pack(
    "offer", (ViewClient, ViewTier, ViewProfile),
    {"kind": ("cross", "up"), "product": PRODUCTS, "offer": str, "rank": int},
)  # fmt: skip
OFFER_BLOCK = Pack("offer_block", (ViewClient, ViewRisk), {"blocks": ("every", "credit")})
MEMBERSHIP = Pack("membership", (ViewClient, ViewTier), {"level": CARD_LEVELS})
CAMPAIGN = Pack(
    "campaign", (ViewClient, ViewTier), {"channel": CHANNELS, "purpose": str, "legal_entity": str},
    optional=frozenset({"legal_entity"}),
)  # fmt: skip

PACKS = (
    SCREENING, RISK, RISK_CLASS, REVIEW, TIER, PROFILE, WARNING, FINDING, REMINDER, MATURITY, EXCLUSION, FAMILIAR,
    RELEASE, TURN, OFFER, OFFER_BLOCK, MEMBERSHIP, CAMPAIGN,
)  # fmt: skip
BY_HAND = Compiled("by_hand", "FALSE", {}, "given by hand until its review", "view_given_profile")
"""What stands in `view_rule` for a profile that no rule gave."""
