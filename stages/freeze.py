"""The freeze of a period close: published client numbers neither merge nor split while it lasts.

Here: what tonight's clusters would change, the constraints that hold it back, and the review items that tell it. Not
here: clustering (matching), the calendar (rules/calendar). Clusters are made twice where something is held: as they
would be, and again with every published client of the connected group joined in itself and kept from the others. New
records join as usual. Everything is a function of tonight's edges and decisions and of the live version, so a full and
an incremental night hold the same, and the first night after the freeze releases it.

A person's cannot-link counts also in a freeze: a version never shows as one what people decided to be two.
"""

from collections.abc import Mapping

import duckdb
import polars as pl

from rules.calendar import Freeze
from stages.night import Night
from store.components import components
from store.duck import scalar

HELD = "fz_held"
"""Decisions that the clusters are made with again: tonight's, and what holds published clients."""
_TABLES = ("fz_record", "fz_group", "fz_anchor", "fz_apart", "fz_natural", HELD)


def of_night(night: Night) -> Freeze | None:
    """The freeze that tonight's business date lies in, if there is a version to keep."""
    covers = (one for one in night.settings.registry.freeze if one.covers(night.business_date))
    return next(covers, None) if night.parent else None


def covers(night: Night) -> bool:
    """Whether a freeze covers tonight or the night before: then no cluster of that night says how the next will be."""
    parent = night.parent
    dates = [night.business_date, *([parent.business_date] if parent else [])]
    return any(one.covers(day) for one in night.settings.registry.freeze for day in dates)


def hold(con: duckdb.DuckDBPyConnection, thresholds: Mapping[str, int]) -> bool:
    """Whether tonight's clusters would merge or split published clients; then the table HELD keeps them as they are.

    Reads `clusters_<party>`, `review_<party>` and `pairs_<party>` for every party of `thresholds` (match weights),
    `parent_crosswalk`, `key_map` and `decided`. Afterwards the clusters must be made again with HELD in place of
    `decided`, and `tell` be called.
    """
    _records(con, thresholds)
    if not scalar(con, _HELD):
        return False
    _groups(con, thresholds)
    _constraints(con)
    natural = " UNION ALL ".join(f"SELECT * FROM review_{party}" for party in thresholds)
    con.execute(f"CREATE OR REPLACE TABLE fz_natural AS {natural}")
    con.execute(f"""
        CREATE OR REPLACE TABLE {HELD} AS
        SELECT record_key_l, record_key_r, kind FROM decided
        UNION ALL SELECT a.least_key, a.record_key, 'must_link' FROM fz_anchor a WHERE a.joined
        UNION ALL SELECT record_key_l, record_key_r, 'cannot_link' FROM fz_apart""")
    return True


def tell(con: duckdb.DuckDBPyConnection, thresholds: Mapping[str, int], freeze: Freeze) -> None:
    """Name the freeze in `review_<party>` where it keeps clients apart, and list the splits that it holds back."""
    until = f"frozen until {freeze.last.isoformat()}: {freeze.reason}"
    for party, weight in thresholds.items():
        _only_decided(con, party)
        _merges(con, party, until)
        _splits(con, party, weight, until)
    for table in _TABLES:
        con.execute(f"DROP TABLE {table}")


def _records(con: duckdb.DuckDBPyConnection, parties: Mapping[str, int]) -> None:
    """`fz_record`: tonight's records with cluster, published number and place in (source, record_id) order."""
    made = " UNION ALL ".join(f"SELECT *, '{party}' AS party FROM clusters_{party}" for party in parties)
    con.execute(f"""
        CREATE OR REPLACE TABLE fz_record AS
        SELECT c.record_key, c.cluster_key, c.party, x.client_number,
               row_number() OVER (ORDER BY k.source, k.record_id) - 1 AS place
        FROM ({made}) c JOIN key_map k ON k.record_key = c.record_key
        LEFT JOIN parent_crosswalk x ON x.source = k.source AND x.record_id = k.record_id""")


