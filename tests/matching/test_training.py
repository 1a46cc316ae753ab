"""Training: the same data give the same bytes; no level of a model is left to a silent default."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from matching import model, training
from rules.errors import ModelError
from rules.matching import ModelSettings
from tests.matching.conftest import empty, open_with, rekeyed, train_on


def content(made: model.Model) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in made.folder.iterdir()}


@pytest.mark.slow
def test_training_again_gives_the_same_bytes_whatever_the_order_of_rows_the_keys_and_the_threads(
    trained: model.Model, records: pl.DataFrame, person: ModelSettings, tmp_path: Path
) -> None:
    again = train_on(rekeyed(records, 5), tmp_path / "m", person, threads=2)
    assert content(again) == content(trained)
    assert again.name == trained.name


def test_every_level_has_weights_of_its_own(trained: model.Model) -> None:
    for declared in trained.settings["comparisons"]:
        for level in declared["comparison_levels"]:
            if not level.get("is_null_level"):
                assert 0 < level["m_probability"] <= 1 and 0 < level["u_probability"] <= 1, level
    assert "day and month swapped" in trained.facts["untrained_levels"]["birth_date"]


def test_nothing_is_left_beside_the_model(trained: model.Model) -> None:
    names = {path.name for path in trained.folder.iterdir()}
    assert {"model.json", "settings.json", "tf_family.parquet", "tf_given.parquet"} <= names
    assert not (trained.folder.parent / "staged.work").exists()


def test_the_model_reads_only_what_is_filled(trained: model.Model) -> None:
    assert list(trained.comparisons) == ["given", "family", "birth_date", "identifiers", "address"]
    assert "phones" not in trained.columns and {"record_key", "postcode", "street"} <= set(trained.columns)


def test_repeated_record_keys_are_refused(records: pl.DataFrame, person: ModelSettings, tmp_path: Path) -> None:
    twice = records.with_columns(pl.lit(1, pl.Int64).alias("record_key"))
    with open_with(twice, tmp_path) as con, pytest.raises(ModelError, match="unique"):
        training.train(con, "match_input_person", "person", person, tmp_path / "staged")


def test_too_few_filled_fields_are_refused(records: pl.DataFrame, person: ModelSettings, tmp_path: Path) -> None:
    bare = records.select("record_id", "record_key", "source", "given")
    with duckdb.connect() as con:
        con.register("bare", bare.to_arrow())
        with pytest.raises(ModelError, match="two comparable"):
            training.plan(con, "bare", person)


def test_a_rule_that_explodes_is_counted_and_left_out(
    records: pl.DataFrame, person: ModelSettings, tmp_path: Path
) -> None:
    rules = {"blocking": (("family",), ("postcode", "family")), "loose": ()}
    capped = person.model_copy(update=rules | {"max_pairs_per_rule": 1_000})
    with open_with(records, tmp_path) as con:
        chosen = training.plan(con, "match_input_person", capped)
        assert chosen.blocking == (("family",), ("postcode", "family")) and not chosen.refused
        assert chosen.refined["family"].declared > 1_000 >= chosen.refined["family"].pairs > 0
        with pytest.raises(ModelError, match="cap"):
            training.plan(con, "match_input_person", capped.model_copy(update={"max_pairs_per_rule": 1}))


def test_a_loose_rule_is_used_where_it_makes_few_pairs(
    records: pl.DataFrame, person: ModelSettings, tmp_path: Path
) -> None:
    rules = {"blocking": (("postcode", "family"),), "loose": (("family",),)}
    with open_with(records, tmp_path) as con:
        for most, extra in ((10**6, (("family",),)), (1, ())):
            declared = person.model_copy(update=rules | {"loose_pairs": most})
            chosen = training.plan(con, "match_input_person", declared)
            assert chosen.blocking == (("postcode", "family"), *extra)


def companies(names: list[str], folder: Path) -> model.Model:
    """An organisation model of records that share nothing but what their names and countries say."""
    from matching import scoring
    from rules.matching import load_matching

    rows = {"record_key": range(1, len(names) + 1), "source": "s", "record_id": [str(n) for n in range(len(names))]}
    frame = empty(pl.DataFrame({**rows, "name": names, "country": "AZ"}))
    with open_with(frame, folder) as con:
        con.execute("ALTER TABLE match_input_person RENAME TO match_input_organisation")
        settings = load_matching().organisation
        training.train(con, "match_input_organisation", "organisation", settings, folder / "staged")
        made = model.load(folder, "organisation", model.store(folder / "staged", folder, "organisation").name)
        scoring.score(con, made, "match_input_organisation", "pairs_organisation")
    return made


NOTHING_AGREES = [f"firm {chr(97 + n)}{n}" for n in range(26)]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(NOTHING_AGREES, id="nothing"),
        pytest.param(["one", "two"], id="two", marks=pytest.mark.slow),
        pytest.param(["same", "same"], id="everything", marks=pytest.mark.slow),
    ],
)
def test_data_in_which_nothing_or_everything_agrees_still_make_a_model_that_scores(
    names: list[str], tmp_path: Path
) -> None:
    chance = companies(names, tmp_path).settings["probability_two_random_records_match"]
    assert 0 < chance <= training.MOST_TRUE


def test_the_prior_is_the_certain_pairs_over_their_recall(records: pl.DataFrame, tmp_path: Path) -> None:
    rule = ("given", "family", "birth_date")
    with open_with(records, tmp_path) as con:
        found = training.count_pairs(con, "match_input_person", rule)
        total = len(records) * (len(records) - 1) // 2
        assert training.prior(con, "match_input_person", (rule,), 0.5) == pytest.approx(found / 0.5 / total)
        twice = training.prior(con, "match_input_person", (rule, rule), 0.5)
        assert twice == training.prior(con, "match_input_person", (rule,), 0.5)
