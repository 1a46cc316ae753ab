"""Records that two duplicate-free sources leave over: the evidence that neither of a pair found anybody else.

Here: how much likelier than a pair at random a pair of such records is one client (learned in training), and the pairs
it raises. Not here: what a pair weighs by itself (scoring), what keeps records apart (firewall).

A weight starts from the chance that two *random* records are one client. In two sources that hold every client once, a
record whose partner is found has no other, so the partners still missing lie among the records left over, and there
are few of these: if L and R are left over and n true pairs lie among them, the chance is n / (L R). The same holds
against relatives: were a wife and her husband two clients, each one's own partner would be missing. With odds o of
every pair so raised, a pair is the one among those of its two records with odds of about

    o / (max(1, best other o of the one) * max(1, best other o of the other)).

Source: one-to-one record linkage (Fortini and others 2001; Sadinle 2017), which weighs whole matchings; here one pair
and its rivals, so that everything depends on the component and the frozen model alone.
"""

import math
from collections.abc import Collection
from typing import Any, NamedTuple

import duckdb

from matching.model import MICRO, Model
from rules.matching import Firewall
from store.duck import quote, scalar

ITERATIONS = 40
MOST = 0.5
CERTAIN = 1.645
"""Standard deviations of a Poisson count that its lower 95% bound lies below it: few records left over prove little."""


class Bounds(NamedTuple):
    """Weights in millionths of a bit: the match threshold, and from where an edge joins whatever contradicts."""

    match: int
    sure: int


def bounds(match_weight: int, firewall: Firewall) -> Bounds:
    """Of a model's match threshold and its firewall."""
    return Bounds(match_weight, match_weight + int(firewall.overwhelming_bits * MICRO))


