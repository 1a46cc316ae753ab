"""What people may decide, and what needs a second person.

Here: the kinds of decision, the fields and units that may be overridden, when changed evidence matters. Not here: the
log (store/decisions), what a decision does to a night (stages/decisions).
"""

from collections.abc import Collection

from rules.contracts.standard import SCALARS
from rules.desk import HIGH, PROHIBITED

MUST_LINK, CANNOT_LINK = "must_link", "cannot_link"
MERGE, SPLIT, CONFIRM, OVERRIDE = "merge", "split", "confirm", "override"
KINDS = (MUST_LINK, CANNOT_LINK, MERGE, SPLIT, CONFIRM, OVERRIDE)
"""A merge is a must-link and a split a cannot-link that always count once approved."""
APPROVE, END = "approve", "end"
"""Rows of the log about an earlier decision: nothing in the log is ever changed."""
SYSTEM = "registry"
"""The system itself, which decides nothing: no person may call himself so."""

DISPLAY_NAME = "display_name"
OVERRIDABLE = (DISPLAY_NAME, *SCALARS)
IMPORTANT = (
    DISPLAY_NAME, "birth_date", "registration_date", "pep", "life_status", "death_date", "dissolution_date",
    "residence_country", "country", "legal_form", "activity_code",
)  # fmt: skip
"""Fields that a single person does not override, beside every unit: who a client is, whether he lives, what makes
his risk class."""
UNITS = {"address": "full", "contact": "value", "identifier": "number"}
"""Units that may be overridden as a whole, each with the column that it is known by. The field names unit and kind:
`address.actual`, `contact.email`, `identifier.passport`."""
SEVERAL = ("contact", "identifier")
"""Units of which a client may have several of a kind, so that one decision does not speak against another."""
MATERIAL_BITS = 5
"""A weight that moved by more has changed materially."""


HIGH_RISKS = (HIGH, PROHIBITED)
TWO_CLIENTS, PREMIUM, RISK = "two golden records", "premium client", "high risk client"
"""Why a decision of any kind needs a second person, by what the live version says when it is entered."""


def needs_second_person(kind: str, field: str = "", reasons: Collection[str] = ()) -> bool:
    """Whether a decision counts only once another person approved it: for its kind, its field, or its clients."""
    important = kind == OVERRIDE and (field in IMPORTANT or bool(unit_of(field)))
    return kind in (MERGE, SPLIT) or important or bool(reasons)


def unit_of(field: str) -> str:
    """The unit that a field names, address of `address.actual`; empty where it is a column of golden_party."""
    unit, _, kind = field.partition(".")
    return unit if kind and unit in UNITS else ""


def effect_of(kind: str, declared: str = "") -> str:
    """What a decision does to its two groups of records: must_link, cannot_link, or nothing (an override)."""
    return {MERGE: MUST_LINK, SPLIT: CANNOT_LINK, CONFIRM: declared, OVERRIDE: ""}.get(kind, kind)
