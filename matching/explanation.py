"""Why a pair has the weight it has: the prior, every comparison, what relatives share, as steps of a running total.

Here: scoring exactly these records with a frozen model, also pairs that no blocking rule compares, and taking the
weight apart. Ladders, labels and columns come from the model's own settings, never from a list of kinds. Not here:
which rules find the pair (blocked_by), chains of pairs (paths), whether two records are one client (stages/explain).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import polars as pl

from matching.model import MICRO, Model
from matching.scoring import score_given
from rules.errors import NotFound
from store.duck import scalar

PRIOR, RELATIVES, OTHER, LEFT_OVER = "prior", "relatives", "other", "left_over"
"""Names of the steps that are no comparison."""
_TOLD = {
    RELATIVES: "what relatives, or strangers of one origin, share too",
    LEFT_OVER: "neither has another partner in sources that hold everybody once",
}
_COLUMN = re.compile(r"\b([a-z][a-z0-9_]*?)_[lr]\b")
_ROUNDING = 10
"""Millionths of a bit that rounding alone may leave between the steps and the weight."""

Values = Mapping[str, tuple[str, ...]]
"""Standard forms by column of the match projection; empty where the record has none."""


@dataclass(frozen=True)
class Step:
    """One step of the weight, in millionths of a bit.

    `weight` is what the level is worth, `frequency` what the value's rarity adds or takes, `total` the running total
    after both. `gamma` is the level's place from 0 (different) up, -1 where a value is missing, None for no comparison.
    """

    name: str
    label: str
    gamma: int | None
    left: Values
    right: Values
    weight: int
    frequency: int
    total: int


@dataclass(frozen=True)
class Evidence:
    """The weight of a pair taken apart; the last step's `total` is `weight`. Thresholds in millionths of a bit."""

    model: str
    weight: int
    match_weight: int
    review_weight: int
    band: str
    steps: tuple[Step, ...]

    @property
    def scored(self) -> int:
        """What scoring gives the two, whatever a night adds to records that are left over."""
        return self.weight - sum(step.weight for step in self.steps if step.name == LEFT_OVER)


def explain(con: duckdb.DuckDBPyConnection, model: Model, projection: str, left: int, right: int) -> Evidence:
    """Take the weight of two records of `projection` (shape of match_input, named by record key) apart.

    The weight is the one that `matching.scoring` gives the pair, bit for bit, whether or not a rule compares it.
    """
    scored = score_all(con, model, projection, (left, right))
    values = records(con, projection, (left, right))
    return evidence(model, scored.row(0, named=True), values[left], values[right])


def score_all(con: duckdb.DuckDBPyConnection, model: Model, projection: str, keys: Sequence[int]) -> pl.DataFrame:
    """Every pair among the records `keys`, compared with every other, without floor or threshold.

    Columns: those of `pairs_*`, and Splink's gamma_*, mw_*, mw_tf_adj_* of each comparison (bits). The weight is what
    `matching.scoring.score` says. The work grows with the square of the records: meant for few.
    """
    listed = ", ".join(str(int(key)) for key in keys)
    con.execute(f"""
        CREATE OR REPLACE TABLE explained AS
        SELECT l.record_key AS record_key_l, r.record_key AS record_key_r
        FROM {projection} l JOIN {projection} r ON l.record_key < r.record_key
        WHERE l.record_key IN ({listed}) AND r.record_key IN ({listed})""")
    if scalar(con, "SELECT count(*) FROM explained") < 1:
        raise NotFound(projection, "two different records are expected in it", "give two records of one kind")
    score_given(con, model, projection, "explained", "explained_pairs", parts="explained_parts")
    found: pl.DataFrame = con.sql("""
        SELECT * FROM explained_pairs JOIN explained_parts USING (record_key_l, record_key_r)
        ORDER BY record_key_l, record_key_r""").pl()
    for made in ("explained", "explained_pairs", "explained_parts"):
        con.execute(f"DROP TABLE {made}")
    return found


