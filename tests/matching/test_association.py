"""Names that go together among strangers: independent fields cost nothing, dependent ones their known factor."""

import math
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from matching.association import PRIOR_PAIRS, learn, strangers
from matching.model import Model

NAMES = [["given", "family"]]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def draft(prior: float = 0.0, fields: tuple[str, ...] = ("given", "family")) -> Model:
    """A model in which an agreement is typical for nine of ten true pairs of each field."""
    levels = {
        field: [{"m_probability": 0.95, "u_probability": 0.05, "tf_adjustment_column": field}] for field in fields
    }
    declared = [{"output_column_name": name, "comparison_levels": found} for name, found in levels.items()]
    settings = {"probability_two_random_records_match": prior, "comparisons": declared}
    labels = {field: ["different", "same"] for field in fields}
    return Model(Path("person-none"), "person", settings, {"comparisons": labels})


def names(con: duckdb.DuckDBPyConnection, origins: int, each: int) -> None:
    """20 given and 20 family names, in equal parts of `origins` between which they never mix, all mixtures `each`."""
    con.execute(f"""
        CREATE OR REPLACE TABLE records AS
        SELECT 'g' || g.range AS given, 'f' || f.range AS family FROM range(20) g, range(20) f, range({each})
        WHERE g.range % {origins} = f.range % {origins}""")


def factor(con: duckdb.DuckDBPyConnection, model: Model) -> float:
    [group] = learn(con, "records", model, NAMES)
    assert group["fields"] == NAMES[0]
    return float(group["factor"])


def test_independent_fields_have_a_factor_of_one(con: duckdb.DuckDBPyConnection) -> None:
    names(con, origins=1, each=50)
    assert factor(con, draft()) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("origins", [2, 4])
def test_names_of_so_many_origins_agree_together_so_many_times_as_often(
    con: duckdb.DuckDBPyConnection, origins: int
) -> None:
    names(con, origins, each=50)
    assert factor(con, draft()) == pytest.approx(origins, rel=0.05)


def test_a_handful_of_records_is_drawn_towards_independence(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TABLE records AS SELECT * FROM (VALUES ('a', 'b'), ('a', 'b'), ('c', 'd')) t(given, family)")
    expected = 3 / 9
    assert factor(con, draft()) == pytest.approx((1 + PRIOR_PAIRS) / (expected + PRIOR_PAIRS))


def test_true_pairs_are_no_strangers(con: duckdb.DuckDBPyConnection) -> None:
    """Everyone is registered twice and shares the names with nobody else."""
    con.execute(
        "CREATE TABLE records AS SELECT 'g' || range // 2 AS given, 'f' || range // 2 AS family FROM range(2000)"
    )
    total, true = 2000 * 1999 // 2, 1000
    assert factor(con, draft()) > 50
    assert factor(con, draft(true / total / 0.95**2)) == pytest.approx(1)


def test_records_that_lack_a_field_do_not_count(con: duckdb.DuckDBPyConnection) -> None:
    names(con, origins=2, each=50)
    before = factor(con, draft())
    con.execute("INSERT INTO records SELECT 'g1', NULL FROM range(5000)")
    assert factor(con, draft()) == before


def test_a_group_of_which_the_model_lacks_a_field_is_left_out(con: duckdb.DuckDBPyConnection) -> None:
    names(con, origins=2, each=2)
    assert learn(con, "records", draft(fields=("given",)), NAMES) == []


def test_only_pairs_that_agree_exactly_in_all_fields_pay_the_factor(con: duckdb.DuckDBPyConnection) -> None:
    exact = math.log2(0.95 / 0.05)
    condition = strangers([{"fields": NAMES[0], "factor": 4.0}], draft())
    rows = [(exact, exact), (exact, 2.0), (-1.0, exact), (0.0, 0.0)]
    con.execute("CREATE TABLE pairs (mw_given DOUBLE, mw_family DOUBLE)")
    con.executemany("INSERT INTO pairs VALUES (?, ?)", rows)
    paid = con.execute(f"SELECT {condition} FROM pairs ORDER BY rowid").fetchall()
    assert [float(row[0]) for row in paid] == [4, 1, 1, 1]


def test_a_factor_of_one_costs_nothing() -> None:
    assert strangers([{"fields": NAMES[0], "factor": 1.0}], draft()) == strangers([], draft()) == "1.0"
