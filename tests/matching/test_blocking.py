"""Blocking: a rule's count is the number of pairs it really makes."""

from pathlib import Path

import polars as pl
import pytest

from matching.blocking import count_pairs, splink_rule, true_pairs_found, usable
from store.duck import scalar
from tests.matching.conftest import empty, open_with

FEW = empty(
    pl.DataFrame(
        {
            "record_key": [1, 2, 3, 4, 5],
            "source": ["s"] * 5,
            "record_id": list("abcde"),
            "given": ["li", "li", "lisa", None, "li"],
            "family": ["wei", "wei", "wen", "wei", None],
            "phones": [["1", "2"], ["2", "2"], ["1", "2"], [], None],
        },
        schema_overrides={"record_key": pl.Int64},
    )
)


@pytest.mark.parametrize(
    ("rule", "pairs"),
    [
        (("given",), 3),
        (("given[:2]",), 6),
        (("given", "family"), 1),
        (("given[:2]", "family[:2]"), 3),
        (("city",), 0),
    ],
)
def test_counts_by_hand(tmp_path: Path, rule: tuple[str, ...], pairs: int) -> None:
    with open_with(FEW, tmp_path) as con:
        assert count_pairs(con, "match_input_person", rule) == pairs
        assert real_pairs(con, rule) == pairs


def real_pairs(con, rule: tuple[str, ...]) -> int:
    table = "match_input_person"
    return scalar(
        con,
        f"SELECT count(*) FROM {table} l JOIN {table} r"
        f" ON l.record_key < r.record_key AND {splink_rule(rule)['blocking_rule']}",
    )


@pytest.mark.parametrize("rule", [("family",), ("postcode", "given[:2]"), ("given[:3]", "family[:4]"), ("birth_date",)])
def test_counts_on_real_data_are_the_pairs_made(records: pl.DataFrame, tmp_path: Path, rule: tuple[str, ...]) -> None:
    with open_with(records, tmp_path) as con:
        assert count_pairs(con, "match_input_person", rule) == real_pairs(con, rule) > 0


def test_a_list_never_pairs_a_record_with_itself_and_shared_elements_count_each(tmp_path: Path) -> None:
    with open_with(FEW, tmp_path) as con:
        assert count_pairs(con, "match_input_person", ("each phones",)) == 1 + 3
        assert count_pairs(con, "match_input_person", ("each phones", "given[:2]")) == 4


def test_list_rules_are_exploded_for_splink() -> None:
    made = splink_rule(("each phones", "given[:2]"))
    assert made["blocking_rule"] == "l.phones = r.phones AND substr(l.given, 1, 2) = substr(r.given, 1, 2)"
    assert made["arrays_to_explode"] == ["phones"] and "arrays_to_explode" not in splink_rule(("given",))


def test_rules_of_empty_fields_are_left_out() -> None:
    assert usable([("given", "family"), ("each phones",)], {"given", "family"}) == [("given", "family")]


def test_true_pairs_that_some_rule_finds(tmp_path: Path) -> None:
    with open_with(FEW, tmp_path) as con:
        con.execute("CREATE TABLE everyone AS SELECT record_key, record_key % 2 AS entity_id FROM match_input_person")
        found = con.execute(true_pairs_found([("given",), ("each phones",)], "match_input_person")).fetchall()
        assert sorted(found) == [(1, 3), (1, 5)]
