"""What a model version says of itself, as plain data: Splink's charts, sessions, levels, thresholds, frequencies.

Here: facts of one model for a reader. Not here: the page (stages/model_pages). No client's value is among them: of a
frequency table only how much its most frequent values hold.
"""

import math
import re
from pathlib import Path
from typing import Any

import polars as pl

from matching.blocking import named, parsed
from matching.linker import linker
from matching.model import MICRO, Model
from rules.matching import key
from store.duck import connect

Row = dict[str, Any]
_TOPS = (1, 10, 100)
"""The shares shown of a frequency table: of its most frequent value, its ten, its hundred most frequent ones."""


def charts(model: Model, work: Path) -> dict[str, Row]:
    """Splink's two charts of a trained model as Vega-Lite: `weights` by level, `parameters` m and u by level."""
    with connect([], work) as con:
        con.execute(f"CREATE TABLE model_columns ({', '.join(f'{column} VARCHAR' for column in model.columns)})")
        drawn = linker(con, "model_columns", model.settings).visualisations
        weights, parameters = drawn.match_weights_chart().chart_dict, drawn.m_u_parameters_chart().chart_dict
    return {"weights": weights, "parameters": parameters}


def facts(model: Model) -> Row:
    """Everything but the charts, in the order of the page."""
    return {
        "thresholds": thresholds(model),
        "levels": levels(model),
        "untrained": model.facts["untrained_levels"],
        "sessions": sessions(model),
        "relatives": model.relatives,
        "blocking": [named(rule) for rule in model.blocking],
        "refused_rules": model.facts["refused_rules"],
        "narrowed_rules": model.facts.get("narrowed_rules", {}),
        "frequencies": [frequency(column, path) for column, path in model.frequencies().items()],
        "placeholders": placeholders(model.folder / "placeholder.parquet"),
        "packs": model.facts.get("packs", {}),
    }


def thresholds(model: Model) -> list[Row]:
    """Prior and thresholds in bits and as a probability, each with the rule it follows from."""
    prior = model.chance
    costs = model.facts.get("costs", {})
    found = [("two random records", math.log2(prior / (1 - prior)), "share of true pairs among all, from training")]
    for name, weight, cost in (("review", model.review_weight, "look_in_vain"),
                               ("match", model.match_weight, "wrong_merge")):  # fmt: skip
        rule = model.facts.get("threshold_rule", f"p ≥ c / (c + 1), c = {cost} = {costs.get(cost, 'not recorded')}")
        found.append((name, weight / MICRO, str(rule)))
    return [{"name": name, "bits": bits, "chance": 1 / (1 + 2**-bits), "rule": rule} for name, bits, rule in found]


def levels(model: Model) -> list[Row]:
    """Each level that carries a weight, strongest first within its comparison."""
    unseen = model.facts["untrained_levels"]
    return [
        {"comparison": name, "level": level["label_for_charts"], "m": level["m_probability"],
         "u": level["u_probability"], "bits": math.log2(level["m_probability"] / level["u_probability"]),
         "by_frequency": "tf_adjustment_column" in level,
         "trained": level["label_for_charts"] not in unseen.get(name, ())}
        for name, declared in _comparisons(model).items()
        for level in declared["comparison_levels"]
        if not level.get("is_null_level")
    ]  # fmt: skip


def sessions(model: Model) -> list[Row]:
    """Each training session with the comparisons it can train: those that read no column it blocks on."""
    reads = {name: _columns(declared, model.columns) for name, declared in _comparisons(model).items()}
    found = []
    for session in model.facts["sessions"]:
        blocked = {key(part).field for part in parsed(session)}
        found.append({"rule": session, "trains": [name for name, read in reads.items() if not read & blocked]})
    return found


def frequency(column: str, path: Path) -> Row:
    """Distinct values of a term-frequency table, and the share of the records that its most frequent ones hold."""
    shares = pl.read_parquet(path, columns=[f"tf_{column}"]).to_series().sort(descending=True)
    return {"column": column, "values": len(shares)} | {f"top_{n}": float(shares.head(n).sum()) for n in _TOPS}


def placeholders(path: Path) -> list[Row]:
    """How many values of each kind are no evidence, in how many records, by the rule that found them."""
    if not path.exists():
        return []
    found = pl.read_parquet(path).group_by("kind", "rule").agg(values=pl.len(), records=pl.col("records").sum())
    return found.sort("kind", "rule").to_dicts()


def _comparisons(model: Model) -> dict[str, Row]:
    return {declared["output_column_name"]: declared for declared in model.settings["comparisons"]}


def _columns(declared: Row, columns: list[str]) -> set[str]:
    """The projection's columns that a comparison's conditions mention."""
    text = " ".join(level["sql_condition"] for level in declared["comparison_levels"]).replace('"', " ")
    return {column for column in columns if re.search(rf"\b{column}_l\b", text)}
