"""What differs between two matchings of the same records: clusters, pairs, weights, and figures where truth is given.

Here: the queries. Not here: how each side was made, client numbers (stages/compare). The sides are `a` and `b`: tables
`pairs_<side>`, `clusters_<side>`, `projection_<side>`; beside them `key_map` and, for figures, `truth`.
"""

import math
from typing import Any

import duckdb
import numpy as np
import polars as pl

from matching.blocking import holds
from matching.model import Model
from store.components import components
from store.duck import scalar

Row = dict[str, Any]
KINDS = ("same", "split", "merged", "moved")
BANDS = ("match", "review", "below", "not compared")
_QUANTILES = (0, 5, 25, 50, 75, 95, 100)
_MOST_BITS = 20
"""Larger shifts of weight are shown as this one."""
_Z = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


def clusters(con: duckdb.DuckDBPyConnection) -> dict[str, Row]:
    """Clusters of both sides and their records, by what became of them; leaves `changed_cluster` for the examples.

    Clusters that share a record hang together. Such a group is the *same* when it is one cluster on both sides,
    *split* when one cluster of A is several of B, *merged* the other way round, else *moved*: records changed places.
    """
    overlap = con.sql("""
        SELECT a.cluster_key AS a_key, b.cluster_key AS b_key, count(*) AS records
        FROM clusters_a a JOIN clusters_b b USING (record_key) GROUP BY ALL ORDER BY 1, 2""").pl()
    groups = _groups(overlap)
    con.register("cluster_group", groups.to_arrow())
    con.execute("""
        CREATE OR REPLACE TABLE changed_cluster AS
        WITH sized AS (SELECT node, count(DISTINCT a_key) AS a, count(DISTINCT b_key) AS b, sum(records) AS records
                       FROM cluster_group GROUP BY node)
        SELECT node, a, b, records, CASE WHEN a = 1 AND b = 1 THEN 'same' WHEN a = 1 THEN 'split'
                                         WHEN b = 1 THEN 'merged' ELSE 'moved' END AS kind FROM sized""")
    found = con.sql("SELECT kind, sum(a) AS a, sum(b) AS b, sum(records) AS records FROM changed_cluster GROUP BY kind")
    counted = {kind: {"a": int(a), "b": int(b), "records": int(records)} for kind, a, b, records in found.fetchall()}
    return {kind: counted.get(kind, {"a": 0, "b": 0, "records": 0}) for kind in KINDS}


def _groups(overlap: pl.DataFrame) -> pl.DataFrame:
    """The overlap with the connected group (`node`) that each of its rows belongs to."""
    _, a = np.unique(overlap["a_key"].to_numpy(), return_inverse=True)
    _, b = np.unique(overlap["b_key"].to_numpy(), return_inverse=True)
    first_b = int(a.max(initial=-1)) + 1
    edges = pl.DataFrame({"a": a, "b": b + first_b}, schema={"a": pl.Int64, "b": pl.Int64})
    nodes = components(first_b + int(b.max(initial=-1)) + 1, edges)
    return overlap.with_columns(node=pl.Series(nodes[a], dtype=pl.Int64))


def examples(con: duckdb.DuckDBPyConnection, kind: str, most: int = 10) -> list[list[Row]]:
    """The largest changed groups of a kind: their records with the cluster that each is in, numbered within its side.

    Records are named by source and key, in that order; no client's value is shown.
    """
    found = con.sql(f"""
        WITH chosen AS (
            SELECT node, records FROM changed_cluster JOIN (
                SELECT g.node, min((k.source, k.record_id)) AS least FROM cluster_group g
                JOIN clusters_a c ON c.cluster_key = g.a_key JOIN key_map k ON k.record_key = c.record_key
                SEMI JOIN changed_cluster w ON w.node = g.node AND w.kind = '{kind}' GROUP BY g.node) USING (node)
            WHERE records <= 30 ORDER BY records DESC, least LIMIT {most:d}),
        member AS (
            SELECT DISTINCT h.node, h.records, k.source, k.record_id, a.cluster_key AS a_key, b.cluster_key AS b_key
            FROM chosen h JOIN cluster_group g USING (node) JOIN clusters_a a ON a.cluster_key = g.a_key
            JOIN clusters_b b USING (record_key) JOIN key_map k USING (record_key))
        SELECT node, records, source, record_id, {_numbered("a_key")} AS a, {_numbered("b_key")} AS b
        FROM member ORDER BY records DESC, min((source, record_id)) OVER (PARTITION BY node), source, record_id
        """).pl()
    groups = found.partition_by("node", maintain_order=True)
    return [group.select("source", "record_id", "a", "b").to_dicts() for group in groups]


def _numbered(cluster: str) -> str:
    """Clusters of a group as 1, 2, … in the order of their least records."""
    least = f"(SELECT (source, record_id) FROM key_map WHERE record_key = {cluster})"
    return f"dense_rank() OVER (PARTITION BY node ORDER BY {least})"


def bands(con: duckdb.DuckDBPyConnection, a: Model, b: Model) -> list[Row]:
    """How many pairs lie in which band under A and under B; a pair that neither keeps is not counted."""
    found = con.sql(f"""
        SELECT {_band("p.weight", a)} AS a, {_band("q.weight", b)} AS b, count(*) AS pairs
        FROM pairs_a p FULL JOIN pairs_b q USING (record_key_l, record_key_r) GROUP BY ALL""").fetchall()
    counted = {(one, other): int(pairs) for one, other, pairs in found}
    return [{"a": one, **{other: counted.get((one, other), 0) for other in BANDS}} for one in BANDS]


