"""Rules over the cap: common values are refined or left out, counted, and nothing else changes."""

from dataclasses import asdict, replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from matching import scoring
from matching.blocking import named, pairs_sql, splink_rule
from matching.model import Model
from matching.refinement import Limits, Refined, blocks_queries, refine
from rules.contracts.matched import Pairs
from rules.errors import ConfigError
from rules.matching import load_matching
from store.hashing import content_hash
from tests.matching.conftest import empty, open_with, rekeyed

BORN = ["1980-01-01", "1980-01-01", "1981-01-01", "1981-01-01", None, "1990-01-01", "1990-01-01"]
PHONES = [["1"], ["1"], ["1"], ["1", "2"], ["1"], ["2"], ["3"]]
FEW = empty(
    pl.DataFrame(
        {
            "record_key": [1, 2, 3, 4, 5, 6, 7],
            "source": ["s"] * 7,
            "record_id": list("abcdefg"),
            "given": ["li", "li", "li", "wu", "wu", "wu", "xi"],
            "birth_date": BORN,
            "phones": PHONES,
        },
        schema_overrides={"record_key": pl.Int64},
    )
)


def left(limits: Limits, folder: Path, rule: tuple[str, ...] = ("each phones",)) -> tuple[Refined, list[tuple]]:
    """What became of a rule, and the pairs it still finds."""
    with open_with(FEW, folder) as con:
        found = refine(con, "match_input_person", rule, limits)
        pairs = con.execute("""
            SELECT l.record_key, r.record_key FROM refined_blocks l JOIN refined_blocks r
            ON l.block = r.block AND l.record_key < r.record_key ORDER BY ALL""").fetchall()
        return found, pairs


def test_a_common_value_is_joined_with_a_declared_part_and_an_empty_part_is_left_out(tmp_path: Path) -> None:
    found, pairs = left(Limits(5, 3, ("birth_date",)), tmp_path)
    assert pairs == [(1, 2), (3, 4), (4, 6)]
    assert found == Refined(declared=11, pairs=3, block=3, values=1, left_out=1)


def test_further_parts_are_added_only_while_a_block_is_too_large(tmp_path: Path) -> None:
    found, pairs = left(Limits(5, 3, ("given[:2]", "birth_date")), tmp_path)
    assert pairs == [(1, 2), (1, 3), (2, 3), (4, 5), (4, 6)]
    assert found.left_out == 0


def test_without_a_declared_part_the_oversize_block_alone_is_left_out_and_counted(tmp_path: Path) -> None:
    found, pairs = left(Limits(5, 3), tmp_path)
    assert pairs == [(4, 6)]
    assert found == Refined(declared=11, pairs=1, block=3, values=1, left_out=5)


def test_a_block_may_hold_fewer_records_where_the_pairs_still_exceed_the_cap(tmp_path: Path) -> None:
    found, pairs = left(Limits(3, 100), tmp_path)
    assert found.block == 4 and pairs == [(4, 6)]


def test_a_part_of_the_rule_itself_refines_nothing(tmp_path: Path) -> None:
    found, pairs = left(Limits(1, 2, ("given[:2]",)), tmp_path, ("given",))
    assert pairs == [] and found.left_out == 6


LIMITS = Limits(460, 4, ("birth_date",))
UNLIMITED = Limits(10**12, 10**12)
RULES = [("family",), ("each identifiers",), ("postcode",), ("each identifiers", "given")]


def test_a_part_with_several_values_cannot_refine(tmp_path: Path) -> None:
    (tmp_path / "matching.yaml").write_text("person: {refine: [given, each phones]}", encoding="utf-8")
    with pytest.raises(ConfigError, match="several values"):
        load_matching(tmp_path)
    assert load_matching().person.refine == ("given[:2]", "birth_date")


