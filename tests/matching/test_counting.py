"""Counts of a list of rules: alone, beyond those before, largest value, state."""

from pathlib import Path

import polars as pl
import pytest

from matching.blocking import pairs_sql
from matching.counting import Count, count
from matching.refinement import Limits
from store.duck import scalar
from tests.matching.conftest import open_with
from tests.matching.test_refinement import FEW

TABLE = "match_input_person"
WIDE = Limits(1_000_000, 1_000)


def test_by_hand(tmp_path: Path) -> None:
    rules = [("birth_date",), ("each phones",), ("city",), ("given",)]
    with open_with(FEW, tmp_path) as con:
        found = count(con, TABLE, rules, [rules[0], rules[1], rules[3]], WIDE)
    assert found == [
        Count("birth_date", "runs", pairs=3, adds=3, largest=2, share=0.333333),
        Count("each phones", "runs", pairs=11, adds=9, largest=5, share=0.909091),
        Count("city", "empty"),
        Count("given", "runs", pairs=6, adds=1, largest=3, share=0.5),
    ]


def test_rules_over_the_cap_are_refined_or_refused_and_add_only_what_is_left(tmp_path: Path) -> None:
    rules = [("each phones",), ("given",), ("source",)]
    with open_with(FEW, tmp_path) as con:
        phones, given, source = count(con, TABLE, rules, rules, Limits(5, 3, ("birth_date",)))
    assert (phones.state, phones.pairs, phones.adds) == ("refined", 11, 3)
    assert (given.state, given.pairs, given.adds) == ("refined", 6, 0), "its one pair left is found by phone already"
    assert source.state == "refined" and source.refined is not None and source.refined.left_out > 0
    with open_with(FEW, tmp_path) as con:
        [refused] = count(con, TABLE, [("source",)], [("source",)], Limits(1, 3))
    assert (refused.state, refused.adds, refused.largest) == ("refused", 0, 7)


@pytest.mark.parametrize("first", [("family",), ("each identifiers",)])
def test_on_real_data_rules_add_the_pairs_that_no_rule_before_makes(
    records: pl.DataFrame, tmp_path: Path, first: tuple[str, ...]
) -> None:
    rules = [first, ("postcode", "given[:2]"), ("birth_date",), ("city",)]
    with open_with(records, tmp_path) as con:
        found = count(con, TABLE, rules, rules, WIDE)
        for place in range(len(rules)):
            union = " UNION ".join(pairs_sql(TABLE, rule) for rule in rules[: place + 1])
            assert sum(one.adds for one in found[: place + 1]) == scalar(con, f"SELECT count(*) FROM ({union})") > 0