def learn(
    con: duckdb.DuckDBPyConnection, pairs: str, records: str, free: Collection[str], limits: Bounds, chance: float
) -> dict[str, Any]:
    """What a model keeps: `sources`, and `weight`, millionths of a bit that a pair of records left over gains.

    `pairs` (record_key_l, record_key_r, weight) are candidates down to strangers beyond doubt, `chance` is that of two
    random records. Expectation-maximisation of one number; the data must prove it, or it is nought.
    """
    if len(free) < 2:
        return {"sources": [], "weight": 0}
    _rivals(con, pairs, records, free, limits)
    total = scalar(
        con,
        """
        SELECT coalesce((sum(n)::HUGEINT * sum(n)::HUGEINT - sum(n * n)) // 2, 0)
        FROM (SELECT count(*)::HUGEINT AS n FROM left_over GROUP BY source)""",
    )
    bits = 0.0
    for _ in range(ITERATIONS if total else 0):
        bits = _bits(_expected(con, bits), total, chance)
    expected = _expected(con, bits) if total else 0.0
    bits = _bits(expected - CERTAIN * math.sqrt(expected), total, chance)
    _drop(con)
    return {"sources": sorted(free), "weight": max(round(bits * 100), 0) * MICRO // 100}


def _expected(con: duckdb.DuckDBPyConnection, bits: float) -> float:
    """How many of the pairs are one client, if each gains `bits`."""
    gained = _gained(f"{round(bits * MICRO)}")
    [[found]] = con.execute(f"""
        SELECT sum(1 / (1 + pow(2.0, -least({gained} / {MICRO}, 60)))) FROM left_over_pair
        WHERE {gained} > -60 * {MICRO}""").fetchall()
    return float(found or 0)


def _bits(expected: float, total: int, chance: float) -> float:
    """Bits between the odds of a pair among `total` of which `expected` are one client, and those of a random pair."""
    if expected <= 0:
        return 0.0
    among = min(expected / total, MOST)
    return math.log2(among / (1 - among)) - math.log2(chance / (1 - chance))


def add(
    con: duckdb.DuckDBPyConnection, model: Model, pairs: str, records: str, duplicate_free: Collection[str]
) -> None:
    """Raise in `pairs` (shape of `pairs_*`) the weight of records left over, where it then reaches the match threshold.

    `raised` says by how much: the rest is the pair's own weight. Others keep theirs, so that the review band
    does not grow. Only sources count that are declared duplicate-free now and were in training.
    """
    learned = model.left_over
    free = set(learned["sources"]) & set(duplicate_free)
    if len(free) < 2 or not learned["weight"]:
        return
    limits = bounds(model.match_weight, model.firewall)
    _rivals(con, pairs, records, free, limits)
    gained = _gained(str(learned["weight"]))
    con.execute(f"""
        CREATE OR REPLACE TABLE {pairs} AS
        WITH gain AS (
            SELECT record_key_l, record_key_r, {gained} AS gained FROM left_over_pair
            WHERE {gained} > weight AND {gained} >= {limits.match})
        SELECT p.* REPLACE (coalesce(g.gained, p.weight) AS weight, coalesce(g.gained - p.weight, 0) AS raised)
        FROM {pairs} p LEFT JOIN gain g USING (record_key_l, record_key_r) ORDER BY record_key_l, record_key_r""")
    _drop(con)


def _gained(weight: str) -> str:
    """SQL: the weight of a pair of records left over that gain `weight`, less what their best rivals take."""
    return f"(weight + {weight} - greatest(rival_l + {weight}, 0) - greatest(rival_r + {weight}, 0))"


def _rivals(con: duckdb.DuckDBPyConnection, pairs: str, records: str, free: Collection[str], limits: Bounds) -> None:
    """Make `left_over(record_key, source)`, and `left_over_pair` with the best other pair of each end.

    Left over is a record of a duplicate-free source without a sure edge into another of them and without any accepted
    edge to a record of a source that may hold a client twice: nothing is known of how many partners it has there.
    A rival is a pair with another record of the same source.
    """
    among = f"IN ({', '.join(map(quote, sorted(free)))})"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE left_over AS
        WITH accepted AS (
            SELECT p.record_key_l, p.record_key_r FROM {pairs} p
            JOIN {records} l ON l.record_key = p.record_key_l JOIN {records} r ON r.record_key = p.record_key_r
            WHERE p.weight >= {limits.match} AND CASE WHEN l.source {among} AND r.source {among}
                THEN p.weight >= {limits.sure} AND l.source <> r.source ELSE true END),
        found AS (SELECT record_key_l AS record_key FROM accepted UNION SELECT record_key_r FROM accepted)
        SELECT record_key, source FROM {records} ANTI JOIN found USING (record_key) WHERE source {among}""")
    others = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE left_over_pair AS
        WITH pair AS (
            SELECT p.record_key_l, p.record_key_r, p.weight, l.source AS source_l, r.source AS source_r
            FROM {pairs} p JOIN left_over l ON l.record_key = p.record_key_l
            JOIN left_over r ON r.record_key = p.record_key_r WHERE l.source <> r.source),
        ends AS (
            SELECT record_key_l, record_key_r, weight, record_key_l AS one, source_r AS among FROM pair
            UNION ALL SELECT record_key_l, record_key_r, weight, record_key_r, source_l FROM pair),
        beaten AS (SELECT *, max(weight) OVER (PARTITION BY one, among {others}) AS rival FROM ends)
        SELECT record_key_l, record_key_r, any_value(weight) AS weight,
               coalesce(max(rival) FILTER (WHERE one = record_key_l), -{limits.sure + 100 * MICRO}) AS rival_l,
               coalesce(max(rival) FILTER (WHERE one = record_key_r), -{limits.sure + 100 * MICRO}) AS rival_r
        FROM beaten GROUP BY record_key_l, record_key_r ORDER BY 1, 2""")


def _drop(con: duckdb.DuckDBPyConnection) -> None:
    for table in ("left_over", "left_over_pair"):
        con.execute(f"DROP TABLE {table}")
