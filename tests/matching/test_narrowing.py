"""Wide rules give way to narrower ones, which are rules like any other."""

from pathlib import Path

import polars as pl

from matching import blocked_by, model, scoring, training
from matching.blocking import count_pairs, named
from rules.matching import ModelSettings
from store.duck import scalar
from tests.matching.conftest import open_with, train_on

TABLE = "match_input_person"
WIDE, CLOSE = ("family[:1]",), ("postcode", "family")


def narrow(person: ModelSettings, **more: object) -> ModelSettings:
    rules = {"blocking": (WIDE, CLOSE), "loose": (), "narrow": ("birth_date[:4]", "family[:3]", "postcode")}
    return person.model_copy(update=rules | {"wide_pairs": 1_000, "wide_pairs_per_record": 5} | more)


def test_a_wide_rule_is_joined_with_each_part_of_another_field(
    records: pl.DataFrame, person: ModelSettings, tmp_path: Path
) -> None:
    with open_with(records, tmp_path) as con:
        chosen = training.plan(con, TABLE, narrow(person))
        assert chosen.blocking == ((*WIDE, "birth_date[:4]"), (*WIDE, "postcode"), CLOSE)
        assert chosen.narrowed == {named(WIDE): count_pairs(con, TABLE, WIDE)} and not chosen.refined


def test_a_rule_is_wide_by_its_pairs_and_by_its_pairs_a_record(
    records: pl.DataFrame, person: ModelSettings, tmp_path: Path
) -> None:
    with open_with(records, tmp_path) as con:
        pairs = count_pairs(con, TABLE, WIDE)
        share = -(-pairs // scalar(con, f"SELECT count(*) FROM {TABLE}"))
        for kept in ({"wide_pairs": pairs}, {"wide_pairs_per_record": share}, {"narrow": ("family[:3]",)}):
            chosen = training.plan(con, TABLE, narrow(person, **kept))
            assert (chosen.blocking, chosen.narrowed) == ((WIDE, CLOSE), {}), kept


def test_a_model_says_which_rule_that_was_left_out_would_have_found_a_pair(
    records: pl.DataFrame, person: ModelSettings, tmp_path: Path
) -> None:
    made: model.Model = train_on(records, tmp_path / "narrow", narrow(person))
    with open_with(records, tmp_path) as con:
        scoring.score(con, made, TABLE, "pairs_person")
        left, right = con.execute(f"""
            SELECT l.record_key, r.record_key FROM {TABLE} l JOIN {TABLE} r
            ON l.family[1] = r.family[1] AND l.birth_date[:4] <> r.birth_date[:4] AND l.postcode <> r.postcode
            WHERE l.record_key < r.record_key ORDER BY ALL LIMIT 1""").fetchall()[0]
        tried = blocked_by.tried(con, made, TABLE, left, right)
        assert [(one.rule, one.used) for one in tried if one.finds] == [(named(WIDE), False)]
