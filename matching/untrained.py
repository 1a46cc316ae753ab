"""What a level is worth that training never saw: a declared, conservative value in place of Splink's silent default.

Here: the rule that fills the gaps of a trained ladder. Not here: training. Splink gives an unseen level a built-in m
and u (up to 10 bits of evidence for a pair) and says nothing. Here instead, and listed in the model's facts:
1. u of an unseen level = 3 / sampled pairs, the 95 % bound on a chance that was never met (rule of three);
2. m of an unseen level is set so that its weight lies on the line between its nearest trained neighbours, by place in
   the ladder (`different` counts as trained): nothing unseen is worth more than the stronger level seen beside it;
3. m of an unseen `different` = what the seen levels leave of 1, within 0.01 and its u: never evidence for a pair.
A ladder of which no m was seen takes declared ones (matching/typical).
"""

import math
from typing import Any

LEAST_M, BOUND = 0.01, 3.0
"""Least m of `different`, numerator of the rule of three."""

Level = dict[str, Any]


def fill(settings: dict[str, Any], pairs: int) -> None:
    """Fill every missing m and u of a trained model in place; some m of every ladder must be there.

    `settings` is Splink's saved model, `pairs` the number of random pairs that u was estimated from.
    """
    for declared in settings["comparisons"]:
        _fill(_ladder(declared), unmet(pairs))


def gaps(settings: dict[str, Any]) -> dict[str, list[str]]:
    """Labels of the levels of which m or u is missing, by comparison."""
    ladders = {declared["output_column_name"]: _ladder(declared) for declared in settings["comparisons"]}
    found = {
        name: [str(level["label_for_charts"]) for level in ladder if _gap(level)] for name, ladder in ladders.items()
    }
    return {name: labels for name, labels in found.items() if labels}


def unmet(pairs: int) -> float:
    """The chance of what none of `pairs` random pairs showed."""
    return BOUND / max(pairs, 4)


def _ladder(declared: dict[str, Any]) -> list[Level]:
    """Levels that carry a weight, strongest first, `different` last."""
    return [level for level in declared["comparison_levels"] if not level.get("is_null_level")]


def _gap(level: Level) -> bool:
    return "m_probability" not in level or "u_probability" not in level


def _fill(levels: list[Level], chance: float) -> None:
    if any(_gap(level) for level in levels):
        for level in levels:
            level.setdefault("u_probability", chance)
        _fill_ends(levels)
        _fill_between(levels)


def _fill_ends(levels: list[Level]) -> None:
    seen = sum(level.get("m_probability", 0.0) for level in levels)
    last = levels[-1]
    last.setdefault("m_probability", min(max(1 - seen, LEAST_M), last["u_probability"]))


def _fill_between(levels: list[Level]) -> None:
    """Each gap takes the weight on the line between its trained neighbours; above the strongest one, that one's."""
    trained = [place for place, level in enumerate(levels) if "m_probability" in level]
    weights = {place: _weight(levels[place]) for place in trained}
    for place in set(range(len(levels))) - set(trained):
        below = next(i for i in trained if i > place)
        above = next((i for i in reversed(trained) if i < place), below)
        share = (place - above) / (below - above) if below > above else 0.0
        weight = weights[above] + share * (weights[below] - weights[above])
        levels[place]["m_probability"] = min(levels[place]["u_probability"] * 2**weight, 1.0)


def _weight(level: Level) -> float:
    return math.log2(level["m_probability"] / level["u_probability"])