_HELD = """
    SELECT (SELECT count(*) FROM (SELECT 1 FROM fz_record GROUP BY cluster_key
                                  HAVING count(DISTINCT client_number) > 1))
         + (SELECT count(*) FROM (SELECT 1 FROM fz_record WHERE client_number IS NOT NULL
                                  GROUP BY client_number, party HAVING count(DISTINCT cluster_key) > 1))"""
"""Clusters of several published clients, and published clients in several clusters."""


def _edges(thresholds: Mapping[str, int]) -> str:
    """Accepted pairs and must-links as SQL."""
    accepted = [
        f"SELECT record_key_l AS l, record_key_r AS r FROM pairs_{party} WHERE weight >= {weight:d}"
        for party, weight in thresholds.items()
    ]
    must = "SELECT record_key_l AS l, record_key_r AS r FROM decided WHERE kind = 'must_link'"
    return " UNION ALL ".join([*accepted, must])


def _component(con: duckdb.DuckDBPyConnection, edges: str) -> pl.DataFrame:
    """`place` and `part` of every record along `edges` (l, r)."""
    found: pl.DataFrame = con.sql(f"""
        SELECT l.place AS a, r.place AS b FROM ({edges}) e
        JOIN fz_record l ON l.record_key = e.l JOIN fz_record r ON r.record_key = e.r WHERE l.party = r.party""").pl()
    count = scalar(con, "SELECT count(*) FROM fz_record")
    return pl.DataFrame({"place": pl.int_range(count, eager=True), "part": pl.Series(components(count, found))})


def _groups(con: duckdb.DuckDBPyConnection, thresholds: Mapping[str, int]) -> None:
    """`fz_group`: records of connected groups in which a published client would merge or split."""
    stars = """
        SELECT record_key AS l, arg_min(record_key, place) OVER (PARTITION BY client_number, party) AS r
        FROM fz_record WHERE client_number IS NOT NULL"""
    con.register("fz_part", _component(con, f"{_edges(thresholds)} UNION ALL {stars}").to_arrow())
    con.execute("""
        CREATE OR REPLACE TABLE fz_group AS
        WITH grouped AS (SELECT r.*, p.part FROM fz_record r JOIN fz_part p USING (place)),
        held AS (
            SELECT part FROM grouped GROUP BY part, cluster_key HAVING count(DISTINCT client_number) > 1
            UNION
            SELECT part FROM grouped WHERE client_number IS NOT NULL
            GROUP BY part, client_number HAVING count(DISTINCT cluster_key) > 1)
        SELECT * FROM grouped SEMI JOIN held USING (part)""")
    con.unregister("fz_part")


def _constraints(con: duckdb.DuckDBPyConnection) -> None:
    """`fz_anchor`: published records of held groups with the least of their client; `fz_apart`: what must not join.

    A client inside of which people decided a cannot-link is not `joined`: all its records are kept from others'.
    """
    con.execute("""
        CREATE OR REPLACE TABLE fz_anchor AS
        WITH parted AS (
            SELECT DISTINCT l.client_number FROM decided d
            JOIN fz_group l ON l.record_key = d.record_key_l JOIN fz_group r ON r.record_key = d.record_key_r
            WHERE d.kind = 'cannot_link' AND l.client_number = r.client_number)
        SELECT g.record_key, g.client_number, g.part, g.party,
               arg_min(g.record_key, g.place) OVER (PARTITION BY g.client_number, g.party) AS least_key,
               p.client_number IS NULL AS joined
        FROM fz_group g LEFT JOIN parted p USING (client_number) WHERE g.client_number IS NOT NULL""")
    con.execute("""
        CREATE OR REPLACE TABLE fz_apart AS
        WITH anchor AS (SELECT * FROM fz_anchor WHERE NOT joined OR record_key = least_key)
        SELECT l.record_key AS record_key_l, r.record_key AS record_key_r,
               l.client_number AS client_l, r.client_number AS client_r
        FROM anchor l JOIN anchor r ON r.part = l.part AND r.party = l.party AND l.client_number < r.client_number""")


