"""What training learns from the weights of its own candidate pairs: prior, relatives, associations, thresholds.

Here: the last step of training, which makes weights mean what they say: 2^weight are the odds that two records are one
client, against strangers and relatives. Not here: the chances of levels (matching/training). The thresholds follow
from declared costs and from how much stewards can look at, never from labels.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import duckdb

from matching import left_over
from matching.association import learn
from matching.model import MICRO, PRIOR, Model
from matching.relatives import estimate
from matching.scoring import candidates, close, final_weight
from matching.typical import leaning
from rules.matching import ModelSettings

LEAST = -8
"""Weight in bits of the weakest pairs that are looked at: weaker ones are strangers beyond doubt."""
MOST_TRUE = 0.5


def calibrate(
    con: duckdb.DuckDBPyConnection, draft: Model, declared: ModelSettings, duplicate_free: Collection[str] = ()
) -> Model:
    """The model with its learned prior, relatives, associations, thresholds and gain of records left over.

    `training_input` is what it learns on; `draft.folder` holds the term frequencies.
    """
    made, _, predicted = candidates(con, draft, "training_input", LEAST)
    mixed = _mix(con, draft, declared, predicted)
    associated = learn(con, "training_input", mixed, declared.associated)
    model = replace(mixed, facts=mixed.facts | rounded({"associated": associated}))
    match = _bits(declared.costs.match_probability())
    _weigh(con, draft, model, predicted)
    review = max(_bits(declared.costs.review_probability()), _capacity(con, draft, declared, match))
    limits = left_over.bounds(match, declared.firewall)
    gain = left_over.learn(con, "weighed", "training_input", duplicate_free, limits, model.chance)
    con.execute("DROP TABLE weighed")
    close(con, draft, made)
    return replace(
        model, facts=model.facts | {"match_weight": match, "review_weight": min(review, match), "left_over": gain}
    )


def _mix(con: duckdb.DuckDBPyConnection, draft: Model, declared: ModelSettings, predicted: str) -> Model:
    """Prior and number of relatives: see matching/relatives."""
    records, parts = draft.facts["records"], draft.parts
    shares = [
        {field: float(share) for field, share in kind.shares.items() if field in parts} for kind in declared.relatives
    ]
    found = estimate(con, predicted, parts, shares, draft.chance, max(records * (records - 1) // 2, 1))
    kinds = [
        {
            "name": kind.name,
            "shares": shared,
            "odds": max(chance / found.chance, leaning(records) * float(kind.typical)),
        }
        for kind, (chance, shared) in zip(declared.relatives, found.kinds, strict=True)
    ]
    settings = rounded(draft.settings | {PRIOR: min(found.chance, MOST_TRUE)})
    return replace(draft, settings=settings, facts=draft.facts | rounded({"relatives": kinds}))


def _weigh(con: duckdb.DuckDBPyConnection, draft: Model, model: Model, predicted: str) -> None:
    """Make `weighed`: the candidate pairs that the draft predicted, with the weights that the model gives them."""
    shift = _log_odds(model.chance) - _log_odds(draft.chance)
    weight = final_weight(model, f"(match_weight + {shift!r})")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE weighed AS
        SELECT record_key_l, record_key_r, {weight} AS weight FROM {predicted}""")


def _capacity(con: duckdb.DuckDBPyConnection, draft: Model, declared: ModelSettings, match: int) -> int:
    """Weight of the weakest pair below the match threshold that stewards can still look at."""
    pairs = max(int(draft.facts["records"] * declared.review.pairs_per_record), declared.review.least_pairs)
    found = con.execute(f"""
        SELECT min(weight) FROM (
            SELECT weight FROM weighed WHERE weight < {match} ORDER BY weight DESC LIMIT {pairs})""").fetchall()
    return match if found[0][0] is None else int(found[0][0])


def _bits(probability: float) -> int:
    return round(_log_odds(probability) * MICRO)


def _log_odds(probability: float) -> float:
    return math.log2(probability / (1 - probability))


def rounded(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Probabilities to 12 digits: training moves in the 13th with the order of additions."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walk(part) for name, part in value.items()}
        if isinstance(value, list):
            return [walk(part) for part in value]
        return float(f"{value:.12g}") if isinstance(value, float) else value

    rounded: dict[str, Any] = walk(settings)
    return rounded
