"""What a version's tables hold about two sides: stored pairs, chains of pairs, review items.

Here: queries. Not here: what follows from them (verdict).
"""

from collections.abc import Sequence

import duckdb
import polars as pl

from matching import paths
from matching.model import Model
from matching.paths import Edge
from stages.explain.facts import Decision, Link, ReviewItem
from stages.explain.sides import Party
from store.decisions import Decision as Decided
from store.decisions import Log
from store.duck import exists

EDGES = 5
"""Strongest pairs between two clients that are shown."""
STEPS = 8
"""Steps from pair to pair after which all pairs are looked through at once."""


def edges_between(con: duckdb.DuckDBPyConnection, left: Party, right: Party) -> list[Edge]:
    """Stored pairs between the two sides, strongest first."""
    one, other = _listed(left.keys), _listed(right.keys)
    found = paths.ranked(con, f"""
        SELECT record_key_l, record_key_r, weight FROM pairs_{left.model}
        WHERE record_key_l IN ({one}) AND record_key_r IN ({other})
           OR record_key_l IN ({other}) AND record_key_r IN ({one})""")  # fmt: skip
    return [_turned(Edge(*row[:3]), left) for row in found.head(EDGES).iter_rows()]


def path_between(con: duckdb.DuckDBPyConnection, model: Model, left: Party, right: Party) -> tuple[Edge, ...]:
    """The strongest path from one side to the other: inside their cluster by accepted pairs, else by any to review."""
    if left.cluster == right.cluster:
        edges = inside(con, model, left)
    else:
        con.register("connected", _connected(con, model, left.keys).to_arrow())
        edges = paths.ranked(con, "SELECT * FROM connected")
        con.unregister("connected")
    return paths.strongest_path(edges, left.keys, right.keys)


def _connected(con: duckdb.DuckDBPyConnection, model: Model, keys: Sequence[int]) -> pl.DataFrame:
    """The pairs to review or better that hang together with the records `keys`.

    Followed step by step: that is a few readings of the pairs, where a graph of a million clients takes a second.
    """
    strong = f"SELECT record_key_l, record_key_r, weight FROM pairs_{model.party_type}"
    strong += f" WHERE weight >= {model.review_weight}"
    met = set(keys)
    for _ in range(STEPS):
        listed, known = _listed(met), len(met)
        found: pl.DataFrame = con.sql(f"{strong} AND (record_key_l IN ({listed}) OR record_key_r IN ({listed}))").pl()
        met.update(found["record_key_l"], found["record_key_r"])
        if len(met) == known:
            return found
    return paths.component(con.sql(strong).pl(), keys)


def inside(con: duckdb.DuckDBPyConnection, model: Model, party: Party) -> pl.DataFrame:
    """Accepted pairs inside the cluster of a side, ranked."""
    return paths.ranked(con, f"""
        SELECT p.record_key_l, p.record_key_r, p.weight FROM pairs_{model.party_type} p
        JOIN clusters l ON l.record_key = p.record_key_l JOIN clusters r ON r.record_key = p.record_key_r
        WHERE l.cluster_key = {party.cluster} AND r.cluster_key = {party.cluster}
          AND p.weight >= {model.match_weight}""")  # fmt: skip


def review_of(
    con: duckdb.DuckDBPyConnection, pair: Sequence[int], left: Party, right: Party, path: Sequence[Edge]
) -> tuple[ReviewItem, ...]:
    """Review items on the pair, on the path, or between the two clusters; those on the pair first."""
    ends = [tuple(sorted(pair)), *(tuple(sorted((edge.left, edge.right))) for edge in path)]
    listed = ", ".join(f"({low}, {high})" for low, high in ends)
    rows = con.execute(f"""
        SELECT kl.source || ':' || kl.record_id, kr.source || ':' || kr.record_id, v.kind, v.weight, v.reason
        FROM review v JOIN key_map kl ON kl.record_key = v.record_key_l
        JOIN key_map kr ON kr.record_key = v.record_key_r
        LEFT JOIN clusters l ON l.record_key = v.record_key_l LEFT JOIN clusters r ON r.record_key = v.record_key_r
        WHERE (v.record_key_l, v.record_key_r) IN ({listed})
           OR l.cluster_key <> r.cluster_key AND l.cluster_key IN ({left.cluster}, {right.cluster})
              AND r.cluster_key IN ({left.cluster}, {right.cluster})
        ORDER BY (v.record_key_l, v.record_key_r) <> ({min(pair)}, {max(pair)}), v.kind = 'band', v.weight DESC, 1, 2, 3
        """).fetchall()
    return tuple(ReviewItem(*row) for row in rows)


def decisions_between(con: duckdb.DuckDBPyConnection, log: Log, left: Party, right: Party) -> tuple[Decision, ...]:
    """The decisions on records of the two sides that the version counted, in the order of the log."""
    if not exists(con, "decided"):
        return ()
    one, other = _listed(left.keys), _listed(right.keys)
    found = con.execute(f"""
        SELECT DISTINCT decision FROM decided
        WHERE record_key_l IN ({one}) AND record_key_r IN ({other})
           OR record_key_l IN ({other}) AND record_key_r IN ({one}) ORDER BY decision""").fetchall()
    known = log.decisions() if found else {}
    return tuple(_decision(known[number]) for (number,) in found if number in known)


def _decision(known: Decided) -> Decision:
    reason = known.payload.reason if known.payload else ""
    return Decision(known.id, known.entry.kind, known.entry.author, reason)


def names(con: duckdb.DuckDBPyConnection, edges: Sequence[Edge]) -> tuple[Link, ...]:
    """Edges with their records written `source:record_id`."""
    keys = {key for edge in edges for key in (edge.left, edge.right)} or {-1}
    rows = con.execute(f"SELECT record_key, source, record_id FROM key_map WHERE record_key IN ({_listed(keys)})")
    named = {int(key): f"{source}:{record_id}" for key, source, record_id in rows.fetchall()}
    return tuple(Link(named[edge.left], named[edge.right], edge.weight) for edge in edges)


def _turned(edge: Edge, left: Party) -> Edge:
    """The edge with its end on the left side first."""
    return edge if edge.left in left.keys else Edge(edge.right, edge.left, edge.weight)


def _listed(keys: Sequence[int] | set[int]) -> str:
    return ", ".join(str(int(key)) for key in sorted(keys))