def limited(model: Model, limits: Limits = LIMITS) -> Model:
    """The model with loose rules and the limits given."""
    facts = {"limits": asdict(limits), "blocking": [named(rule) for rule in RULES]}
    rules = {"blocking_rules_to_generate_predictions": [splink_rule(rule) for rule in RULES]}
    return replace(model, facts=model.facts | facts, settings=model.settings | rules)


def scored(frame: pl.DataFrame, folder: Path, model: Model) -> tuple[pl.DataFrame, dict, tuple[str, int]]:
    with open_with(frame, folder) as con:
        refined = scoring.score(con, model, "match_input_person", "pairs_person")
        return con.sql("FROM pairs_person").pl(), refined, content_hash(con, "pairs_person", Pairs)


@pytest.fixture
def folder(trained: Model) -> Path:
    return trained.folder.parent


def test_within_the_cap_nothing_is_refined(records: pl.DataFrame, trained: Model, folder: Path) -> None:
    _, refined, _ = scored(records, folder, trained)
    assert refined == {} and trained.facts["limits"]["pairs"] == 40_000_000


def test_scoring_compares_what_is_left_of_each_rule_and_says_what_it_left_out(
    records: pl.DataFrame, trained: Model, folder: Path
) -> None:
    model = limited(trained)
    whole, unrefined, _ = scored(records, folder, limited(trained, UNLIMITED))
    assert unrefined == {}
    pairs, refined, _ = scored(records, folder, model)
    assert list(refined) == [("family",), ("postcode",)]
    assert all(0 < left.pairs <= LIMITS.pairs < left.declared for left in refined.values())
    with open_with(records, folder) as con:
        con.register("whole", whole.to_arrow())
        con.execute(f"CREATE TABLE found AS {still_found(con)}")
        wanted = con.sql("FROM whole SEMI JOIN found USING (record_key_l, record_key_r) ORDER BY 1, 2").pl()
    keys = ["record_key_l", "record_key_r", "weight", "levels"]
    assert pairs.select(keys).equals(wanted.select(keys)) and 0 < pairs.height < whole.height


def still_found(con: duckdb.DuckDBPyConnection) -> str:
    """The pairs of the rules within the cap and of what is left of the others, as a query."""
    queries = []
    for place, rule in enumerate(RULES):
        if refine(con, "match_input_person", rule, LIMITS, f"b{place}").declared <= LIMITS.pairs:
            queries.append(pairs_sql("match_input_person", rule))
        else:
            queries.append(f"""
                SELECT l.record_key AS record_key_l, r.record_key AS record_key_r FROM b{place} l
                JOIN b{place} r ON l.block = r.block AND l.record_key < r.record_key""")
    return " UNION ".join(queries)


def test_one_join_of_all_blocks_finds_the_pairs_that_scoring_compares(
    records: pl.DataFrame, trained: Model, folder: Path
) -> None:
    """What Spark joins: rules within the cap, and what is left of those over it."""
    model = limited(trained)
    whole, refined, _ = scored(records, folder, model)
    with open_with(records, folder) as con:
        queries, over = blocks_queries(con, "match_input_person", model)
        for name, rule in over.items():
            refine(con, "match_input_person", rule, LIMITS, name)
        con.execute(f"""
            CREATE TABLE candidate AS WITH block AS ({" UNION ALL ".join(queries)})
            SELECT DISTINCT l.record_key AS record_key_l, r.record_key AS record_key_r
            FROM block l JOIN block r ON l.block = r.block AND l.record_key < r.record_key""")
        scoring.score_found(con, model, "match_input_person", "candidate", "found")
        found = con.sql("FROM found").pl()
    assert set(over.values()) == set(refined) and found.equals(whole)


def test_refining_does_not_depend_on_order_or_keys(records: pl.DataFrame, trained: Model, folder: Path) -> None:
    _, first, hashed = scored(records, folder, limited(trained))
    _, again, hashed_again = scored(rekeyed(records, 5), folder, limited(trained))
    assert (first, hashed) == (again, hashed_again) and hashed[1] > 0