def _only_decided(con: duckdb.DuckDBPyConnection, party: str) -> None:
    """Nobody decided what the freeze joins: only decided must-links that contradict stay in review."""
    con.execute(f"""
        DELETE FROM review_{party} v WHERE v.kind = 'must_link' AND NOT EXISTS (
            SELECT 1 FROM decided d WHERE d.kind = 'must_link'
            AND least(d.record_key_l, d.record_key_r) = least(v.record_key_l, v.record_key_r)
            AND greatest(d.record_key_l, d.record_key_r) = greatest(v.record_key_l, v.record_key_r))""")


def _merges(con: duckdb.DuckDBPyConnection, party: str, until: str) -> None:
    """A pair that the freeze alone keeps apart says so; one that something else would keep apart says that."""
    con.execute(f"""
        CREATE OR REPLACE TABLE review_{party} AS
        WITH client AS (
            SELECT c.record_key, min(r.client_number) OVER (PARTITION BY c.cluster_key) AS client_number
            FROM clusters_{party} c JOIN fz_record r USING (record_key)),
        held AS (SELECT DISTINCT client_l, client_r FROM fz_apart),
        other AS (
            SELECT least(l.client_number, r.client_number) AS client_l, greatest(l.client_number, r.client_number)
                   AS client_r, min(struct_pack(kind := v.kind, reason := v.reason)) AS said
            FROM fz_natural v JOIN client l ON l.record_key = v.record_key_l
            JOIN client r ON r.record_key = v.record_key_r WHERE v.kind <> 'band' GROUP BY 1, 2),
        told AS (
            SELECT v.*, h.client_l IS NOT NULL AND v.kind = 'cannot_link' AS frozen, o.said
            FROM review_{party} v JOIN client l ON l.record_key = v.record_key_l
            JOIN client r ON r.record_key = v.record_key_r
            LEFT JOIN held h ON h.client_l = least(l.client_number, r.client_number)
                            AND h.client_r = greatest(l.client_number, r.client_number)
            LEFT JOIN other o ON o.client_l = h.client_l AND o.client_r = h.client_r)
        SELECT record_key_l, record_key_r, party_type,
               CASE WHEN frozen THEN COALESCE(said.kind, 'frozen') ELSE kind END AS kind, weight,
               CASE WHEN frozen THEN COALESCE(said.reason, $1) ELSE reason END AS reason
        FROM told ORDER BY record_key_l, record_key_r""", [f"would join two published clients; {until}"])  # fmt: skip


def _splits(con: duckdb.DuckDBPyConnection, party: str, weight: int, until: str) -> None:
    """Published clients that hang together by the freeze alone: the least record of each part with that of the first.

    Edges between clusters do not count: what joined the parts may stand with another client now.
    """
    inside = f"""
        SELECT e.l, e.r FROM ({_edges({party: weight})}) e
        JOIN clusters_{party} a ON a.record_key = e.l JOIN clusters_{party} b ON b.record_key = e.r
        WHERE a.cluster_key = b.cluster_key"""
    con.register("fz_part", _component(con, inside).to_arrow())
    con.execute(f"""
        INSERT INTO review_{party}
        WITH part AS (
            SELECT c.cluster_key, p.part, arg_min(c.record_key, r.place) AS record_key, min(r.place) AS place
            FROM clusters_{party} c JOIN fz_record r USING (record_key) JOIN fz_part p USING (place)
            GROUP BY c.cluster_key, p.part),
        first AS (SELECT cluster_key, arg_min(record_key, place) AS record_key FROM part GROUP BY cluster_key)
        SELECT least(f.record_key, p.record_key), greatest(f.record_key, p.record_key), '{party}', 'frozen', 0, $1
        FROM part p JOIN first f USING (cluster_key) WHERE p.record_key <> f.record_key""",
        [f"would split a published client; {until}"])  # fmt: skip
    con.unregister("fz_part")
