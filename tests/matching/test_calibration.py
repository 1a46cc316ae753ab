"""What training learns from its own candidate pairs: the prior, and thresholds from costs and from capacity."""

import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import duckdb
import polars as pl
import pytest

from matching import scoring
from matching.calibration import PRIOR, calibrate, rounded
from matching.model import MICRO, Model
from rules.matching import Costs, ModelSettings, Review
from tests.matching.conftest import open_with

TRUE_PAIRS = 500  # the first FEBRL file: every one of 500 persons twice
TRUTH = TRUE_PAIRS / (1_000 * 999 // 2)
COSTS_50, EVEN = 5_643_856, 0
"""Bits at which a wrong merge that costs 50 missed ones pays off, and at which a look does."""


@pytest.fixture(scope="module")
def con(records: pl.DataFrame, trained: Model) -> Iterator[duckdb.DuckDBPyConnection]:
    """Calibrating changes nothing that was there before: see below."""
    with open_with(records, trained.folder.parent) as opened:
        opened.execute("ALTER TABLE match_input_person RENAME TO training_input")
        yield opened


def calibrated(
    con: duckdb.DuckDBPyConnection, draft: Model, person: ModelSettings, capacity: Review, costs: Costs
) -> Model:
    return calibrate(con, draft, person.model_copy(update={"review": capacity, "costs": costs}))


def waiting(con: duckdb.DuckDBPyConnection, model: Model) -> tuple[int, int]:
    """Pairs below the match threshold that weigh more than the review threshold, and those on it too."""
    scoring.score(con, model, "training_input", "pairs")
    [[above, all_]] = con.execute(f"""
        SELECT count(*) FILTER (WHERE weight > {model.review_weight}), count(*)
        FROM pairs WHERE weight BETWEEN {model.review_weight} AND {model.match_weight - 1}""").fetchall()
    con.execute("DROP TABLE pairs")
    return int(above), int(all_)


@pytest.mark.slow
def test_the_prior_is_close_to_the_truth(trained: Model) -> None:
    assert trained.settings[PRIOR] == pytest.approx(TRUTH, rel=0.02)


@pytest.mark.slow
def test_the_prior_does_not_depend_on_what_the_draft_believes(
    con: duckdb.DuckDBPyConnection, trained: Model, person: ModelSettings
) -> None:
    for wrong in (0.2, 5):
        draft = replace(trained, settings=trained.settings | {PRIOR: wrong * TRUTH})
        found = calibrate(con, draft, person)
        assert found.settings[PRIOR] == pytest.approx(trained.settings[PRIOR], rel=0.01)
        assert found.match_weight == trained.match_weight
    tables = {str(row[0]) for row in con.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    assert tables == {"given_frame", "key_map", "training_input"}, "something is left in the connection"


@pytest.mark.parametrize(("cost", "bits"), [(1, 0), (50, COSTS_50), (1000, 9_965_784)])
def test_the_threshold_of_a_cost_is_where_merging_begins_to_pay(cost: int, bits: int) -> None:
    probability = Costs(wrong_merge=Decimal(cost)).match_probability()
    assert round(math.log2(probability / (1 - probability)) * MICRO) == bits
    assert probability * 1 == pytest.approx((1 - probability) * cost)


def test_clients_of_legal_entities_cost_a_breach(person: ModelSettings) -> None:
    assert person.costs.of_clients().wrong_merge == person.costs.breach > person.costs.wrong_merge


def test_thresholds_of_the_shipped_settings(trained: Model, person: ModelSettings) -> None:
    """So few pairs are in doubt that stewards can see all of which a look is worth it."""
    match = round(math.log2(person.costs.wrong_merge) * MICRO)
    assert (trained.match_weight, trained.review_weight) == (match, EVEN)


HIGH = Costs(wrong_merge=Decimal(10) ** 9, look_in_vain=Decimal("0.001"))
"""Nothing is merged and everything worth a look."""


@pytest.mark.parametrize(
    ("capacity", "pairs"),
    [
        (Review(pairs_per_record=Decimal(0), least_pairs=3), 3),
        (Review(pairs_per_record=Decimal("0.05"), least_pairs=20), 50),
    ],
    ids=["at least", "by records"],
)
def test_stewards_get_as_many_pairs_as_they_can_look_at(
    con: duckdb.DuckDBPyConnection, trained: Model, person: ModelSettings, capacity: Review, pairs: int
) -> None:
    """Pairs of one weight stay together."""
    above, all_ = waiting(con, calibrated(con, trained, person, capacity, HIGH))
    assert above < pairs <= all_ < TRUE_PAIRS


def test_without_capacity_nobody_is_asked(
    con: duckdb.DuckDBPyConnection, trained: Model, person: ModelSettings
) -> None:
    made = calibrated(con, trained, person, Review(pairs_per_record=Decimal(0), least_pairs=0), HIGH)
    assert made.review_weight == made.match_weight == pytest.approx(9 * math.log2(10) * MICRO, abs=1)


def test_nobody_is_asked_where_a_look_does_not_pay(
    con: duckdb.DuckDBPyConnection, trained: Model, person: ModelSettings
) -> None:
    endless = Review(pairs_per_record=Decimal(1), least_pairs=10**6)
    made = calibrated(con, trained, person, endless, Costs(wrong_merge=Decimal(50), look_in_vain=Decimal(7)))
    assert made.review_weight == pytest.approx(math.log2(7) * MICRO, abs=1) and made.match_weight == COSTS_50


def test_relatives_and_associations_are_those_that_are_declared(trained: Model, person: ModelSettings) -> None:
    assert [kind["name"] for kind in trained.relatives] == [kind.name for kind in person.relatives]
    assert all(set(kind["shares"]) <= set(trained.comparisons) and kind["odds"] > 0 for kind in trained.relatives)
    [names] = trained.associated
    assert names["fields"] == ["given", "family"] and names["factor"] >= 1


def test_probabilities_keep_twelve_digits() -> None:
    made = rounded({"a": [0.1234567890123456, {"b": 1 / 3, "c": "0.12345678901234567"}], "n": 3})
    assert made == {"a": [0.123456789012, {"b": 0.333333333333, "c": "0.12345678901234567"}], "n": 3}
