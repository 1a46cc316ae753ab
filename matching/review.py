"""What a steward should look at: pairs in the review band, and cuts of the firewall.

Here: one item per two clusters, their strongest pair, so that nobody looks at one case twice. Not here: what is
refused and why (unions, bridges).
"""

from collections.abc import Sequence

import duckdb
import polars as pl

from matching.unions import MUST, Refused

_SCHEMA = {"a": pl.Int64, "b": pl.Int64, "weight": pl.Int64, "kind": pl.String, "reason": pl.String}
_BAND = "weight lies between review and match"


def write(
    con: duckdb.DuckDBPyConnection, party_type: str, pairs: str, band: tuple[int, int], refused: Sequence[Refused]
) -> None:
    """Create `review_<party_type>`: the strongest refused edge of two clusters, else their strongest pair in `band`.

    `band` is the review and the match threshold; reads `clusters_<party_type>`, `pairs`, `node`.
    """
    con.register("refused", pl.DataFrame(refused, schema=_SCHEMA, orient="row").to_arrow())
    con.execute(f"""
        CREATE OR REPLACE TABLE review_{party_type} AS
        WITH item AS (
            SELECT a, b, weight, kind, reason FROM refused
            UNION ALL
            SELECT least(l.node, r.node), greatest(l.node, r.node), p.weight, 'band', '{_BAND}'
            FROM {pairs} p JOIN node l ON l.record_key = p.record_key_l JOIN node r ON r.record_key = p.record_key_r
            WHERE p.weight >= {band[0]} AND p.weight < {band[1]}),
        keyed AS (
            SELECT i.*, l.record_key AS l, r.record_key AS r, least(x.cluster_key, y.cluster_key) AS one,
                   greatest(x.cluster_key, y.cluster_key) AS other, kind <> 'band' AS cut
            FROM item i JOIN node l ON l.node = i.a JOIN node r ON r.node = i.b
            JOIN clusters_{party_type} x ON x.record_key = l.record_key
            JOIN clusters_{party_type} y ON y.record_key = r.record_key
            WHERE x.cluster_key <> y.cluster_key)
        SELECT least(l, r) AS record_key_l, greatest(l, r) AS record_key_r, '{party_type}' AS party_type, kind,
               CASE WHEN weight < {MUST} THEN weight ELSE 0 END AS weight,
               concat(reason, CASE WHEN cuts > 1 THEN concat('; proposed cut: this edge and ', cuts - 1, ' weaker')
                                   WHEN cut THEN '; proposed cut: this edge' END) AS reason
        FROM (
            SELECT *, count(*) FILTER (WHERE cut) OVER (PARTITION BY one, other) AS cuts,
                   row_number() OVER (PARTITION BY one, other ORDER BY weight DESC, a, b) AS place
            FROM keyed)
        WHERE place = 1 ORDER BY 1, 2""")
    con.unregister("refused")
