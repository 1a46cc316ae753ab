"""A weight taken apart: the same weight as in the run, levels as the model has them, rules as they are blocked."""

import math
from collections.abc import Iterator

import duckdb
import polars as pl
import pytest

from matching import blocked_by, explanation, scoring
from matching.blocked_by import RuleTried, nearest
from matching.blocking import pairs_sql
from matching.model import MICRO, Model
from rules.errors import NotFound
from tests.matching.conftest import open_with

TABLE = "match_input_person"
Weights = dict[tuple[int, int], int]


@pytest.fixture(scope="module")
def bank(
    records: pl.DataFrame, trained: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """120 originals with their duplicates, scored as in a run into `pairs_person`."""
    numbers = pl.col("record_id").str.extract(r"rec-(\d+)-").cast(pl.Int64)
    with open_with(records.filter(numbers < 120), trained.folder.parent) as con:
        scoring.score(con, trained, TABLE, "pairs_person")
        yield con


@pytest.fixture(scope="module")
def every_pair(bank: duckdb.DuckDBPyConnection, trained: Model) -> pl.DataFrame:
    keys = [int(row[0]) for row in bank.execute(f"SELECT record_key FROM {TABLE}").fetchall()]
    assert len(keys) == 240
    return explanation.score_all(bank, trained, TABLE, keys)


def weights(frame: pl.DataFrame) -> Weights:
    return {(low, high): weight for low, high, weight in frame.select("record_key_l", "record_key_r", "weight").rows()}


def test_every_stored_pair_has_its_weight_bit_for_bit(
    bank: duckdb.DuckDBPyConnection, every_pair: pl.DataFrame
) -> None:
    stored, all_of_them = weights(bank.sql("SELECT * FROM pairs_person").pl()), weights(every_pair)
    assert len(stored) > 110 and len(all_of_them) == 240 * 239 // 2
    assert {pair: all_of_them[pair] for pair in stored} == stored


def test_pairs_that_are_not_stored_are_weak_or_found_by_no_rule(
    bank: duckdb.DuckDBPyConnection, trained: Model, every_pair: pl.DataFrame
) -> None:
    stored = set(weights(bank.sql("SELECT * FROM pairs_person").pl()))
    union = " UNION ".join(pairs_sql(TABLE, rule) for rule in trained.blocking)
    found = set(bank.execute(union).fetchall())
    floor = trained.review_weight + scoring.FLOOR_BITS * MICRO
    assert {pair for pair, weight in weights(every_pair).items() if weight >= floor and pair in found} == stored
    assert len(found) < every_pair.height


def test_the_run_of_one_pair_leaves_nothing_behind(bank: duckdb.DuckDBPyConnection, trained: Model) -> None:
    names = "SELECT table_name FROM information_schema.tables ORDER BY 1"
    before = bank.execute(names).fetchall()
    explanation.explain(bank, trained, TABLE, *_strongest(bank))
    blocked_by.tried(bank, trained, TABLE, *_strongest(bank))
    assert bank.execute(names).fetchall() == before


def _strongest(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    [pair] = con.execute("""
        SELECT record_key_l, record_key_r FROM pairs_person ORDER BY weight DESC, 1, 2 LIMIT 1""").fetchall()
    return int(pair[0]), int(pair[1])


def test_steps_add_up_and_have_the_labels_of_their_levels(
    bank: duckdb.DuckDBPyConnection, trained: Model, every_pair: pl.DataFrame
) -> None:
    """The weight of a level is log2(m / u) of the level with its label in settings.json."""
    rows = explanation.records(bank, TABLE, [*{key for pair in weights(every_pair) for key in pair}])
    declared = {found["output_column_name"]: found["comparison_levels"] for found in trained.settings["comparisons"]}
    met = set()
    for scored in every_pair.sort("weight")[:: every_pair.height // 300].to_dicts():
        found = explanation.evidence(trained, scored, rows[scored["record_key_l"]], rows[scored["record_key_r"]])
        assert found.steps[-1].total == found.weight == scored["weight"]
        assert sum(step.weight + step.frequency for step in found.steps) == found.weight
        for step in (step for step in found.steps if step.gamma is not None):
            level = next(level for level in declared[step.name] if level["label_for_charts"] == step.label)
            bits = 0.0 if step.gamma == -1 else math.log2(level["m_probability"] / level["u_probability"])
            assert step.weight == pytest.approx(bits * MICRO, abs=2 * explanation._ROUNDING)
            assert step.frequency == 0 or level.get("tf_adjustment_column")
            met.add((step.name, step.label))
    assert len(met) > 15


def test_a_pair_is_explained_from_either_side(bank: duckdb.DuckDBPyConnection, trained: Model) -> None:
    low, high = _strongest(bank)
    there, back = (explanation.explain(bank, trained, TABLE, *pair) for pair in ((low, high), (high, low)))
    assert (there.weight, there.band) == (back.weight, "match")
    assert [(s.name, s.label, s.total, s.left, s.right) for s in there.steps] == [
        (s.name, s.label, s.total, s.right, s.left) for s in back.steps
    ]


def test_steps_show_what_their_level_compares(bank: duckdb.DuckDBPyConnection, trained: Model) -> None:
    bank.execute(f"CREATE OR REPLACE TABLE two AS SELECT * FROM {TABLE} LIMIT 0")
    bank.execute("""
        INSERT INTO two BY NAME
        SELECT 1 AS record_key, 'a' AS source, 'anna' AS given, 'berg' AS family, '2000-01-02' AS birth_date,
               ['other:ss:1'] AS identifiers
        UNION ALL BY NAME SELECT 2 AS record_key, 'a' AS source, 'berg' AS given, 'anna' AS family""")
    steps = {step.name: step for step in explanation.explain(bank, trained, "two", 1, 2).steps}
    assert (steps["given"].left, steps["given"].right) == (
        {"given": ("anna",), "family": ("berg",)}, {"given": ("berg",), "family": ("anna",)}
    )  # fmt: skip
    assert (steps["birth_date"].label, steps["birth_date"].gamma) == ("missing", -1)
    assert (steps["birth_date"].left, steps["birth_date"].right) == (
        {"birth_date": ("2000-01-02",)},
        {"birth_date": ()},
    )
    assert steps["identifiers"].left == {"identifiers": ("other:ss:1",)}
    assert (steps["address"].left, steps["address"].right) == ({}, {})
    bank.execute("DROP TABLE two")


def test_one_record_twice_is_refused(bank: duckdb.DuckDBPyConnection, trained: Model) -> None:
    low, _ = _strongest(bank)
    with pytest.raises(NotFound, match="two different records"):
        explanation.explain(bank, trained, TABLE, low, low)


def test_rules_find_a_pair_exactly_where_blocking_makes_it(
    bank: duckdb.DuckDBPyConnection, trained: Model, every_pair: pl.DataFrame
) -> None:
    made = {" + ".join(rule): set(bank.execute(pairs_sql(TABLE, rule)).fetchall()) for rule in trained.blocking}
    for pair in list(weights(every_pair.sort("weight", descending=True)))[:: every_pair.height // 12]:
        tried = blocked_by.tried(bank, trained, TABLE, *pair)
        assert {rule.rule: rule.finds for rule in tried} == {rule: pair in pairs for rule, pairs in made.items()}
        assert all(rule.used for rule in tried)


def test_a_rule_says_what_differs_and_what_is_missing(bank: duckdb.DuckDBPyConnection, trained: Model) -> None:
    bank.execute(f"CREATE OR REPLACE TABLE two AS SELECT * FROM {TABLE} LIMIT 0")
    bank.execute("""
        INSERT INTO two BY NAME
        SELECT 1 AS record_key, 'a' AS source, 'anna' AS given, 'berg' AS family, '2000-01-02' AS birth_date
        UNION ALL BY NAME SELECT 2 AS record_key, 'a' AS source, 'anne' AS given, 'berg' AS family""")
    model = Model(trained.folder, "person", trained.settings, trained.facts | {
        "blocking": ["family + birth_date", "given + family"], "refused_rules": {"given[:3] + family[:4]": 99},
    })  # fmt: skip
    assert blocked_by.tried(bank, model, "two", 1, 2) == (
        RuleTried("family + birth_date", True, (), ("birth_date",)),
        RuleTried("given + family", True, ("given",), ()),
        RuleTried("given[:3] + family[:4]", False, (), ()),
    )
    bank.execute("DROP TABLE two")


def test_a_rule_says_in_words_what_keeps_it_from_the_pair() -> None:
    assert RuleTried("each phones + given[:2] + family", True, ("given[:2]",), ("each phones",)).because == (
        "given[:2] differs", "phones is missing"
    )  # fmt: skip


def test_the_nearest_rule_agrees_most_and_is_in_use() -> None:
    far = RuleTried("a + b + c", True, ("a", "b"), ())
    near = RuleTried("a + b + d", True, ("a",), ())
    lacking = RuleTried("b + d + e", True, (), ("e",))
    unused = RuleTried("b + d", False, (), ())
    stranger = RuleTried("a", True, ("a",), ())
    assert nearest((far, near, unused, stranger)) == near
    assert nearest((near, lacking)) == lacking
    assert nearest((stranger, unused)) is None


def test_a_weight_that_the_run_raised_is_told_as_the_last_step(
    bank: duckdb.DuckDBPyConnection, trained: Model, every_pair: pl.DataFrame
) -> None:
    [(low, high)] = every_pair.sort("weight", "record_key_l").head(1).select("record_key_l", "record_key_r").rows()
    own = explanation.explain(bank, trained, TABLE, low, high)
    kept = explanation.as_kept(trained, own, trained.match_weight)
    assert (own.band, kept.band, kept.steps[:-1]) == ("no match", "match", own.steps)
    assert (kept.steps[-1].name, kept.steps[-1].weight) == (explanation.LEFT_OVER, trained.match_weight - own.weight)
    assert kept.weight == kept.steps[-1].total == trained.match_weight
    assert own == explanation.as_kept(trained, own, None) == explanation.as_kept(trained, own, own.weight)
