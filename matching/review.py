"""What a steward should look at: pairs in the review band, and cuts of the firewall.

Here: one item per two clusters, their strongest pair, so that nobody looks at one case twice. Not here: what is
refused and why (unions, bridges).
"""

from collections.abc import Sequence

import duckdb
import polars as pl

from matching.unions import MUST, Forced, Refused
from store.duck import register_rows

_SCHEMA = {"a": pl.Int64, "b": pl.Int64, "weight": pl.Int64, "kind": pl.String, "reason": pl.String}
_FORCED = {"a": pl.Int64, "b": pl.Int64, "weight": pl.Int64, "reason": pl.String}
REOPENED = "reopened"
"""Kind of an item about a decision whose evidence changed; written by stages/evidence."""
_BAND = "weight lies between review and match"


def write(
    con: duckdb.DuckDBPyConnection, party_type: str, pairs: str, band: tuple[int, int], refused: Sequence[Refused],
    forced: Sequence[Forced] = (),
) -> None:  # fmt: skip
    """Create `review_<party_type>`: the strongest refused edge of two clusters, else their strongest pair in `band`.

    Pairs in the band of two clusters that a person decided to keep apart wait for nobody. Must-links in `forced` joined
    although something contradicts. `band` is the review and the match threshold; reads `clusters_<party_type>`,
    `pairs`, `node`, `cannot_link`. Nothing is said of two records of `settled_node`.
    """
    register_rows(con, "forced", _FORCED, forced)
    register_rows(con, "refused", _SCHEMA, refused)
    con.execute(f"""
        CREATE OR REPLACE TABLE review_{party_type} AS
        WITH item AS (
            SELECT a, b, weight, kind, reason FROM refused
            UNION ALL
            SELECT least(l.node, r.node), greatest(l.node, r.node), p.weight, 'band', '{_BAND}'
            FROM {pairs} p JOIN node l ON l.record_key = p.record_key_l JOIN node r ON r.record_key = p.record_key_r
            WHERE p.weight >= {band[0]} AND p.weight < {band[1]}
            AND NOT (l.node IN (SELECT node FROM settled_node) AND r.node IN (SELECT node FROM settled_node))),
        keyed AS (
            SELECT i.*, l.record_key AS l, r.record_key AS r, least(x.cluster_key, y.cluster_key) AS one,
                   greatest(x.cluster_key, y.cluster_key) AS other, kind <> 'band' AS cut
            FROM item i JOIN node l ON l.node = i.a JOIN node r ON r.node = i.b
            JOIN clusters_{party_type} x ON x.record_key = l.record_key
            JOIN clusters_{party_type} y ON y.record_key = r.record_key
            WHERE x.cluster_key <> y.cluster_key),
        decided AS (
            SELECT DISTINCT least(x.cluster_key, y.cluster_key) AS one, greatest(x.cluster_key, y.cluster_key) AS other
            FROM cannot_link c JOIN node l ON l.node = c.a JOIN node r ON r.node = c.b
            JOIN clusters_{party_type} x ON x.record_key = l.record_key
            JOIN clusters_{party_type} y ON y.record_key = r.record_key)
        SELECT least(l, r) AS record_key_l, greatest(l, r) AS record_key_r, '{party_type}' AS party_type, kind,
               CASE WHEN weight < {MUST} THEN weight ELSE 0 END AS weight,
               concat(reason, CASE WHEN cuts > 1 THEN concat('; proposed cut: this edge and ', cuts - 1, ' weaker')
                                   WHEN cut THEN '; proposed cut: this edge' END) AS reason
        FROM (
            SELECT k.*, d.one IS NOT NULL AS parted, count(*) FILTER (WHERE cut) OVER (PARTITION BY one, other) AS cuts,
                   row_number() OVER (PARTITION BY one, other ORDER BY weight DESC, a, b) AS place
            FROM keyed k LEFT JOIN decided d USING (one, other))
        WHERE place = 1 AND (cut OR NOT parted)
        UNION ALL
        SELECT least(l.record_key, r.record_key), greatest(l.record_key, r.record_key), '{party_type}', 'must_link', 0,
               concat('a decision joins records that contradict: ', f.reason)
        FROM forced f JOIN node l ON l.node = f.a JOIN node r ON r.node = f.b
        ORDER BY 1, 2""")
    for registered in ("refused", "forced"):
        con.unregister(registered)


def carry_on(con: duckdb.DuckDBPyConnection, party_type: str) -> None:
    """Add what `parent_review` says of two records of `settled_node`; what re-opened is told anew every night."""
    con.execute(f"""
        INSERT INTO review_{party_type} BY NAME
        SELECT v.* FROM parent_review v
        SEMI JOIN (SELECT record_key FROM node JOIN settled_node USING (node)) l ON l.record_key = v.record_key_l
        SEMI JOIN (SELECT record_key FROM node JOIN settled_node USING (node)) r ON r.record_key = v.record_key_r
        WHERE v.party_type = '{party_type}' AND v.kind <> '{REOPENED}'""")
