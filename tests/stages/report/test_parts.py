"""Small parts: shares, flow, charts, hidden values."""

import duckdb
import pytest

from stages.report import ModelFacts
from stages.report.charts import weight_histogram
from stages.report.clusters import PICKS, examples
from stages.report.flow import Link, Node, draw
from stages.report.sections import heat, percent
from stages.report.tables import complete, flow_to_clients, weight_bins


@pytest.mark.parametrize(
    ("part", "whole", "expected"), [(0, 5, "0"), (5, 5, "100"), (999, 1000, "99"), (1, 1000, "<1"), (0, 0, "–")]
)
def test_percent_never_rounds_to_all_or_nothing(part: int, whole: int, expected: str) -> None:
    assert percent(part, whole) == expected


def test_flow_escapes_names_and_keeps_proportions() -> None:
    columns = [[Node("a", "<script>", "9 rows", 9), Node("b", "b", "1 row", 1)], [Node("c", "c", "10 rows", 10)]]
    svg = draw(columns, [Link("a", "c", 9), Link("b", "c", 1)], "a title")
    assert "&lt;script&gt;" in svg and "<script>" not in svg
    assert svg.count('class="ribbon') == 2 and "v252.0" in svg and "v28.0" in svg
    assert draw([], [], "nothing") == "" == draw([[], []], [], "nothing")


def test_bands_meet_the_threshold_exactly() -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE pairs_person AS SELECT unnest([7999999, 8000000, -1, 2500000]) AS weight")
        bins = weight_bins(con, "person", 8.0, 2.5)
    assert [(row["bit"], row["band"], row["pairs"]) for row in bins] == [
        (-1, "below", 1), (2, "review", 1), (7, "review", 1), (8, "match", 1),
    ]  # fmt: skip


def test_histogram_is_one_svg_without_addresses() -> None:
    model = ModelFacts("person", "v1", 8.0, 2.5)
    svg = weight_histogram([{"bit": 8, "band": "match", "pairs": 3}], model)
    assert svg.startswith("<svg role=") and "://" not in svg and "#0a0a01" in svg
    assert weight_histogram([], model) == ""


def test_heat_marks_doubtful_and_empty_cells() -> None:
    scores = [
        {"source": "crm", "field": "sex", "rows": 10, "filled": 0, "valid": 0},
        {"source": "core", "field": "sex", "rows": 10, "filled": 10, "valid": 9},
    ]
    shown = heat(scores)
    assert shown["sources"] == ["core", "crm"]
    core, crm = shown["lines"][0]["cells"]
    assert core["doubt"] and core["filled"] == "100" and core["valid"] == "90"
    assert crm["empty"] and not crm["doubt"]


def test_examples_are_distinct_and_hide_values(night: duckdb.DuckDBPyConnection, canary: str) -> None:
    with complete(night):
        cards = examples(night, show_values=False)
    assert len(cards) == len(PICKS) and len({card["number"] for card in cards}) == len(PICKS)
    assert canary not in repr(cards)
    name = next(row for row in cards[0]["compared"] if row["field"] == "name")
    assert name["verdict"] == "differs" and set(name["cells"]) == {"A", "B", "C"}
    weights = [edge["weight"] for edge in cards[0]["edges"]]
    assert weights == sorted(weights, reverse=True)
    assert cards[0]["edges"][0]["levels"][0] == ("name", "jaro winkler ≥ 0.92")


def test_every_record_flows_to_a_client(night: duckdb.DuckDBPyConnection) -> None:
    records = night.sql("SELECT count(*) FROM std_record").fetchall()[0][0]
    assert sum(row["records"] for row in flow_to_clients(night)) == records
