"""Every shipped rule fires on the facts that `rules.csv` gives for it, just at its bound."""

import csv
import shlex
from pathlib import Path

import pytest

from client_view.deciding import fire_sql, note_rules
from rules.view.packs import PACKS, TIER
from rules.view.shape import load_pack
from store.tables import sql_type

from .conftest import TODAY

CASES = list(csv.DictReader(Path(__file__).with_name("rules.csv").read_text("utf-8").splitlines(), delimiter=";"))
BY_NAME = {pack.name: pack for pack in PACKS}


@pytest.fixture(scope="module")
def rules():
    return {pack.name: load_pack(pack, TODAY) for pack in PACKS}


def relation(pack, facts):
    """One row of everything that the pack reads, with these facts."""
    given = {name: f"'{facts[name]}'" if name in facts else "NULL" for name in pack.columns}
    cells = (f'CAST({given[name]} AS {sql_type(column.dtype)}) AS "{name}"' for name, column in pack.columns.items())
    return f"(SELECT {', '.join(cells)})"


def fired(con, pack, rules, **facts):
    sql = fire_sql(pack, rules[pack.name], relation(pack, facts), "1 AS one", TODAY)
    return [row[1] for row in con.execute(sql).fetchall()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['pack']}-{case['rule']}")
def test_the_rule_fires(case, blank, rules):
    facts = dict(pair.split("=") for pair in shlex.split(case["facts"]))
    assert case["rule"] in fired(blank, BY_NAME[case["pack"]], rules, **facts)


def test_every_shipped_rule_has_a_case(rules):
    shipped = {(name, rule.id) for name, every in rules.items() for rule in every}
    assert shipped == {(case["pack"], case["rule"]) for case in CASES}


def test_nothing_known_fires_next_to_nothing(blank, rules):
    silent = {"risk", "profile", "warning", "finding", "reminder", "maturity"}
    assert {name for name in silent if fired(blank, BY_NAME[name], rules)} == set()


def test_of_a_first_hit_pack_one_rule_fires(blank, rules):
    rich = {"party_type": "person", "financial_assets": "3000000", "card_level": "gold", "age": "30"}
    assert fired(blank, TIER, rules, **rich) == ["wealth_centre"]


def test_a_pack_without_rules_says_nothing(blank):
    assert fired(blank, TIER, {"tier": ()}, party_type="person") == []


def test_every_rule_in_effect_is_noted_with_reason_and_source(con, rules, rows):
    note_rules(con, rules)
    told = {(case["pack"], case["rule"]) for case in CASES} | {("profile", "by_hand")}
    assert set(rows("SELECT pack, rule FROM view_rule WHERE reason <> '' AND cites <> ''")) == told
