"""Measuring clusters against truth: pairs, B-cubed, wrongly merged and split.

Here: the figures of `registry evaluate`. Truth is used to measure only, never to train or to set a threshold.
"""

import duckdb

from store.duck import scalar

FIGURES = ("precision", "recall", "f1", "b3_f1", "wrongly_merged", "wrongly_split")


def evaluate(con: duckdb.DuckDBPyConnection) -> dict[str, float | int | None]:
    """Figures from `judged(unit, cluster_id, entity_id)`; None for every figure where there is no record.

    `precision`, `recall`, `f1` count pairs in the same final cluster; `wrongly_merged` clusters that hold two or more
    entities; `wrongly_split` entities in two or more clusters.
    """
    records = scalar(con, "SELECT count(*) FROM judged")
    if not records:
        return {"records": 0, **dict.fromkeys(FIGURES)}
    both = _pairs(con, "cluster_id, entity_id")
    found, true = _pairs(con, "cluster_id"), _pairs(con, "entity_id")
    precision, recall = _share(both, found), _share(both, true)
    b3_precision, b3_recall = _b_cubed(con, "cluster_id"), _b_cubed(con, "entity_id")
    return {
        "records": records,
        "precision": round(precision, 6),
        "recall": round(recall, 6),
        "f1": round(_harmonic(precision, recall), 6),
        "b3_f1": round(_harmonic(b3_precision, b3_recall), 6),
        "wrongly_merged": _mixed(con, "cluster_id", "entity_id"),
        "wrongly_split": _mixed(con, "entity_id", "cluster_id"),
    }


def blocking_loss(con: duckdb.DuckDBPyConnection, true_pairs: str, candidates: str) -> float:
    """Share of true pairs that no blocking rule finds; both tables hold (record_key_l, record_key_r)."""
    total = scalar(con, f"SELECT count(*) FROM {true_pairs}")
    found = scalar(con, f"SELECT count(*) FROM {true_pairs} JOIN {candidates} USING (record_key_l, record_key_r)")
    return round(1 - _share(found, total), 6)


def _pairs(con: duckdb.DuckDBPyConnection, by: str) -> int:
    return scalar(con, f"SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) AS n FROM judged GROUP BY {by})")


def _b_cubed(con: duckdb.DuckDBPyConnection, by: str) -> float:
    """Mean over records of the share of their `by` group that is right."""
    [row] = con.execute(f"""
        WITH shared AS (SELECT cluster_id, entity_id, count(*) AS n FROM judged GROUP BY ALL),
             whole AS (SELECT {by}, count(*) AS size FROM judged GROUP BY {by})
        SELECT sum(CAST(n AS DOUBLE) * n / size) / sum(n) FROM shared JOIN whole USING ({by})""").fetchall()
    return float(row[0] or 0.0)


def _mixed(con: duckdb.DuckDBPyConnection, by: str, other: str) -> int:
    return scalar(con, f"SELECT count(*) FROM (SELECT 1 FROM judged GROUP BY {by} HAVING count(DISTINCT {other}) > 1)")


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
