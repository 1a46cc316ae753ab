"""What only compliance may know of a client: a client must not learn of it, so few people do (AMLR art. 73).

Here: leaving it out of a client's view for everybody else. Not here: which rules and parts it is (rules/desk).
"""

from rules.desk import ASK, COMPLY, CONFIDENTIAL, DISCREET, HIDING, HIGH, MAY, PROHIBITED
from stages.lookup import Row

View = dict[str, list[Row]]
_INSTEAD = {"severity": HIGH, "reason": ASK, "rule": "", "cites": ""}


def view(role: str, found: View) -> View:
    """The parts of a client's view that the role may see, by the names of stages/viewed."""
    if COMPLY in MAY[role]:
        return found
    told = {part: [row for row in held if not _secret(row)] for part, held in found.items() if part not in DISCREET}
    return told | {part: [_asking(row) for row in told[part]] for part in ("offers",) if part in told}


def alerts(role: str, found: list[Row]) -> list[Row]:
    """Findings and warnings that the role may see; in place of the others, whom to ask."""
    told = found if COMPLY in MAY[role] else [row for row in found if not _secret(row)]
    return told if len(told) == len(found) else [_INSTEAD, *told]


def risk_class(role: str, told: str | None) -> str | None:
    """The risk class as the role may know it."""
    return HIGH if told == PROHIBITED and COMPLY not in MAY[role] else told


def _secret(row: Row) -> bool:
    return row.get("rule") in CONFIDENTIAL


def _asking(offer: Row) -> Row:
    """An offer that a confidential rule blocks says whom to ask; `blocked_by` has its rules."""
    hidden = set((offer["blocked_by"] or "").split(",")) & set(HIDING)
    return {**offer, "blocked": ASK, "blocked_by": ""} if hidden else offer
