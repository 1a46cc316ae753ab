"""An explanation without clients' values.

Here: letters in place of values, equal letters for equal values within one comparison. Not here: who may see what.
"""

from dataclasses import replace

from matching.explanation import Step, Values
from stages.explain.facts import Explanation


def without_values(found: Explanation) -> Explanation:
    """The same explanation with a letter for every value; labels, weights and record keys stay."""
    if found.evidence is None:
        return found
    steps = tuple(_hidden(step) for step in found.evidence.steps)
    return replace(found, evidence=replace(found.evidence, steps=steps))


def _hidden(step: Step) -> Step:
    """Letters in the order in which the values are met, left before right."""
    met = dict.fromkeys(value for side in (step.left, step.right) for values in side.values() for value in values)
    letters = {value: _letter(place) for place, value in enumerate(met)}
    return replace(step, left=_lettered(step.left, letters), right=_lettered(step.right, letters))


def _lettered(side: Values, letters: dict[str, str]) -> Values:
    return {column: tuple(letters[value] for value in values) for column, values in side.items()}


def _letter(place: int) -> str:
    """A to Z, then A1."""
    return chr(ord("A") + place % 26) + (str(place // 26) if place >= 26 else "")
