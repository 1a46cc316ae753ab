"""Clusters: connected components of accepted edges, with contradictions kept apart.

Here: accepted pairs → clusters. Not here: what keeps records apart (firewall), what a steward sees (review).
Everything depends on the component alone, in a total order ending in (source, record_id).
"""

from decimal import Decimal

import duckdb
import numpy as np
import polars as pl

from matching import firewall, review
from matching.firewall import Guard
from matching.unions import MUST
from rules.matching import Firewall
from store.components import components
from store.duck import exists, scalar

UNGUARDED = Guard(Firewall(weak_bits=Decimal(0)))
"""Only what is always kept apart: cannot-links and different lifelong identifiers."""
_TEMPORARY = ("node", "settled_node", "member", "contradicting", "cannot_link")


def cluster(
    con: duckdb.DuckDBPyConnection, party_type: str, pairs: str, match_weight: int, review_weight: int,
    guard: Guard = UNGUARDED, settled: str = "", decided: str = "decided",
) -> None:  # fmt: skip
    """Create `clusters_<party_type>` and `review_<party_type>` from `pairs` and `match_input_<party_type>`.

    Records of the table `settled(record_key, cluster_key)`, if one is named, keep their cluster, and what
    `parent_review` says of two of them: no accepted edge may lead from them to another record.

    If there is the table `decided(record_key_l, record_key_r, kind)`, its must_link rows join and its cannot_link rows
    keep apart; rows that name records of another kind of party mean nothing here.
    """
    _number_nodes(con, party_type)
    _settle(con, settled)
    con.execute(f"CREATE OR REPLACE TABLE cannot_link AS {_decided(con, decided, 'cannot_link')}")
    edges = _accepted(con, pairs, match_weight, decided)
    component = components(scalar(con, "SELECT count(*) FROM node"), edges)
    _members(con, party_type, component)
    final, refused, forced = firewall.keep_apart(con, edges, component, guard, guard.limits(match_weight))
    _write(con, party_type, final)
    review.write(con, party_type, pairs, (review_weight, match_weight), refused, forced)
    if settled:
        review.carry_on(con, party_type)
    for table in _TEMPORARY:
        con.execute(f"DROP TABLE {table}")


def _number_nodes(con: duckdb.DuckDBPyConnection, party_type: str) -> None:
    """Nodes numbered in (source, record_id) order, so that the least node names its cluster whatever the keys are."""
    con.execute(f"""
        CREATE OR REPLACE TABLE node AS
        SELECT row_number() OVER (ORDER BY k.source, k.record_id) - 1 AS node, m.record_key
        FROM match_input_{party_type} m JOIN key_map k USING (record_key) ORDER BY 1""")


def _settle(con: duckdb.DuckDBPyConnection, settled: str) -> None:
    """`settled_node(node, cluster_key)`: the nodes that are not clustered again."""
    body = "SELECT 0::BIGINT AS node, 0::BIGINT AS cluster_key WHERE false"
    if settled:
        body = f"SELECT node, cluster_key FROM node JOIN {settled} USING (record_key)"
    con.execute(f"CREATE OR REPLACE TABLE settled_node AS {body}")


def _decided(con: duckdb.DuckDBPyConnection, table: str, kind: str) -> str:
    """Decided pairs of a kind as ordered node numbers, as SQL."""
    if not exists(con, table):
        return "SELECT 0::BIGINT AS a, 0::BIGINT AS b WHERE false"
    return f"""
        SELECT DISTINCT least(l.node, r.node) AS a, greatest(l.node, r.node) AS b
        FROM {table} d JOIN node l ON l.record_key = d.record_key_l JOIN node r ON r.record_key = d.record_key_r
        WHERE d.kind = '{kind}' AND l.node <> r.node"""


