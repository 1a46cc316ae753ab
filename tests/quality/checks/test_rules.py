"""Rules counted on a right night, and on one broken row at a time."""

import duckdb
import polars as pl
import pytest

from quality.checks.cross import CROSS_RULES, STAGE_TABLES, count_cross, count_stage
from quality.checks.raw import count_raw
from quality.checks.rules import METRICS, count_violations, derived_rules
from quality.scorecard import score
from rules.contracts import TABLES
from rules.contracts.children import UNDER_CLIENT


def broken(metrics: pl.DataFrame) -> list[tuple[str, str, int]]:
    return metrics.filter(pl.col("violations") > 0).select("table", "rule", "violations").rows()


@pytest.mark.parametrize("stage", STAGE_TABLES)
def test_a_right_night_breaks_nothing(con: duckdb.DuckDBPyConnection, stage: str) -> None:
    metrics = count_stage(con, stage)
    assert metrics.schema == METRICS
    assert broken(metrics) == []
    assert metrics.select("table", "rule").is_unique().all()


def test_every_contract_table_belongs_to_one_stage_but_for_twins_of_standard_rows() -> None:
    checked = [table for tables in STAGE_TABLES.values() for table in tables]
    assert sorted([*checked, *UNDER_CLIENT]) == sorted(TABLES)


def test_rules_derive_from_the_contract() -> None:
    assert derived_rules("crosswalk")["client_number not null"] == '"client_number" IS NULL'
    assert "'person', 'organisation'" in derived_rules("golden_party")["party_type allowed values"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("UPDATE std_record SET row_hash = NULL WHERE record_key = 1", ("std_record", "row_hash not null", 1)),
        ("INSERT INTO std_record FROM std_record WHERE record_key = 1", ("std_record", "primary key unique", 1)),
        ("DELETE FROM std_record WHERE record_key = 1", ("std_name", "record_key in std_record", 1)),
        ("UPDATE input_count SET rows = 6", ("std_record", "conservation: input rows = usable + quarantined", 2)),
        ("DROP TABLE input_count", ("std_record", "conservation: input rows = usable + quarantined", 1)),
        ("UPDATE std_name SET valid = false WHERE record_key < 3", ("std_record", "has a usable name", 2)),
        ("ALTER TABLE std_name DROP COLUMN latin", ("std_name", "columns", 1)),
        ("DROP TABLE std_address", ("std_address", "columns", len(TABLES["std_address"].columns()))),
        ("DELETE FROM clusters WHERE record_key = 3", ("std_record", "record_key in clusters", 1)),
        ("UPDATE clusters SET cluster_key = 2 WHERE record_key = 3", ("clusters", "named by one of its members", 1)),
        ("UPDATE clusters SET cluster_key = 1", ("clusters", "never mixes persons and organisations", 1)),
        ("UPDATE pairs_person SET record_key_r = 3", ("pairs_person", "both ends in match_input_person", 1)),
        ("DELETE FROM match_input_person WHERE record_key = 2", ("std_record", "read by its model", 1)),
        ("DELETE FROM crosswalk WHERE record_key = 3", ("golden_party", "client_number in crosswalk", 1)),
        ("DELETE FROM golden_party WHERE client_number = 'N2'", ("crosswalk", "client_number in golden_party", 1)),
        ("UPDATE golden_party SET records = 5 WHERE records = 2", ("golden_party", "records = members", 1)),
        ("UPDATE ledger_number SET state = 'gone' WHERE client_number = 'N2'", ("golden_party", "number is live", 1)),
        ("UPDATE ledger_number SET resolves_to = 'N9' WHERE state = 'merged'",
         ("ledger_number", "merged number resolves", 1)),
        ("DELETE FROM view_client WHERE client_number = 'N2'", ("golden_party", "client_number in view_client", 1)),
        ("DELETE FROM view_note", ("view_note", "conservation: standard rows = under a client + unassigned", 1)),
        ("DELETE FROM std_feed", ("std_feed", "conservation: input rows = rows of std_feed", 1)),
    ],
)  # fmt: skip
def test_a_breaking_row_is_counted(con: duckdb.DuckDBPyConnection, change: str, expected: tuple[str, str, int]) -> None:
    con.execute(change)
    assert any(expected in broken(count_stage(con, stage)) for stage in STAGE_TABLES)


def test_declared_bounds_and_patterns_are_counted(con: duckdb.DuckDBPyConnection, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    import dataframely as dy

    class Bounded(dy.Schema):
        code = dy.String(regex="^[A-Z]+$", max_length=2, primary_key=True)
        share = dy.Int64(min=0, max=100, nullable=True)

    monkeypatch.setitem(TABLES, "bounded", Bounded)
    con.execute("CREATE TABLE bounded AS SELECT * FROM (VALUES ('AB', -1), ('abc', 101), ('C', NULL)) t(code, share)")
    assert [(rule, n) for _, rule, n in broken(count_violations(con, ["bounded"]))] == [
        ("code pattern", 1), ("code max length", 1), ("share min", 1), ("share max", 1),
    ]  # fmt: skip


def test_raw_bounds_block_and_keys_only_warn(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TABLE snapshot AS SELECT * FROM (VALUES ('1'), ('1'), (NULL)) t(id)")
    found = count_raw(con, "snapshot", name="crm", key="id", min_rows=5, max_rows=2, max_drop=0.3, previous_rows=10)
    assert found.select("rule", "violations", "blocking").rows() == [
        ("min rows", 2, True), ("max rows", 1, True), ("max drop", 4, True),
        ("key not null", 1, False), ("key unique", 1, False),
    ]  # fmt: skip
    assert broken(count_raw(con, "quarantine", name="q", key="source")) == []


def test_soft_rules_do_not_block(con: duckdb.DuckDBPyConnection) -> None:
    soft = [rule.rule for rule in CROSS_RULES if not rule.blocking]
    assert "has a display name" in soft and "conservation: input rows = usable + quarantined" not in soft
    assert count_cross(con, "raw").is_empty()


def test_score_counts_flagged_values(con: duckdb.DuckDBPyConnection) -> None:
    score(con)
    found = {field: tuple(rest) for _, field, *rest in con.sql("SELECT * FROM quality_score").fetchall()}
    assert found["birth_date"] == (2, 2, 0)
    assert found["sex"] == (2, 2, 2)
    assert found["country"] == (1, 1, 1)
    assert found["name.current"] == (3, 3, 3)
    assert found["contact.email"] == (3, 1, 0)


def test_phones_are_scored_together_since_nobody_knows_the_kind_of_one_that_cannot_be_used(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.execute("""
        INSERT INTO std_contact BY NAME
        FROM (VALUES (1, 2, 'mobile', true), (2, 1, 'phone', false)) t(record_key, ordinal, kind, valid)""")
    score(con)
    found = {field: tuple(rest) for _, field, *rest in con.sql("SELECT * FROM quality_score").fetchall()}
    assert found["contact.phone"] == (3, 2, 1) and "contact.mobile" not in found
