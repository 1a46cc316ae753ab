"""Proposing rules: honest costs, honest recall, never over the budget."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matching import candidates as near
from matching import scoring
from matching.blocking import count_pairs, holds, pairs_sql
from matching.model import Model
from matching.proposal import Chosen, choose, finds, told
from store.duck import scalar
from tests.matching.conftest import open_with
from tests.matching.test_refinement import FEW

TABLE = "match_input_person"
PARTS = ["each identifiers", "birth_date", "birth_date[:4]", "family", "given", "given[:3]", "postcode"]


@pytest.mark.parametrize(
    ("broad", "narrow", "yes"),
    [
        (("family",), ("family", "given"), True),
        (("family[:4]",), ("family",), True),
        (("family[:2]",), ("family[:4]",), True),
        (("family",), ("family[:4]",), False),
        (("family[:4]",), ("family[:2]",), False),
        (("family", "given"), ("family",), False),
        (("given", "family"), ("family", "given"), True),
        (("each phones",), ("first phones",), False),
    ],
)
def test_a_rule_covers_another_whatever_the_data(broad: tuple[str, ...], narrow: tuple[str, ...], yes: bool) -> None:
    assert near.covers(broad, narrow) is yes


def test_only_the_broadest_rules_are_needed_to_find_every_pair() -> None:
    rules = [("family", "given"), ("family",), ("birth_date", "given"), ("family[:4]", "given")]
    assert near.broadest(rules) == [("family",), ("birth_date", "given"), ("family[:4]", "given")]
    assert near.broadest([("family", "given"), ("given", "family")]) == [("family", "given")], "one of two equals stays"


@pytest.mark.parametrize(
    "rule", [("family",), ("postcode", "given[:3]"), ("each identifiers", "given"), ("birth_date",)]
)
def test_costs_are_those_of_the_rule_itself(records: pl.DataFrame, tmp_path: Path, rule: tuple[str, ...]) -> None:
    with open_with(records, tmp_path) as con:
        near.encode(con, TABLE, PARTS)
        assert near.count_encoded(con, PARTS, rule) == count_pairs(con, TABLE, rule) > 0


def test_candidates_fit_the_budget_and_are_joined_with_further_parts_only_while_expensive(
    records: pl.DataFrame, tmp_path: Path
) -> None:
    declared = ("given", "family")
    with open_with(records, tmp_path) as con:
        near.encode(con, TABLE, PARTS)
        found = near.candidates(con, PARTS, [declared], 3_000)
    assert max(found.values()) <= 3_000 and declared in found and ("family", "given") not in found
    assert ("each identifiers",) in found and ("birth_date[:4]",) not in found
    assert ("birth_date[:4]", "given") in found
    with open_with(records, tmp_path) as con:
        near.encode(con, TABLE, PARTS)
        rich = near.candidates(con, PARTS, [], 20_000)
    assert [rule for rule in rich if "each identifiers" in rule] == [("each identifiers",)], "it is cheap as it is"


def test_near_pairs_are_the_pairs_of_any_rule_that_touch_a_seed(records: pl.DataFrame, tmp_path: Path) -> None:
    rules = [("family", "given"), ("each identifiers",), ("birth_date",)]
    with open_with(records, tmp_path) as con:
        near.encode(con, TABLE, PARTS)
        con.execute(f"CREATE TABLE seeds AS SELECT record_key FROM {TABLE} WHERE record_key % 3 = 0")
        near.near_pairs(con, PARTS, rules, "seeds")
        union = " UNION ".join(pairs_sql(TABLE, rule) for rule in rules)
        wanted = f"SELECT * FROM ({union}) WHERE record_key_l % 3 = 0 OR record_key_r % 3 = 0"
        assert (
            scalar(con, f"SELECT count(*) FROM ({wanted})") == scalar(con, "SELECT count(*) FROM blocking_near") > 100
        )
        assert con.execute(f"({wanted}) EXCEPT FROM blocking_near").fetchall() == []


def test_given_pairs_weigh_what_a_night_says(records: pl.DataFrame, trained: Model) -> None:
    with open_with(records, trained.folder.parent) as con:
        scoring.score(con, trained, TABLE, "night")
        con.execute("CREATE TABLE asked AS SELECT record_key_l, record_key_r FROM night WHERE record_key_l % 2 = 0")
        scoring.score_given(con, trained, TABLE, "asked", "again")
        shared = "SELECT record_key_l, record_key_r, weight, levels FROM"
        assert con.execute(f"{shared} again EXCEPT {shared} night").fetchall() == []
        assert scalar(con, "SELECT count(*) FROM again") == scalar(con, "SELECT count(*) FROM asked") > 100


def test_recall_is_the_share_of_pairs_that_the_rules_really_find(records: pl.DataFrame, tmp_path: Path) -> None:
    rules = [("family", "given"), ("each identifiers",), ("birth_date", "postcode")]
    with open_with(records, tmp_path) as con:
        near.encode(con, TABLE, PARTS)
        con.execute(f"""
            CREATE TABLE true_pair AS SELECT l.record_key AS record_key_l, r.record_key AS record_key_r, 1 AS mass
            FROM {TABLE} l JOIN {TABLE} r ON l.record_key < r.record_key
            JOIN key_map a ON a.record_key = l.record_key JOIN key_map b ON b.record_key = r.record_key
            WHERE split_part(a.record_id, '-', 2) = split_part(b.record_id, '-', 2)""")
        agreed = near.agreements(con, PARTS, "true_pair")
        mass = agreed["mass"].to_numpy()
        shown = told([(rule, 1) for rule in rules], finds(PARTS, rules, agreed["pattern"].to_numpy()), mass, range(3))
        for place, one in enumerate(shown):
            any_rule = " OR ".join(f"({holds(rule)})" for rule in rules[: place + 1])
            real = scalar(
                con,
                f"""
                SELECT count(*) FROM true_pair t JOIN {TABLE} l ON l.record_key = t.record_key_l
                JOIN {TABLE} r ON r.record_key = t.record_key_r WHERE {any_rule}""",
            )
            assert one.recall == round(real / 500, 6) and mass.sum() == 500


def test_two_lists_agree_where_any_element_does(tmp_path: Path) -> None:
    parts = ["each phones", "birth_date"]
    with open_with(FEW, tmp_path) as con:
        near.encode(con, TABLE, parts)
        con.execute("CREATE TABLE asked AS FROM (VALUES (4, 6, 5), (1, 2, 7), (6, 7, 1), (1, 7, 2)) t(record_key_l, "
                    "record_key_r, mass)")  # fmt: skip
        assert near.agreements(con, parts, "asked").rows() == [(0, 2), (1, 5), (2, 1), (3, 7)]


def test_a_rule_of_two_lists_finds_every_pair_that_shares_an_element_of_both(tmp_path: Path) -> None:
    mails = [["a"], ["b", "a"], ["b"], ["c", "b"], None, ["b"], ["a"]]
    frame = FEW.with_columns(pl.Series("emails", mails))
    parts = ["each phones", "each emails"]
    with open_with(frame, tmp_path) as con:
        near.encode(con, TABLE, parts)
        assert near.count_encoded(con, parts, tuple(parts)) == 5
        near.near_pairs(con, parts, [tuple(parts)], TABLE)
        found = con.execute("FROM blocking_near ORDER BY ALL").fetchall()
    assert found == [(1, 2), (2, 3), (2, 4), (3, 4), (4, 6)]


def matrix(*rows: str) -> np.ndarray:
    return np.array([[mark == "x" for mark in row] for row in rows])


MASS = np.full(6, 1_000, dtype=np.int64)


def test_a_rule_that_later_ones_make_superfluous_is_dropped() -> None:
    rules = {("a",): 1, ("b",): 10, ("c",): 10}
    chosen = choose(rules, matrix("xx....", "x.xx..", ".x..xx"), MASS, 100)
    assert [one.rule for one in chosen] == [("b",), ("c",)] and chosen[-1].recall == 1.0


def test_the_budget_holds_and_the_better_of_two_greedy_runs_is_taken() -> None:
    rules = {("cheap",): 1, ("good",): 100}
    found = matrix("x.....", ".xxxxx")
    assert choose(rules, found, MASS, 100) == [Chosen(("good",), 100, 0.833333, 0.833333, 0.833333)]
    assert [one.rule for one in choose(rules, found, MASS, 101)] == [("cheap",), ("good",)]
    assert [one.rule for one in choose(rules, found, MASS, 99)] == [("cheap",)]
    assert choose({("cheap",): 200}, matrix("xxxxxx"), MASS, 100) == []


def test_a_rule_that_adds_next_to_nothing_is_not_worth_its_pairs() -> None:
    mass = np.array([1_000_000, 400], dtype=np.int64)
    assert [one.rule for one in choose({("a",): 5, ("b",): 5}, matrix("x.", ".x"), mass, 100)] == [("a",)]
