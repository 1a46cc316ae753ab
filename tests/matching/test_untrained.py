"""The declared value of a level that training never saw."""

import math
from typing import Any

import pytest

from matching.untrained import fill, gaps

Given = list[tuple[float | None, float | None]]


def filled(ladder: Given, pairs: int = 3_000_000) -> tuple[list[float], list[str]]:
    """Weights, strongest first, and the labels that were filled."""
    levels: list[dict[str, Any]] = [{"label_for_charts": "missing", "is_null_level": True, "sql_condition": "x"}]
    for place, (m, u) in enumerate(ladder):
        seen = {"m_probability": m, "u_probability": u}
        levels.append({"label_for_charts": str(place)} | {name: p for name, p in seen.items() if p is not None})
    model = {"comparisons": [{"output_column_name": "a", "comparison_levels": levels}]}
    labels = gaps(model)
    fill(model, pairs)
    weights = [math.log2(level["m_probability"] / level["u_probability"]) for level in levels[1:]]
    return weights, labels.get("a", [])


def test_a_trained_ladder_is_left_alone() -> None:
    weights, labels = filled([(0.8, 0.1), (0.2, 0.9)])
    assert weights == [pytest.approx(3.0), pytest.approx(math.log2(0.2 / 0.9))] and labels == []


@pytest.mark.parametrize(
    ("ladder", "expected"),
    [
        ([(0.8, 0.0125), (None, 0.001), (0.1, 0.0125), (0.1, 0.8)], 4.5),
        ([(0.1, 0.0125), (None, 0.001), (0.8, 0.0125), (0.1, 0.8)], 4.5),
        ([(None, 0.001), (0.8, 0.1), (0.2, 0.8)], 3),
    ],
    ids=["between", "above is weaker", "strongest"],
)
def test_an_unseen_level_lies_between_its_neighbours(ladder: Given, expected: float) -> None:
    weights, labels = filled(ladder)
    place = next(place for place, (m, _) in enumerate(ladder) if m is None)
    assert weights[place] == pytest.approx(expected) and labels == [str(place)]


def test_two_unseen_levels_in_a_row() -> None:
    weights, _ = filled([(0.8, 0.0125), (None, 0.01), (None, 0.001), (0.1, 0.0125), (0.1, 0.8)])
    assert weights[1:3] == [pytest.approx(5), pytest.approx(4)]


def test_an_unseen_different_is_never_evidence_for_a_pair() -> None:
    assert filled([(0.9, 0.1), (None, 0.9)])[0][1] == pytest.approx(math.log2(0.1 / 0.9))
    assert filled([(1.0, 0.1), (None, 0.9)])[0][1] == pytest.approx(math.log2(0.01 / 0.9))
    assert filled([(0.5, 0.9), (None, 0.1)])[0][1] == 0


def test_a_chance_never_met_is_bounded_by_the_rule_of_three() -> None:
    weights, labels = filled([(0.5, None), (0.5, 0.9)], pairs=3_000)
    assert weights[0] == pytest.approx(math.log2(0.5 / 0.001)) and labels == ["0"]
