"""One plain sentence for a verdict: why two are one client, or why not.

Here: words, with numbers in bits of evidence and without clients' values. Not here: the verdict itself (verdict).
"""

from collections.abc import Callable, Sequence

from matching.blocked_by import RuleTried, nearest
from matching.explanation import Step
from matching.model import MICRO
from stages.explain import facts
from stages.explain.facts import ReviewItem
from stages.explain.verdict import Asked, found_by

LITTLE = MICRO // 2
"""Evidence of less than half a bit is not worth a word."""
NAMED = 3
"""Pieces of evidence that a sentence names at most."""


def unmatched(left: str, right: str) -> tuple[str, str]:
    """Verdict and sentence for parties that no model compares."""
    if left != right:
        return facts.OTHER_KIND, f"Never compared: one is matched as {left}, the other as {right}."
    return facts.NO_MODEL, f"Never compared: this version had no model for {left}s."


def lead(pair: tuple[str, str], records: int, itself: bool) -> str:
    """Which pair a sentence is about; nothing where just two records were asked for."""
    named = f"{pair[0]} and {pair[1]}"
    if itself:
        return f"The weakest link that holds this client's {records} records together is {named}. "
    return f"Of the records of both, {named} speak most for joining them. " if records > 2 else ""


def sentence(verdict: str, asked: Asked) -> str:
    """The verdict in plain words; numbers are bits of evidence."""
    chained = "" if asked.same_client or verdict == facts.CUT else _chained_too(asked)
    return asked.lead + _SENTENCES[verdict](asked) + chained


def _sure(asked: Asked) -> str:
    over = asked.evidence.weight - asked.evidence.match_weight
    return (
        f"One client: {bits(asked.evidence.weight)} of evidence, {bits(over)} above the match threshold;"
        f" most for it {_most(asked, 1)}{_but(asked)}."
    )


def _through(asked: Asked) -> str:
    weakest = min(asked.path, key=lambda link: link.weight)
    many = len(asked.path) - 1
    others = f"{many} other record{'s' if many != 1 else ''}"
    own = "were never compared" if asked.stored is None else f"have only {bits(asked.evidence.weight)} on their own"
    return (
        f"One client through {others}: the two {own}, but a chain joins them of which the weakest pair,"
        f" {weakest.left} and {weakest.right}, has {bits(weakest.weight)}."
    )


def _decided(_asked: Asked) -> str:
    return "One client, although no chain of accepted pairs joins the two: a decision does."


def _uncompared(asked: Asked) -> str:
    refused, close = next((rule for rule in asked.rules if rule.finds), None), nearest(asked.rules)
    reason = _refused(refused) if refused else _missed(close) if close else "The two agree on no part of any."
    return f"Never compared: no blocking rule finds this pair. {reason} {_would(asked)}"


def _refused(rule: RuleTried) -> str:
    return f"Rule {rule.rule} would have found it, but it makes too many pairs and was left out in training."


def _missed(rule: RuleTried) -> str:
    return f"Nearest is {rule.rule}, but {_and(rule.because)}."


def _would(asked: Asked) -> str:
    """What the pair's weight would have led to."""
    found = asked.evidence
    would = {"match": "enough to match", "review": "enough for review"}.get(found.band, "not enough to match")
    return f"If compared they would have {bits(found.weight)}, {would} (threshold {bits(found.match_weight)})."


def _left_out(asked: Asked) -> str:
    rule = found_by(asked)[0].rule
    return f"Rule {rule} finds them, but the run left their block out because it is too large. {_would(asked)}"


def _other_entity(asked: Asked) -> str:
    return f"Kept apart: they belong to different legal entities, which are matched apart here. {_would(asked)}"


def _below(asked: Asked) -> str:
    found = asked.evidence
    lacking = [plain(step.name) for step in found.steps if step.gamma == -1]
    missing = f" No evidence from {_and(lacking)} (missing)." if lacking else ""
    against = f" Against it {_most(asked, -1)}." if _ordered(asked, -1) else ""
    return f"Below the match threshold by {bits(found.match_weight - found.weight)}.{against}{missing}"


def _waiting(asked: Asked) -> str:
    return "Waits for a steward's look: " + _below(asked)[0].lower() + _below(asked)[1:]


def _cut(asked: Asked) -> str:
    item = _refusal(asked)
    over = asked.evidence.weight - asked.evidence.match_weight
    told = _said(item) if item else "no review item names it"
    where = f" between {item.left} and {item.right}" if item and {item.left, item.right} != {*asked.pair} else ""
    return f"Kept apart although {bits(over)} above the match threshold: {told}{where}."


def _said(item: ReviewItem) -> str:
    cause = "a steward's cannot-link" if item.kind == "cannot_link" else f"the review item ({item.kind})"
    return f"{cause} says: {item.reason}"


def _refusal(asked: Asked) -> ReviewItem | None:
    """The item that names why edges between the two were refused; one of the review band refuses nothing."""
    return next((item for item in asked.review if item.kind not in _NO_REFUSAL), None)


_NO_REFUSAL = ("band", "reopened", "must_link", "party_types")


def _chained_too(asked: Asked) -> str:
    """A chain of accepted pairs between different clients was cut somewhere."""
    item, weakest = _refusal(asked), min((link.weight for link in asked.path), default=0)
    if len(asked.path) < 2 or not item or weakest < asked.evidence.match_weight:
        return ""
    return f" A chain through other records would join them, but it was cut ({item.kind}): {item.reason}."


_SENTENCES: dict[str, Callable[[Asked], str]] = {
    facts.JOINED: _sure,
    facts.CHAINED: _through,
    facts.DECIDED: _decided,
    facts.NEVER_COMPARED: _uncompared,
    facts.LEFT_OUT: _left_out,
    facts.OTHER_ENTITY: _other_entity,
    facts.BELOW: _below,
    facts.IN_REVIEW: _waiting,
    facts.CUT: _cut,
}


def _but(asked: Asked) -> str:
    return f", against it {_most(asked, -1)}" if _ordered(asked, -1) else ""


def _most(asked: Asked, sign: int) -> str:
    """The strongest evidence for (1) or against (-1): comparison, level, bits."""
    found = _ordered(asked, sign)[:NAMED]
    return _and([f"{_evidence(step)} ({step_bits(step):+.1f})" for step in found])


def _evidence(step: Step) -> str:
    return step.label if step.gamma is None else f"{plain(step.name)} {step.label}"


def _ordered(asked: Asked, sign: int) -> list[Step]:
    steps = [step for step in asked.evidence.steps[1:] if sign * (step.weight + step.frequency) >= LITTLE]
    return sorted(steps, key=lambda step: -sign * (step.weight + step.frequency))


def step_bits(step: Step) -> float:
    """What a step adds to the weight in bits, frequency included."""
    return (step.weight + step.frequency) / MICRO


def bits(weight: int) -> str:
    """A weight in words."""
    return f"{weight / MICRO:.1f} bits"


def plain(name: str) -> str:
    """A comparison's name as a reader's word."""
    return name.replace("_", " ")


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
