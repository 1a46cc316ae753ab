"""Clustering of a few records named by letters, for tests."""

from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl

from matching.clustering import UNGUARDED, cluster, cluster_parts
from matching.firewall import Guard
from rules.contracts.matched import Clusters, Review
from store.hashing import content_hash
from tests.matching.conftest import empty, open_with

Edge = tuple[str, str, int]
MATCH, REVIEW = 6_000_000, 0


class Result(NamedTuple):
    """Cluster's name by record, review items as (kind, ends, reason), and the tables' content hashes."""

    names: dict[str, str]
    review: set[tuple[str, str, str]]
    hashes: list[str]

    @property
    def cuts(self) -> set[tuple[str, str]]:
        """Kind and ends of the review items."""
        return {(kind, ends) for kind, ends, _ in self.review}

    @property
    def clusters(self) -> set[str]:
        """The clusters, each as its records in order."""
        return {"".join(sorted(n for n in self.names if self.names[n] == name)) for name in self.names.values()}


def nodes(ids: str | list[str], lifelong: dict[str, list[str]] | None = None, first_key: int = 1) -> pl.DataFrame:
    return records({record: {"lifelong": (lifelong or {}).get(record)} for record in ids}, first_key)


def records(fields: dict[str, dict[str, Any]], first_key: int = 1) -> pl.DataFrame:
    """A projection of records by name; the source is `s` unless given."""
    lists = dict.fromkeys(("lifelong", "identifiers", "phones", "emails"), pl.List(pl.String))
    rows = [
        {"record_id": name, "record_key": first_key + place, "source": "s", **held}
        for place, (name, held) in enumerate(fields.items())
    ]
    names = ("given", "given_key", "middle", "family", "family_key", "suffix")
    texts = ("record_id", "source", *names, "sex", "birth_date", "street", "house")
    types = lists | {"record_key": pl.Int64} | dict.fromkeys(texts, pl.String)
    return empty(pl.DataFrame(rows, schema=types))


def add_pairs(con: duckdb.DuckDBPyConnection, edges: list[Edge]) -> None:
    frame = pl.DataFrame(edges, schema={"a": pl.String, "b": pl.String, "weight": pl.Int64}, orient="row")
    con.register("edges", frame.to_arrow())
    con.execute("""
        CREATE TABLE pairs_person AS
        SELECT least(l.record_key, r.record_key) AS record_key_l, greatest(l.record_key, r.record_key) AS record_key_r,
               weight, '' AS levels
        FROM edges JOIN key_map l ON l.record_id = a JOIN key_map r ON r.record_id = b""")


def add_decisions(con: duckdb.DuckDBPyConnection, decided: dict[str, str]) -> None:
    con.execute("CREATE TABLE decided (record_key_l BIGINT, record_key_r BIGINT, kind VARCHAR)")
    for ends, kind in decided.items():
        con.execute("""
            INSERT INTO decided SELECT l.record_key, r.record_key, $3 FROM key_map l JOIN key_map r
            ON l.record_id = $1 AND r.record_id = $2""", [*ends, kind])  # fmt: skip


def clustered(
    frame: pl.DataFrame, edges: list[Edge], folder: Path, guard: Guard = UNGUARDED,
    decided: dict[str, str] | None = None,
) -> Result:  # fmt: skip
    with open_with(frame, folder) as con:
        add_pairs(con, edges)
        if decided:
            add_decisions(con, decided)
        cluster(con, "person", "pairs_person", MATCH, REVIEW, guard)
        Clusters.validate(con.sql("SELECT * FROM clusters_person").pl())
        Review.validate(con.sql("SELECT * FROM review_person").pl(), cast=True)
        return result_of(con)


def result_of(con: duckdb.DuckDBPyConnection) -> Result:
    return Result(_names(con), _review(con), _hashes(con))


def _names(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    found = con.execute("""
        SELECT m.record_id, n.record_id FROM clusters_person c
        JOIN key_map m ON m.record_key = c.record_key JOIN key_map n ON n.record_key = c.cluster_key""")
    return dict(found.fetchall())


def _review(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str, str]]:
    found = con.execute("""
        SELECT kind, list_sort([l.record_id, r.record_id]), reason FROM review_person v
        JOIN key_map l ON l.record_key = v.record_key_l JOIN key_map r ON r.record_key = v.record_key_r""")
    return {(kind, "".join(ends), reason) for kind, ends, reason in found.fetchall()}


def _hashes(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [content_hash(con, "clusters_person", Clusters)[0], content_hash(con, "review_person", Review)[0]]


def disconnected(con, thresholds) -> int:
    """How many clusters do not hang together."""
    cluster_parts(con, thresholds)
    split = "SELECT cluster_key FROM cluster_part GROUP BY cluster_key HAVING count(DISTINCT part) > 1"
    return con.execute(f"SELECT count(*) FROM ({split})").fetchall()[0][0]
