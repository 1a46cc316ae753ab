"""Proposing blocking rules: from candidates a set within a budget of pairs that finds the most true pairs.

Here: the choice. Not here: the candidates and which pairs they find (matching/candidates). It is the better of two
greedy runs, by added recall per pair and by added recall, as Khuller, Moss and Naor (1999) do for maximum coverage
under a budget.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.blocking import Rule

LEAST_GAIN = 2_000
"""A rule must add at least one in so many of the true pairs."""
Mass = npt.NDArray[np.int64]
Finds = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Chosen:
    """One proposed rule: its pairs alone (upper bound), its recall alone, what it adds and the recall so far."""

    rule: Rule
    pairs: int
    alone: float
    adds: float
    recall: float


def finds(parts: Sequence[str], rules: Sequence[Rule], patterns: Mass) -> Finds:
    """Which rule (row) finds the pairs of which pattern (column)."""
    masks = np.array([sum(1 << parts.index(part) for part in rule) for rule in rules], dtype=np.int64)
    return np.asarray((patterns[None, :] & masks[:, None]) == masks[:, None])


def choose(rules: Mapping[Rule, int], found: Finds, mass: Mass, budget: int) -> list[Chosen]:
    """The better of the two greedy choices within `budget`; on a draw the one of fewer pairs."""
    pairs = np.array(list(rules.values()), dtype=np.int64)
    runs = [_greedy(pairs, found, mass, budget, per_pair) for per_pair in (True, False)]
    best = max(runs, key=lambda run: (_covered(found, run, mass), -int(pairs[run].sum())))
    return told(list(rules.items()), found, mass, best)


def _greedy(pairs: Mass, found: Finds, mass: Mass, budget: int, per_pair: bool) -> list[int]:
    """Take the best affordable rule while it adds enough, then once more after dropping what became superfluous."""
    chosen: list[int] = []
    for _ in range(2):
        _fill(chosen, pairs, found, mass, budget, per_pair)
        for rule in sorted(chosen, key=lambda rule: (-int(pairs[rule]), rule)):
            others = [other for other in chosen if other != rule]
            if _covered(found, chosen, mass) - _covered(found, others, mass) < _least(mass):
                chosen = others
    return chosen


def _fill(chosen: list[int], pairs: Mass, found: Finds, mass: Mass, budget: int, per_pair: bool) -> None:
    left = np.where(found[chosen].any(axis=0), 0, mass)
    while True:
        gain = found @ left
        usable = (gain >= _least(mass)) & (pairs <= budget - pairs[chosen].sum())
        if not usable.any():
            return
        worth = np.where(usable, gain / pairs if per_pair else gain, -1.0)
        best = int(np.lexsort((np.arange(len(pairs)), pairs, -worth))[0])
        chosen.append(best)
        left = np.where(found[best], 0, left)


def _least(mass: Mass) -> int:
    return max(int(mass.sum()) // LEAST_GAIN, 1)


def _covered(found: Finds, rules: Sequence[int], mass: Mass) -> int:
    return int(mass[found[list(rules)].any(axis=0)].sum())


def told(rules: Sequence[tuple[Rule, int]], found: Finds, mass: Mass, order: Sequence[int]) -> list[Chosen]:
    """What each rule finds and adds, in `order`."""
    total, so_far, shown = max(int(mass.sum()), 1), 0, []
    for place, rule in enumerate(order):
        covered = _covered(found, order[: place + 1], mass)
        alone, adds = _covered(found, [rule], mass), covered - so_far
        so_far = covered
        shown.append(Chosen(*rules[rule], *(round(part / total, 6) for part in (alone, adds, covered))))
    return shown
