"""Counting and proposing blocking rules on the demo's live version, with and without truth."""

from pathlib import Path

import polars as pl
import pytest

from matching.blocking import true_pairs_found
from rules.errors import ConfigError, ModelError, NotFound
from rules.matching import load_matching
from stages import blocking
from stages.evaluate import evaluate_live
from store.duck import quote, scalar
from store.home import Home

BUDGET = 20_000


@pytest.fixture
def home(demo_home: Path) -> Home:
    return Home(demo_home)


@pytest.fixture
def truth(demo_home: Path) -> Path:
    return demo_home / "bank" / "truth.parquet"


def test_the_live_models_rules_are_counted_in_their_order(home: Home) -> None:
    found = blocking.count(home, "person")
    assert [rule["state"] for rule in found["rules"]] == ["runs"] * len(found["rules"])
    with blocking.projection(home, "person") as (con, table):
        assert found["records"] == scalar(con, f"SELECT count(*) FROM {table}") > 500
    assert found["pairs"] == sum(rule["adds"] for rule in found["rules"]) > 500
    assert all(rule["adds"] <= rule["pairs"] for rule in found["rules"]) and 0 < found["rules"][0]["share"] < 1


def test_declared_rules_are_counted_too_with_those_that_no_field_serves(home: Home) -> None:
    rules = {"blocking": (("birth_place", "family"), ("address",)), "max_pairs_per_rule": 300, "max_block": 20}
    empty, address = blocking.count(home, "person", load_matching().person.model_copy(update=rules))["rules"]
    assert empty["rule"] == "birth_place + family" and empty["state"] == "empty"
    assert address["state"] == "refined" and address["refined"]["left_out"] > 0
    assert address["adds"] == address["refined"]["pairs"] <= 300 < address["pairs"]


@pytest.mark.slow
def test_recall_by_truth_is_that_of_the_evaluation(home: Home, truth: Path) -> None:
    found = blocking.propose(home, "person", BUDGET, truth)
    loss = evaluate_live(home, truth)["person"]["blocking_loss"]
    assert found["declared"]["recall"] == pytest.approx(1 - loss, abs=2e-6)
    proposed = found["proposed"]
    assert proposed["pairs"] <= BUDGET and proposed["recall"] >= found["declared"]["recall"]
    rules = [rule["parts"] for rule in proposed["rules"]]
    with blocking.projection(home, "person", truth=truth) as (con, table):
        con.execute(f"""
            CREATE TABLE everyone AS SELECT k.record_key, t.entity_id FROM read_parquet({quote(str(truth.resolve()))}) t
            JOIN key_map k USING (source, record_id) SEMI JOIN {table} b USING (record_key)""")
        caught = scalar(con, f"SELECT count(*) FROM ({true_pairs_found([tuple(rule) for rule in rules], table)})")
    assert proposed["recall"] == round(caught / found["basis"]["true_pairs"], 6)


@pytest.mark.slow
def test_recall_without_truth_is_near_the_real_one_and_deterministic(
    home: Home, truth: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocking, "SCORED", 30_000)
    guessed, real = (blocking.propose(home, "person", 8_000, by) for by in (None, truth))
    assert guessed["declared"]["recall"] == pytest.approx(real["declared"]["recall"], abs=0.08)
    assert guessed["basis"]["kind"] == "model" and guessed["basis"]["true_pairs"] > 200
    assert guessed["basis"]["sampled_records"] < number_of_records(home)
    assert blocking.propose(home, "person", 8_000) == guessed


def number_of_records(home: Home) -> int:
    with blocking.projection(home, "person") as (con, table):
        return scalar(con, f"SELECT count(*) FROM {table}")


def test_before_the_first_version_the_newest_staged_night_is_counted(home: Home, tmp_path: Path) -> None:
    new = Home(tmp_path / "home")
    new.prepare()
    with blocking.projection(home, "organisation") as (con, table):
        rows = con.sql(f"SELECT * FROM {table} ORDER BY record_key").pl()
    for day, frame in (("2026-03-01", rows[:3]), ("2026-03-02", rows)):
        folder = new.staging / day / "tables"
        folder.mkdir(parents=True)
        frame.write_parquet(folder / "match_input_organisation.parquet")
    found = blocking.count(new, "organisation")
    assert found["records"] == rows.height > 3
    assert found["rules"][0]["rule"] == "each identifiers"
    with pytest.raises(ModelError, match="--truth"):
        blocking.propose(new, "organisation", BUDGET)


def test_what_cannot_be_is_explained(home: Home, truth: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="person, organisation"):
        blocking.count(home, "bank")
    with pytest.raises(ConfigError, match="budget"):
        blocking.propose(home, "person", 0)
    with pytest.raises(ConfigError, match="does not exist"):
        blocking.propose(home, "person", BUDGET, tmp_path / "none.parquet")
    with pytest.raises(NotFound, match="registry run"):
        blocking.count(Home(tmp_path / "none"), "person")
    pl.read_parquet(truth, columns=["source", "record_id"]).write_parquet(tmp_path / "half.parquet")
    with pytest.raises(ConfigError, match="entity_id"):
        blocking.propose(home, "person", BUDGET, tmp_path / "half.parquet")