def _accepted(con: duckdb.DuckDBPyConnection, pairs: str, match_weight: int, decided: str) -> pl.DataFrame:
    """Must-links, then edges at or above the threshold, as node numbers, strongest first."""
    found: pl.DataFrame = con.sql(f"""
        WITH must AS (SELECT a, b FROM ({_decided(con, decided, "must_link")}) ANTI JOIN settled_node s ON s.node = a),
        scored AS (
            SELECT least(l.node, r.node) AS a, greatest(l.node, r.node) AS b, p.weight
            FROM {pairs} p JOIN node l ON l.record_key = p.record_key_l JOIN node r ON r.record_key = p.record_key_r
            ANTI JOIN settled_node s ON s.node = l.node
            WHERE p.weight >= {match_weight})
        SELECT a, b, {MUST} AS weight FROM must
        UNION ALL SELECT a, b, weight FROM scored ANTI JOIN must USING (a, b)
        ORDER BY weight DESC, a, b""").pl()
    return found


def _members(con: duckdb.DuckDBPyConnection, party_type: str, component: np.ndarray) -> None:
    """`member`: the records of components of two or more, with what can contradict and the component's size."""
    con.register("component_of", _by_node(component, "component"))
    con.execute(f"""
        CREATE OR REPLACE TABLE member AS
        SELECT n.node, c.component, c.size, m.source, m.given, m.given_key, m.middle, m.family, m.family_key, m.suffix,
               m.sex, m.birth_date, m.identifiers, m.lifelong, m.phones, m.emails, m.address, m.street, m.house
        FROM node n JOIN (SELECT *, count(*) OVER (PARTITION BY component) AS size FROM component_of) c USING (node)
        JOIN match_input_{party_type} m USING (record_key) WHERE c.size > 1""")
    con.unregister("component_of")


def _by_node(values: np.ndarray, name: str) -> object:
    return pl.DataFrame({"node": np.arange(len(values)), name: values}).to_arrow()


def _write(con: duckdb.DuckDBPyConnection, party_type: str, final: np.ndarray) -> None:
    con.register("final_of", _by_node(final, "cluster"))
    con.execute(f"""
        CREATE OR REPLACE TABLE clusters_{party_type} AS
        SELECT n.record_key, coalesce(s.cluster_key, least_member.record_key) AS cluster_key
        FROM node n JOIN final_of f USING (node) JOIN node least_member ON least_member.node = f.cluster
        LEFT JOIN settled_node s ON s.node = n.node
        ORDER BY n.record_key""")
    con.unregister("final_of")


def cluster_parts(con: duckdb.DuckDBPyConnection, thresholds: dict[str, int]) -> None:
    """`cluster_part(cluster_key, part)`: what hangs together by edges at or above a model's threshold and must-links.

    A cluster of several parts does not hang together. A client that a freeze keeps whole does, by the review items that
    say so.
    """
    keys = con.sql("SELECT record_key, cluster_key FROM clusters ORDER BY record_key").pl()
    must = ["SELECT record_key_l AS l, record_key_r AS r FROM decided WHERE kind = 'must_link'"]
    joined = must if exists(con, "decided") else []
    if exists(con, "review"):
        joined.append("SELECT record_key_l AS l, record_key_r AS r FROM review WHERE kind = 'frozen'")
    joined += [
        f"SELECT record_key_l AS l, record_key_r AS r FROM pairs_{party} WHERE weight >= {weight}"
        for party, weight in thresholds.items()
    ]
    edges = pl.concat([pl.DataFrame(schema={"l": pl.Int64, "r": pl.Int64}), *(_inside(con, sql) for sql in joined)])
    place = keys["record_key"].to_numpy()
    ends = pl.DataFrame(
        {side: np.searchsorted(place, edges[name].to_numpy()) for side, name in (("a", "l"), ("b", "r"))}
    )
    found = keys.with_columns(component=pl.Series(components(len(keys), ends)))
    con.register("parts_found", found.select("cluster_key", part="component").to_arrow())
    con.execute("CREATE OR REPLACE TABLE cluster_part AS FROM parts_found")
    con.unregister("parts_found")


def _inside(con: duckdb.DuckDBPyConnection, pairs: str) -> pl.DataFrame:
    """Those of `pairs` (l, r) whose records are in one cluster."""
    found: pl.DataFrame = con.sql(f"""
        SELECT p.l, p.r FROM ({pairs}) p JOIN clusters a ON a.record_key = p.l JOIN clusters b ON b.record_key = p.r
        WHERE a.cluster_key = b.cluster_key""").pl()
    return found
