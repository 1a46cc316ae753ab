"""A model whose SQL does not run on a projection is refused before anything is scored."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from matching.fitting import assert_fits
from matching.model import Model
from rules.errors import ModelError
from tests.matching.conftest import open_with

TABLE = "match_input_person"


@pytest.fixture
def con(records: pl.DataFrame, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_with(records, tmp_path) as opened:
        yield opened


def test_a_trained_model_fits_its_own_schema_also_without_records(
    trained: Model, con: duckdb.DuckDBPyConnection
) -> None:
    assert_fits(con, trained, TABLE)
    con.execute(f"DELETE FROM {TABLE}")
    assert_fits(con, trained, TABLE)


def test_a_missing_column_is_named(trained: Model, con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f"ALTER TABLE {TABLE} DROP COLUMN street")
    with pytest.raises(ModelError, match=r"\['street'\]"):
        assert_fits(con, trained, TABLE)


def spoilt(model: Model, comparison: int, condition: str) -> Model:
    settings: dict[str, Any] = copy.deepcopy(model.settings)
    settings["comparisons"][comparison]["comparison_levels"][1]["sql_condition"] = condition
    return replace(model, settings=settings)


@pytest.mark.parametrize(
    "condition", ["no_such_function(family_l)", "family_l = no_such_r", "family_l >", "phones_l + 1"]
)
def test_a_level_that_does_not_run_is_named_by_its_comparison(
    trained: Model, con: duckdb.DuckDBPyConnection, condition: str
) -> None:
    with pytest.raises(ModelError, match=r"comparison family: does not run.*→ train a new model"):
        assert_fits(con, spoilt(trained, 1, condition), TABLE)


def test_a_column_of_another_type_is_found(trained: Model, con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f"ALTER TABLE {TABLE} ALTER COLUMN identifiers TYPE VARCHAR USING 'x'")
    with pytest.raises(ModelError, match="identifiers"):
        assert_fits(con, trained, TABLE)


def test_a_blocking_rule_that_does_not_run_is_named_by_its_place(
    trained: Model, con: duckdb.DuckDBPyConnection
) -> None:
    settings = copy.deepcopy(trained.settings)
    settings["blocking_rules_to_generate_predictions"][1]["blocking_rule"] = "l.nothing = r.nothing"
    with pytest.raises(ModelError, match="blocking rule 2"):
        assert_fits(con, replace(trained, settings=settings), TABLE)
