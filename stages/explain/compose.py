"""An explanation put together from a version's tables and its pinned model.

Here: which records are taken apart, and what is asked of matching and of the tables. Not here: the verdict's words
(sentences), the queries (tables).
"""

from dataclasses import dataclass, replace
from typing import Any

import duckdb
import polars as pl

from matching import blocked_by, paths
from matching.blocked_by import RuleTried
from matching.explanation import Evidence, as_kept, records, score_all
from matching.explanation import evidence as taken_apart
from matching.model import Model, load
from matching.paths import Edge
from rules.errors import RegistryError
from stages.explain import sentences, sides, tables
from stages.explain.facts import Explanation, ReviewItem
from stages.explain.sides import Party
from stages.explain.verdict import Asked, verdict
from store import versions
from store.decisions import open_log
from store.home import Home
from store.manifest import Manifest
from store.opening import opened

NEEDED = (
    *sides.NEEDED, "match_input_person", "match_input_organisation", "pairs_person", "pairs_organisation", "review",
    "decided",
)  # fmt: skip
"""Tables that an explanation reads."""
MOST_SCORED = 200
"""Two clients without a stored pair are compared record by record only up to this many records together."""


@dataclass(frozen=True)
class Matched:
    """What the model and its tables say of one pair of two sides."""

    pair: tuple[int, int]
    evidence: Evidence
    rules: tuple[RuleTried, ...]
    stored: int | None
    one_entity: bool


def explain(home: Home, left: str, right: str, version: int | None = None, memory: str = "4GB") -> Explanation:
    """Why `left` and `right` are, or are not, one client in a version (by default the live one).

    Each is a record `source:record_id` or a client number. Two records: their pair. Clients: the strongest pairs and
    the strongest path between their records; one client against itself: its weakest link. Raises NotFound for what
    the version does not hold, also for quarantined records.
    """
    manifest = versions.manifest(home, version)
    with opened(home, NEEDED, manifest, memory=memory) as con:
        one, other = sides.apart(sides.find(con, home, left), sides.find(con, home, right))
        model = _model(home, manifest, one, other)
        decisions = tables.decisions_between(con, open_log(home), one, other)
        return replace(_explained(con, manifest, model, one, other), decisions=decisions)


def _model(home: Home, manifest: Manifest, left: Party, right: Party) -> Model | None:
    """The model that compared the two; None for two kinds of party, or where the version had no model."""
    name = manifest.models.get(left.model)
    return load(home.models, left.model, name) if name and left.model == right.model else None


def _explained(
    con: duckdb.DuckDBPyConnection, manifest: Manifest, model: Model | None, left: Party, right: Party
) -> Explanation:
    if model is None:
        return _unmatched(manifest, left, right)
    edges = tables.edges_between(con, left, right)
    itself = left.keys == right.keys
    path = () if itself else tables.path_between(con, model, left, right)
    weakest = min(path, key=lambda edge: edge.weight, default=None)
    weakest = paths.weakest_link(tables.inside(con, model, left)) if itself else weakest
    matched = _matched(con, model, left, right, weakest if itself else next(iter(edges), None))
    review = tables.review_of(con, matched.pair, left, right, path)
    return _told(con, manifest, matched, (left, right), (edges, path, weakest), review)


def _unmatched(manifest: Manifest, left: Party, right: Party) -> Explanation:
    """Two parties that no model compares."""
    found, told = sentences.unmatched(left.model, right.model)
    pair = left.side.records[0], right.side.records[0]
    return Explanation(
        manifest.version, left.model, left.side, right.side, left.cluster == right.cluster, pair,
        None, None, (), (), (), None, (), (), found, told,
    )  # fmt: skip


def _matched(con: duckdb.DuckDBPyConnection, model: Model, left: Party, right: Party, best: Edge | None) -> Matched:
    """The pair to take apart: the two records, else `best`, else the best of all pairs between the sides."""
    keys = (best.left, best.right) if best else tuple(dict.fromkeys(left.keys + right.keys))
    if len(keys) > MOST_SCORED:
        raise RegistryError(
            "explain", "too many records, and no stored pair between them", "ask for two of their records"
        )
    projection = "explained_record"  # a few rows of a large file, which would be read five times
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {projection} AS SELECT * FROM match_input_{model.party_type}
        WHERE record_key IN ({", ".join(map(str, keys))})""")
    row = _best_across(score_all(con, model, projection, keys), left, right)
    ends = int(row["record_key_l"]), int(row["record_key_r"])
    pair = ends if ends[0] in left.keys and ends[1] in right.keys else ends[::-1]
    values = records(con, projection, pair)
    stored = _stored(con, model, pair)
    return Matched(
        pair,
        as_kept(model, taken_apart(model, row, values[pair[0]], values[pair[1]]), stored),
        blocked_by.tried(con, model, projection, *pair),
        stored,
        values[pair[0]]["legal_entity"] == values[pair[1]]["legal_entity"],
    )


def _best_across(scored: pl.DataFrame, left: Party, right: Party) -> dict[str, Any]:
    """The strongest pair with an end on each side; ties by the order of the sides' records, whatever their keys."""
    order = {key: place for place, key in enumerate(dict.fromkeys(left.keys + right.keys))}
    low, high = pl.col("record_key_l"), pl.col("record_key_r")
    across = scored.filter(
        low.is_in(left.keys) & high.is_in(right.keys) | low.is_in(right.keys) & high.is_in(left.keys)
    )
    places = [end.replace_strict(order, return_dtype=pl.Int64) for end in (low, high)]
    ordered = across.sort(pl.col("weight"), pl.min_horizontal(places), pl.max_horizontal(places),
                          descending=[True, False, False])  # fmt: skip
    return ordered.row(0, named=True)


def _stored(con: duckdb.DuckDBPyConnection, model: Model, pair: tuple[int, int]) -> int | None:
    """The pair's weight in `pairs_*`, if it is kept there."""
    rows = con.execute(f"""
        SELECT weight FROM pairs_{model.party_type}
        WHERE record_key_l = {min(pair)} AND record_key_r = {max(pair)}""").fetchall()
    return int(rows[0][0]) if rows else None


def _told(
    con: duckdb.DuckDBPyConnection,
    manifest: Manifest,
    matched: Matched,
    parties: tuple[Party, Party],
    found: tuple[list[Edge], tuple[Edge, ...], Edge | None],
    review: tuple[ReviewItem, ...],
) -> Explanation:
    """Everything found, with the verdict in words."""
    left, right = parties
    edges, path, weakest = (tables.names(con, part) for part in (found[0], found[1], [found[2]] if found[2] else []))
    [pair] = tables.names(con, [Edge(*matched.pair, 0)])
    asked = Asked(
        left.cluster == right.cluster, matched.evidence, matched.stored, matched.one_entity, matched.rules,
        path, (pair.left, pair.right), review,
        sentences.lead((pair.left, pair.right), len({*left.keys, *right.keys}), left.keys == right.keys),
    )  # fmt: skip
    answer = verdict(asked)
    return Explanation(
        manifest.version, left.model, left.side, right.side, asked.same_client, asked.pair,
        matched.evidence, matched.stored, matched.rules, edges, path, next(iter(weakest), None), review, (),
        answer, sentences.sentence(answer, asked),
    )  # fmt: skip
