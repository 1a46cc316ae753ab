"""What a model says of itself: all of its levels, sessions, thresholds; shares of frequencies but no value."""

import json
import math
from pathlib import Path

import polars as pl

from matching import training_report
from matching.model import Model
from matching.typical import frequency


def test_thresholds_say_bits_chance_and_rule(trained: Model) -> None:
    prior, review, match = training_report.thresholds(trained)
    cost = float(trained.facts["costs"]["wrong_merge"])
    assert match["bits"] == trained.match_weight / 1e6 and math.isclose(
        match["chance"], cost / (cost + 1), rel_tol=1e-3
    )
    assert review["chance"] < match["chance"] and prior["chance"] < 0.01
    assert "wrong_merge" in match["rule"]


def test_every_level_is_told_and_untrained_ones_are_marked(trained: Model) -> None:
    rows = training_report.levels(trained)
    declared = [level for c in trained.settings["comparisons"] for level in c["comparison_levels"]]
    assert len(rows) == len([level for level in declared if not level.get("is_null_level")])
    unseen = {(row["comparison"], row["level"]) for row in rows if not row["trained"]}
    told = trained.facts["untrained_levels"]
    assert unseen == {(name, label) for name, labels in told.items() for label in labels} and unseen


def test_a_session_trains_what_it_does_not_block_on(trained: Model) -> None:
    for row in training_report.sessions(trained):
        blocked = row["rule"].split(" + ")
        assert row["trains"] and not set(blocked) & set(row["trains"])
        assert set(row["trains"]) | set(blocked) >= {"address", "identifiers"}


def test_frequencies_are_shares_without_values(trained: Model, records: pl.DataFrame) -> None:
    rows = training_report.facts(trained)["frequencies"]
    told = {row["column"]: row for row in rows}
    most = records["family"].drop_nulls().value_counts()["count"].max()
    assert told["family"]["values"] == records["family"].drop_nulls().n_unique()
    typical, size = frequency("family_name", "same", records.height)
    assert math.isclose(told["family"]["top_1"], (most + typical) / (records["family"].count() + size))
    assert told["family"]["top_1"] <= told["family"]["top_10"] <= told["family"]["top_100"] <= 1 + 1e-9


def test_no_value_of_a_record_is_among_the_facts(trained: Model, records: pl.DataFrame, tmp_path: Path) -> None:
    text = json.dumps([training_report.facts(trained), training_report.charts(trained, tmp_path)], default=str)
    long = [value for name in ("family", "address") for value in records[name].drop_nulls().unique() if len(value) > 5]
    assert len(long) > 100 and not [value for value in long if value in text]


def test_splinks_charts_show_every_comparison(trained: Model, tmp_path: Path) -> None:
    for name, chart in training_report.charts(trained, tmp_path).items():
        shown = {row["comparison_name"] for row in chart["data"]["values"]}
        assert set(trained.comparisons) <= shown, name
