"""Great Expectations really runs, catches a broken rule, and never sees a client's value."""

import json
from pathlib import Path

import duckdb

from quality.checks.cross import count_stage
from quality.checks.expectations import validate


def test_verdict_names_blocking_rules_and_holds_no_value(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    right = validate(count_stage(con, "golden"), "golden", tmp_path)
    assert right.ok and right.rules > 50

    con.execute("INSERT INTO golden_party SELECT * FROM golden_party WHERE client_number = 'N2'")
    con.execute("UPDATE golden_party SET display_name = NULL WHERE client_number = 'N1'")
    wrong = validate(count_stage(con, "golden"), "golden", tmp_path)
    assert not wrong.ok
    assert wrong.blocking_failed == (("golden_party", "primary key unique", 1),)
    assert wrong.warnings == (("golden_party", "has a display name", 1),)

    text = (tmp_path / "golden.json").read_text()
    report = json.loads(text)
    assert report["great_expectations_version"] and report["suite_name"] == "golden"
    assert report["statistics"]["unsuccessful_expectations"] == 2
    assert sum(rule["violations"] for rule in report["rules"]) == 2
    assert "CANARY" not in text + repr(wrong)


def test_a_soft_failure_alone_is_ok_and_repeatable(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    con.execute("UPDATE std_record SET death_date = DATE '1900-01-01'")
    metrics = count_stage(con, "standardised")
    outcome = validate(metrics, "standardised", tmp_path)
    first = (tmp_path / "standardised.json").read_bytes()
    assert outcome.ok and outcome.warnings == (("std_record", "death not before birth", 1),)
    assert validate(metrics, "standardised", tmp_path) == outcome
    assert (tmp_path / "standardised.json").read_bytes() == first
