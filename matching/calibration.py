"""What training learns from the weights of its own candidate pairs: prior, relatives, associations, thresholds.

Here: the last step of training, which makes weights mean what they say: 2^weight are the odds that two records are one
client, against strangers and relatives. Not here: the chances of levels (matching/training). The thresholds follow
from declared costs and from how much stewards can look at, never from labels.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import duckdb

from matching.association import learn
from matching.model import MICRO, PRIOR, Model
from matching.relatives import estimate
from matching.scoring import candidates, close_linker, final_weight
from rules.matching import ModelSettings

LEAST = -8
"""Weight in bits of the weakest pairs that are looked at: weaker ones are strangers beyond doubt."""
MOST_TRUE = 0.5


def calibrate(con: duckdb.DuckDBPyConnection, draft: Model, declared: ModelSettings) -> Model:
    """The model with its learned prior, relatives, associations and thresholds; `training_input` is what it learns on.

    `draft.folder` holds the term frequencies.
    """
    linker, _, predicted = candidates(con, draft, "training_input", LEAST)
    mixed = _mix(con, draft, declared, predicted)
    associated = learn(con, "training_input", mixed, declared.associated)
    model = replace(mixed, facts=mixed.facts | rounded({"associated": associated}))
    match = _bits(declared.costs.match_probability())
    review = max(_bits(declared.costs.review_probability()), _capacity(con, draft, model, declared, predicted, match))
    close_linker(con, draft, linker)
    return replace(model, facts=model.facts | {"match_weight": match, "review_weight": min(review, match)})


def _mix(con: duckdb.DuckDBPyConnection, draft: Model, declared: ModelSettings, predicted: str) -> Model:
    """Prior and number of relatives: see matching/relatives."""
    records, parts = draft.facts["records"], draft.parts
    shares = [
        {field: float(share) for field, share in kind.shares.items() if field in parts} for kind in declared.relatives
    ]
    found = estimate(con, predicted, parts, shares, draft.chance, max(records * (records - 1) // 2, 1))
    kinds = [
        {"name": kind.name, "shares": shared, "odds": chance / found.chance}
        for kind, (chance, shared) in zip(declared.relatives, found.kinds, strict=True)
    ]
    settings = rounded(draft.settings | {PRIOR: min(found.chance, MOST_TRUE)})
    return replace(draft, settings=settings, facts=draft.facts | rounded({"relatives": kinds}))


def _capacity(
    con: duckdb.DuckDBPyConnection, draft: Model, model: Model, declared: ModelSettings, predicted: str, match: int
) -> int:
    """Weight of the weakest pair below the match threshold that stewards can still look at."""
    pairs = max(int(draft.facts["records"] * declared.review.pairs_per_record), declared.review.least_pairs)
    shift = _log_odds(model.chance) - _log_odds(draft.chance)
    weight = final_weight(model, f"(match_weight + {shift!r})")
    found = con.execute(f"""
        SELECT min(weight) FROM (
            SELECT weight FROM (SELECT {weight} AS weight FROM {predicted}) WHERE weight < {match}
            ORDER BY weight DESC LIMIT {pairs})""").fetchall()
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