def _band(weight: str, model: Model) -> str:
    return f"""CASE WHEN {weight} IS NULL THEN 'not compared' WHEN {weight} >= {model.match_weight} THEN 'match'
                    WHEN {weight} >= {model.review_weight} THEN 'review' ELSE 'below' END"""


def lost(con: duckdb.DuckDBPyConnection, side: str, model: Model, other_side: str, other: Model) -> Row:
    """Pairs that `model` joins and that no blocking rule of `other` compares; how many of them end up apart there."""
    found = " OR ".join(f"({holds(rule)})" for rule in other.blocking)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE lost_pair AS
        SELECT p.record_key_l, p.record_key_r FROM pairs_{side} p
        JOIN projection_{other_side} l ON l.record_key = p.record_key_l
        JOIN projection_{other_side} r ON r.record_key = p.record_key_r
        WHERE p.weight >= {model.match_weight} AND NOT coalesce({found}, false)""")
    apart = scalar(
        con,
        f"""
        SELECT count(*) FROM lost_pair p JOIN clusters_{other_side} l ON l.record_key = p.record_key_l
        JOIN clusters_{other_side} r ON r.record_key = p.record_key_r WHERE l.cluster_key <> r.cluster_key""",
    )
    return {"pairs": scalar(con, "SELECT count(*) FROM lost_pair"), "apart": apart}


def weights(con: duckdb.DuckDBPyConnection) -> Row:
    """Shift of weight (B less A, millionths of a bit) of the pairs that both keep: quantiles and whole-bit bins."""
    con.execute("""
        CREATE OR REPLACE TEMP VIEW shift AS
        SELECT q.weight - p.weight AS moved FROM pairs_a p JOIN pairs_b q USING (record_key_l, record_key_r)""")
    asked = ", ".join(f"quantile_disc(moved, {place / 100})" for place in _QUANTILES)
    [quantiles] = con.execute(f"SELECT {asked} FROM shift").fetchall()
    bins = con.execute(f"""
        SELECT CAST(greatest(least(round(moved / 1e6), {_MOST_BITS}), -{_MOST_BITS}) AS INTEGER) AS bits,
               count(*) FROM shift GROUP BY bits ORDER BY bits""").fetchall()
    return {
        "pairs": scalar(con, "SELECT count(*) FROM shift"),
        "unmoved": scalar(con, "SELECT count(*) FROM shift WHERE moved = 0"),
        "quantiles": {f"{place}%": value for place, value in zip(_QUANTILES, quantiles, strict=True)},
        "bins": [{"bits": int(bits), "pairs": int(pairs)} for bits, pairs in bins],
    }


def judge(con: duckdb.DuckDBPyConnection) -> None:
    """`judged_both(entity_id, a, b)`: each record of `truth` with its cluster on both sides."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE judged_both AS
        SELECT CAST(t.entity_id AS VARCHAR) AS entity_id, a.cluster_key AS a, b.cluster_key AS b
        FROM truth t
        JOIN key_map k ON k.source = CAST(t.source AS VARCHAR) AND k.record_id = CAST(t.record_id AS VARCHAR)
        JOIN clusters_a a USING (record_key) JOIN clusters_b b USING (record_key)""")


def figures(con: duckdb.DuckDBPyConnection, side: str) -> Row:
    """Precision and recall of a side over pairs of records in one cluster, with 95 % intervals; wrong clusters."""
    right, found, true = (_pairs(con, by) for by in (f"{side}, entity_id", side, "entity_id"))
    mixed = f"SELECT 1 FROM judged_both GROUP BY {side} HAVING count(DISTINCT entity_id) > 1"
    parted = f"SELECT 1 FROM judged_both GROUP BY entity_id HAVING count(DISTINCT {side}) > 1"
    return {
        "precision": interval(right, found),
        "recall": interval(right, true),
        "wrongly_merged": scalar(con, f"SELECT count(*) FROM ({mixed})"),
        "wrongly_split": scalar(con, f"SELECT count(*) FROM ({parted})"),
    }


def gained(con: duckdb.DuckDBPyConnection) -> Row:
    """Right and wrong pairs that only one side has: what the change is worth, free of what both have in common."""
    found: Row = {}
    for side in "ab":
        own, both = _pairs(con, side), _pairs(con, "a, b")
        right = _pairs(con, f"{side}, entity_id") - _pairs(con, "a, b, entity_id")
        found |= {f"right_only_{side}": right, f"wrong_only_{side}": own - both - right}
    return found


def interval(part: int, whole: int) -> Row:
    """A share with Wilson's 95 % interval (E. B. Wilson, JASA 22, 1927); nothing known gives 0 to 1.

    Pairs of one cluster hang together, so the interval is narrower than the truth where clusters are large.
    """
    if not whole:
        return {"part": 0, "whole": 0, "share": None, "low": 0.0, "high": 1.0}
    share, spread = part / whole, _Z**2 / whole
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(share * (1 - share) / whole + spread / whole / 4) / (1 + spread)
    low, high = max(middle - half, 0.0), min(middle + half, 1.0)
    return {"part": part, "whole": whole} | {
        name: round(value, 6) for name, value in (("share", share), ("low", low), ("high", high))
    }


def _pairs(con: duckdb.DuckDBPyConnection, by: str) -> int:
    return scalar(con, f"SELECT sum(n * (n - 1) // 2) FROM (SELECT count(*) AS n FROM judged_both GROUP BY {by})")
