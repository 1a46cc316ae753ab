"""Cells of a decision table, as literal cell → SQL or refusal."""

import pytest

from rules.contracts.children import UNDER_CLIENT
from rules.contracts.view import ViewClient
from rules.load import Misfit
from rules.view.cells import predicate

COLUMNS = {**UNDER_CLIENT["view_holding"].columns(), **ViewClient.columns()}


@pytest.mark.parametrize(
    ("column", "cell", "sql"),
    [
        ("age", None, None),
        ("age", "", None),
        ("age", 60, '("age" = 60)'),
        ("age", "60", '("age" = 60)'),
        ("age", ">= 18 and < 26", '("age" >= 18) AND ("age" < 26)'),
        ("age", "between 1 and 5", '("age" BETWEEN 1 AND 5)'),
        ("age", "is null", '("age" IS NULL)'),
        ("pep", True, '("pep" = TRUE)'),
        ("pep", "true", '("pep" = TRUE)'),
        ("party_type", "person", "(\"party_type\" = 'person')"),
        ("card_level", "in ('gold', 'platinum')", "(\"card_level\" IN ('gold', 'platinum'))"),
        ("occupation", "like '%owner%'", "(\"occupation\" LIKE '%owner%')"),
        ("occupation", "it's", "(\"occupation\" = 'it''s')"),
        ("card_level", "<> gold", "(\"card_level\" <> 'gold')"),
        ("financial_assets", "< assets_before * 0.5", '("financial_assets" < assets_before * 0.5)'),
        ("matures", "< business_date + 90", '("matures" < business_date + 90)'),
        ("status", "in_work", "(\"status\" = 'in_work')"),
    ],
)
def test_a_cell_is_a_condition(column, cell, sql):
    assert predicate(column, cell, COLUMNS) == sql


@pytest.mark.parametrize(
    ("column", "cell", "problem", "hint"),
    [
        ("agee", 1, "'agee' is no column", "age"),
        ("age", "old", "is a number and is compared with a text", ""),
        ("age", "> 'old'", "is a number and is compared with a text", ""),
        ("card_level", "> 5", "is a text and is compared with a number", "quotes"),
        ("card_level", "in (gold)", "'gold' is no column", "quotes"),
        ("party_type", "persn", "never is 'persn'", "person"),
        ("age", ">= ", "cannot be read", ""),
        ("age", "> (select 1)", "more than comparisons", ""),
        ("age", "> 1; drop table x", "more than comparisons", ""),
        ("age", "> getenv('HOME')", "more than comparisons", ""),
        ("financial_assets", "< assets_befor", "'assets_befor' is no column", "assets_before"),
    ],
)
def test_what_is_no_condition_is_refused_with_the_mend(column, cell, problem, hint):
    with pytest.raises(Misfit) as found:
        predicate(column, cell, COLUMNS)
    assert problem in found.value.problem and hint in found.value.hint
