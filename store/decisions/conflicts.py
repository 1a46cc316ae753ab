"""Decisions that cannot both hold: records joined, perhaps through others, that another decision keeps apart.

Here: the shortest chain of decisions that says so. Not here: what else must be true of a new decision (judge).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rules.decisions import CANNOT_LINK, MUST_LINK
from store.decisions.entries import Record
from store.decisions.state import Decision


class Step(NamedTuple):
    """A decision between two records on the way from one to another."""

    left: Record
    decision: int
    effect: str
    right: Record


Reached = dict[Record, tuple[Step, ...]]
Groups = tuple[Sequence[Record], Sequence[Record]]


def conflict(effect: str, groups: Groups, others: Sequence[Decision]) -> tuple[Step, ...]:
    """The shortest chain of `others` that contradicts `effect` on the two groups; empty where nothing does.

    A cannot-link is contradicted by must-links that lead from one group to the other; a must-link by a cannot-link
    between what is joined to either.
    """
    joins = _joins(others)
    if effect == CANNOT_LINK:
        return _shortest(_reach(groups[0], joins)[record] for record in _met(groups[0], groups[1], joins))
    if effect != MUST_LINK:
        return ()
    left, right = _reach(groups[0], joins), _reach(groups[1], joins)
    apart = [decision for decision in others if decision.effect == CANNOT_LINK]
    return _shortest(chain for decision in apart for chain in _across(decision, left, right))


def told(chain: Sequence[Step]) -> str:
    """The chain in words: records with the decisions between them."""
    words = [":".join(chain[0].left)]
    for step in chain:
        words.append(f"{step.effect} (decision {step.decision}) {':'.join(step.right)}")
    return " ".join(words)


def _joins(others: Sequence[Decision]) -> dict[Record, list[Step]]:
    """From each record the must-links that lead on."""
    found: dict[Record, list[Step]] = {}
    for decision in others:
        if decision.effect == MUST_LINK:
            for left, right in (decision.anchors, decision.anchors[::-1]):
                found.setdefault(left, []).append(Step(left, decision.id, MUST_LINK, right))
    return found


def _reach(starts: Sequence[Record], joins: dict[Record, list[Step]]) -> Reached:
    """Every record that must-links lead to from `starts`, with the shortest way there (breadth first)."""
    found: Reached = dict.fromkeys(starts, ())
    waiting = list(starts)
    for record in waiting:
        for step in joins.get(record, ()):
            if step.right not in found:
                found[step.right] = (*found[record], step)
                waiting.append(step.right)
    return found


def _met(starts: Sequence[Record], ends: Sequence[Record], joins: dict[Record, list[Step]]) -> list[Record]:
    reached = _reach(starts, joins)
    return [record for record in ends if record in reached]


def _across(apart: Decision, left: Reached, right: Reached) -> Iterable[tuple[Step, ...]]:
    """The ways from `left` over a cannot-link to `right`, told from the cannot-link's side as it stands."""
    groups = apart.entry.left, apart.entry.right
    for one, other in (groups, groups[::-1]):
        for near in (record for record in one if record in left):
            for far in (record for record in other if record in right):
                yield (*left[near], Step(near, apart.id, CANNOT_LINK, far), *_turned(right[far]))


def _turned(way: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(Step(step.right, step.decision, step.effect, step.left) for step in reversed(way))


def _shortest(chains: Iterable[tuple[Step, ...]]) -> tuple[Step, ...]:
    return min((chain for chain in chains if chain), key=lambda chain: (len(chain), chain), default=())
