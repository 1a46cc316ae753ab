"""What only compliance may know of a client: a client must not learn of it, so few people do (AMLR art. 73).

Here: leaving it out of a client's view for everybody else. Not here: which rules and parts it is (rules/desk).
"""

from collections.abc import Iterable

from rules.desk import ASK, COMPLY, CONFIDENTIAL, DISCREET, HIDING, HIGH, MAY, PROHIBITED
from stages.lookup import Row

View = dict[str, list[Row]]


def discreet(role: str, view: View) -> View:
    """The parts of a client's view that the role may see, by the names of stages/viewed."""
    if COMPLY not in MAY[role]:
        view = {part: _rows(found) for part, found in view.items() if part not in DISCREET}
    return {part: [_shown(row) for row in found] for part, found in view.items()}


def risk_class(role: str, told: str | None) -> str | None:
    """The risk class as the role may know it."""
    return HIGH if told == PROHIBITED and COMPLY not in MAY[role] else told


def _rows(found: Iterable[Row]) -> list[Row]:
    """Without confidential findings and warnings; an offer that one blocks says whom to ask."""
    told = [row for row in found if row.get("rule") not in CONFIDENTIAL]
    return [{**row, "blocked": ASK} if _hides(row) else row for row in told]


def _hides(row: Row) -> bool:
    return bool(set(str(row.get("blocked_by") or "").split(",")) & set(HIDING))


def _shown(row: Row) -> Row:
    """The row without the rules' names, of which the texts are told."""
    return {name: value for name, value in row.items() if name != "blocked_by"}
