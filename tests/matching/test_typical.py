"""Declared chances of levels, and how far a table of some size leans on them."""

import math
from typing import Any

import pytest

from matching.comparisons import labels
from matching.typical import TYPICAL, frequency, lean, leaning
from rules.matching import Comparison, Kind, load_matching

SHIPPED = (*load_matching().person.comparisons, *load_matching().organisation.comparisons)


@pytest.mark.parametrize("declared", SHIPPED, ids=lambda declared: declared.field)
def test_every_level_has_typical_chances(declared: Comparison) -> None:
    assert set(labels(declared)) == set(TYPICAL[declared.kind])


@pytest.mark.parametrize("kind", TYPICAL)
def test_chances_add_up_and_the_weakest_level_is_no_evidence_for_a_pair(kind: Kind) -> None:
    assert 0.95 < sum(m for m, _ in TYPICAL[kind].values()) < 1.05
    m, u = TYPICAL[kind]["different"]
    assert m < (u or 1)


def test_the_more_pairs_the_less_a_table_leans() -> None:
    assert leaning(1) == 1 and leaning(448) == pytest.approx(0.5, abs=0.01) and leaning(5_000) < 0.0001


def settings(**chances: float) -> dict[str, Any]:
    ladder = [{"label_for_charts": label, **chances} for label in ("same", "near", "different")]
    null = {"label_for_charts": "missing", "is_null_level": True}
    return {"comparisons": [{"output_column_name": "town", "comparison_levels": [null, *ladder]}]}


def leant(made: dict[str, Any], records: int, pairs: int = 1_000) -> list[tuple[float, float]]:
    lean(made, {"town": "place"}, records, pairs)
    levels = made["comparisons"][0]["comparison_levels"][1:]
    return [(level["m_probability"], level["u_probability"]) for level in levels]


def test_a_small_table_takes_the_declared_chances() -> None:
    found = leant(settings(u_probability=0.2), records=2)
    assert found == [pytest.approx(chances, rel=0.001) for chances in TYPICAL["place"].values()]


def test_a_ladder_that_nobody_could_train_takes_declared_m_whatever_the_size_of_the_table() -> None:
    found = leant(settings(u_probability=0.2), records=100_000)
    assert [m for m, _ in found] == [m for m, _ in TYPICAL["place"].values()] and found[0][0] > 0.2 > found[-1][0]


def test_a_large_table_keeps_what_it_was_taught() -> None:
    assert leant(settings(m_probability=0.5, u_probability=0.2), records=100_000)[0] == pytest.approx((0.5, 0.2), 0.001)


def test_what_was_never_met_counts_as_bounded() -> None:
    [_, (_, u), _] = leant(settings(), records=448)
    assert u == pytest.approx(math.sqrt(0.003 * TYPICAL["place"]["near"][1]), rel=0.02)  # type: ignore[operator]


def test_a_value_met_twice_among_a_hundred_is_not_common() -> None:
    each, every = frequency("family_name", "same", 100)
    assert (2 + each) / (100 + every) < 0.006 and frequency("category", "same", 100) == (0, 0)
    assert sum(frequency("family_name", "same", 100_000)) < 1
