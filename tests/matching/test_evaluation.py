"""Figures against a small example worked out by hand."""

import duckdb
import pytest

from matching.evaluation import blocking_loss, evaluate

# Clusters {1 2 3} {4 5} {6}; entities {1 2} {3 4 5} {6}. Pairs found 3 + 1 = 4, true 1 + 3 = 4, both {1 2} {4 5} = 2.
JUDGED = [(1, "A", "x"), (2, "A", "x"), (3, "A", "y"), (4, "B", "y"), (5, "B", "y"), (6, "C", "z")]


def judged(rows: list[tuple[int, str, str]]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("CREATE TABLE judged (unit BIGINT, cluster_id VARCHAR, entity_id VARCHAR)")
    if rows:
        con.executemany("INSERT INTO judged VALUES (?, ?, ?)", rows)
    return con


def test_figures_by_hand() -> None:
    found = evaluate(judged(JUDGED))
    precision = (2 / 3 + 2 / 3 + 1 / 3 + 1 + 1 + 1) / 6
    recall = (1 + 1 + 1 / 3 + 2 / 3 + 2 / 3 + 1) / 6
    assert found == {
        "records": 6, "precision": 0.5, "recall": 0.5, "f1": 0.5,
        "b3_f1": pytest.approx(2 * precision * recall / (precision + recall), abs=1e-6),
        "wrongly_merged": 1, "wrongly_split": 1,
    }  # fmt: skip


def test_right_clusters() -> None:
    found = evaluate(judged([(unit, entity, entity) for unit, _, entity in JUDGED]))
    assert (found["f1"], found["b3_f1"], found["wrongly_merged"], found["wrongly_split"]) == (1, 1, 0, 0)


def test_everything_apart_and_everything_together() -> None:
    apart = evaluate(judged([(unit, str(unit), entity) for unit, _, entity in JUDGED]))
    assert (apart["precision"], apart["recall"], apart["f1"], apart["wrongly_split"]) == (1, 0, 0, 2)
    together = evaluate(judged([(unit, "one", entity) for unit, _, entity in JUDGED]))
    assert (together["precision"], together["recall"], together["wrongly_merged"]) == (round(4 / 15, 6), 1, 1)


def test_no_records_at_all() -> None:
    found = evaluate(judged([]))
    assert found.pop("records") == 0
    assert found == dict.fromkeys(evaluate(judged(JUDGED)).keys() - {"records"})


def test_blocking_loss() -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE truth AS SELECT * FROM (VALUES (1, 2), (3, 4), (5, 6)) t(record_key_l, record_key_r)")
        con.execute("CREATE TABLE found AS SELECT * FROM (VALUES (1, 2), (3, 5)) t(record_key_l, record_key_r)")
        assert blocking_loss(con, "truth", "found") == round(2 / 3, 6)
        con.execute("DELETE FROM truth")
        assert blocking_loss(con, "truth", "found") == 0