def records(con: duckdb.DuckDBPyConnection, projection: str, keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The projection's rows of a few records by key."""
    listed = ", ".join(str(int(key)) for key in keys)
    found = con.sql(f"SELECT * FROM {projection} WHERE record_key IN ({listed})").pl()
    return {int(row["record_key"]): row for row in found.to_dicts()}


def evidence(model: Model, scored: Mapping[str, Any], left: Mapping[str, Any], right: Mapping[str, Any]) -> Evidence:
    """One row of `score_all` as steps; `left` and `right` are the records' rows of the projection."""
    weight = int(scored["weight"])
    steps = [
        _prior(model),
        *(_step(model, declared, scored, left, right) for declared in model.settings["comparisons"]),
    ]
    return Evidence(
        model.name,
        weight,
        model.match_weight,
        model.review_weight,
        band(model, weight),
        tuple(_closed(_running(steps), weight, _extra(model, scored))),
    )


def as_kept(model: Model, found: Evidence, kept: int | None) -> Evidence:
    """The evidence ending in the weight that a run kept, which knew whether both were left over (left_over)."""
    if kept is None or kept == found.weight:
        return found
    last = Step(LEFT_OVER, _TOLD[LEFT_OVER], None, {}, {}, kept - found.weight, 0, kept)
    return replace(found, weight=kept, band=band(model, kept), steps=(*found.steps, last))


def band(model: Model, weight: int) -> str:
    """match, review or no match."""
    return "match" if weight >= model.match_weight else "review" if weight >= model.review_weight else "no match"


def _prior(model: Model) -> tuple[Step, float, float]:
    chance = model.chance
    return Step(PRIOR, "two records at random", None, {}, {}, 0, 0, 0), math.log2(chance / (1 - chance)), 0.0


def _step(
    model: Model, declared: dict[str, Any], scored: Mapping[str, Any], left: Mapping[str, Any], right: Mapping[str, Any]
) -> tuple[Step, float, float]:
    """A comparison without its totals, and its two weights in bits."""
    name = str(declared["output_column_name"])
    gamma = int(scored[f"gamma_{name}"])
    level = _level(declared, gamma)
    read = _read(model, declared, level, left, right)
    one, other = ({column: _texts(side[column]) for column in read} for side in (left, right))
    bits = float(scored[f"mw_{name}"]), float(scored.get(f"mw_tf_adj_{name}") or 0)
    return Step(name, str(level["label_for_charts"]), gamma, one, other, 0, 0, 0), *bits


def _level(declared: dict[str, Any], gamma: int) -> dict[str, Any]:
    """The level that Splink numbers `gamma`: -1 is missing, 0 the last of the ladder, upwards to the strongest."""
    levels: list[dict[str, Any]] = declared["comparison_levels"]
    if gamma < 0:
        return next(level for level in levels if level.get("is_null_level"))
    return [level for level in levels if not level.get("is_null_level")][-1 - gamma]


def _read(
    model: Model, declared: dict[str, Any], level: dict[str, Any], left: Mapping[str, Any], right: Mapping[str, Any]
) -> list[str]:
    """Columns that show why the pair is on this level: the comparison's own field, then those its condition reads.

    Flags (is this a well-known name?) explain nothing without the value they are about, and that is shown.
    """
    own = str(declared["output_column_name"])
    if not level.get("is_null_level") and level["sql_condition"].strip().upper() != "ELSE":
        read = [column for column in _columns(model, [level]) if not isinstance(left[column], bool)]
        return list(dict.fromkeys([own] * (own in left) + read))
    if own in left and (left[own] or right[own]):
        return [own]
    return [column for column in _columns(model, declared["comparison_levels"]) if left[column] or right[column]]


def _columns(model: Model, levels: Sequence[dict[str, Any]]) -> list[str]:
    """Columns of the projection in the levels' conditions, in the order they are met."""
    known = set(model.columns)
    met = [column for level in levels for column in _COLUMN.findall(level["sql_condition"])]
    return [column for column in dict.fromkeys(met) if column in known]


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return () if value is None else (str(value),)


def _running(found: Sequence[tuple[Step, float, float]]) -> list[Step]:
    """Steps with weights as differences of the rounded running total, so that whole millionths add up exactly."""
    steps, total, before = [], 0.0, 0
    for step, bits, rare in found:
        level, after = round((total + bits) * MICRO), round((total + bits + rare) * MICRO)
        steps.append(replace(step, weight=level - before, frequency=after - level, total=after))
        total, before = total + bits + rare, after
    return steps


def _closed(steps: list[Step], weight: int, extra: str) -> list[Step]:
    """The steps with what scoring did beyond the comparisons as the last one, named `extra`, ending in the weight."""
    rest = weight - steps[-1].total
    if abs(rest) <= _ROUNDING:
        return [*steps[:-1], replace(steps[-1], weight=steps[-1].weight + rest, total=weight)]
    return [*steps, Step(extra, _TOLD.get(extra, "adjustment"), None, {}, {}, rest, 0, weight)]


def _extra(model: Model, scored: Mapping[str, Any]) -> str:
    """What the pair's `levels` name that is no comparison of the model; too small a part is not named there."""
    named = [part.partition("=")[0] for part in str(scored["levels"]).split(", ")]
    default = RELATIVES if model.facts.get("relatives") else OTHER
    return next((name for name in named if name not in model.comparisons), default)
