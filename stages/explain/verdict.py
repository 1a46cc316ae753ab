"""The verdict: whether two sides are one client, and by which rule of the machinery they are, or are not.

Here: what follows from the facts. Not here: the words for it (sentences), finding the facts (compose).
"""

from dataclasses import dataclass

from matching.blocked_by import RuleTried
from matching.explanation import Evidence
from matching.model import MICRO
from matching.scoring import FLOOR_BITS
from stages.explain import facts
from stages.explain.facts import Link, ReviewItem


@dataclass(frozen=True)
class Asked:
    """The facts a verdict rests on; `lead` says which pair it is about where more than two records were asked for."""

    same_client: bool
    evidence: Evidence
    stored: int | None
    one_entity: bool
    rules: tuple[RuleTried, ...]
    path: tuple[Link, ...]
    pair: tuple[str, str]
    review: tuple[ReviewItem, ...]
    lead: str


def verdict(asked: Asked) -> str:
    """One of `facts.VERDICTS`."""
    if asked.same_client:
        return _joined(asked)
    if asked.stored is None and not found_by(asked):
        return facts.NEVER_COMPARED
    if asked.stored is None and asked.evidence.weight >= asked.evidence.review_weight + FLOOR_BITS * MICRO:
        return facts.LEFT_OUT if asked.one_entity else facts.OTHER_ENTITY
    if asked.evidence.band == "review" and asked.review:
        return facts.IN_REVIEW
    return facts.CUT if asked.evidence.band == "match" else facts.BELOW


def _joined(asked: Asked) -> str:
    if asked.stored is not None and asked.evidence.band == "match":
        return facts.JOINED
    return facts.CHAINED if asked.path else facts.DECIDED


def found_by(asked: Asked) -> list[RuleTried]:
    """The rules in use that find the pair."""
    return [rule for rule in asked.rules if rule.used and rule.finds]
