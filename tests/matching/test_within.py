"""Values counted within the groups of another field: rare among all, common in one country."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from matching import within
from matching.model import Model

DECLARED = {"country": ["family"]}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def draft(folder: Path) -> Model:
    """A model whose family names agree with a weight of 4 bits."""
    level = {"m_probability": 0.8, "u_probability": 0.05, "tf_adjustment_column": "family"}
    settings = {"comparisons": [{"output_column_name": "family", "comparison_levels": [level]}]}
    return Model(folder, "person", settings, {"within": DECLARED})


def population(con: duckdb.DuckDBPyConnection) -> None:
    """9,000 records of UA with names of their own; of VN 1,000, half of them one name; one record without country."""
    con.execute("""
        CREATE TABLE records AS SELECT row_number() OVER () AS record_key, * FROM (
            SELECT 'UA' AS country, 'u' || range AS family FROM range(9000)
            UNION ALL SELECT 'VN', CASE WHEN range < 500 THEN 'nguyen' ELSE 'v' || range END FROM range(1000)
            UNION ALL SELECT NULL, 'nguyen')""")


def off(con: duckdb.DuckDBPyConnection, model: Model, left: int, right: int, bits: float = 4.0) -> float:
    """Bits taken off a pair of these records whose family names have `bits`."""
    con.execute(f"""
        CREATE OR REPLACE TABLE predicted AS SELECT {left} AS record_key_l, {right} AS record_key_r,
            9.0::DOUBLE AS match_weight, {bits}::DOUBLE AS mw_family, 2.0::DOUBLE AS mw_tf_adj_family""")
    table = within.corrected(con, model, "predicted", "records")
    [(weight, adjusted)] = con.execute(f"SELECT match_weight, mw_tf_adj_family FROM {table}").fetchall()
    within.drop(con)
    assert 9 - weight == pytest.approx(2 - adjusted)
    return float(9 - weight)


def test_a_name_common_in_one_country_says_less_there(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    population(con)
    model = draft(tmp_path)
    within.write(con, model, "records")
    assert off(con, model, 9001, 9002) == pytest.approx(3.2, abs=0.2)  # 1 in 20 of all, half of the country
    assert off(con, model, 9001, 10001) == 0  # one country is not known
    assert off(con, model, 9001, 9002, bits=1.0) == 0  # not the level that frequency adjusts
    assert off(con, model, 1, 2) < 0.5  # the country of nearly all


def test_fields_that_are_not_compared_are_not_counted() -> None:
    declared = {"country": ("given", "family"), "sex": ("given",)}
    assert within.fitting(declared, ["country", "family"]) == {"country": ["family"]}


def test_a_model_that_counts_nothing_within_keeps_its_predictions(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert within.corrected(con, Model(tmp_path, "person", {}, {}), "predicted", "records") == "predicted"
