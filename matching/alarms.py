"""Which components alarm, and what the joining of their records must know.

Here: SQL over `member` (records of components of two or more: node, component, size, and their columns of the match
projection), `cannot_link(a, b)` over nodes, and the table `contradicting(kind, component, a, b)` made here. Not here:
what two records contradict in (contradictions), what is done about it (firewall).
"""

from collections.abc import Collection, Sequence

import duckdb
import polars as pl

from matching.contradictions import CONTRADICTIONS, KNOWN
from matching.unions import Facts, Numbers
from store.duck import quote

GIANT = 200
"""In larger components only the ends of edges are compared, lest the pairs of records become too many; none of their
records counts as known, so that one contradiction is enough."""


def contradicting(con: duckdb.DuckDBPyConnection, edges: pl.DataFrame, kinds: Sequence[str]) -> None:
    """Make `contradicting`: pairs of records of one component that contradict, or that people decided to keep apart."""
    con.register("accepted_edge", edges.select("a", "b").to_arrow())
    found = "".join(f" UNION ALL SELECT '{kind}', component, a, b FROM compared WHERE {kind}" for kind in kinds)
    columns = "".join(f", {CONTRADICTIONS[kind]()} AS {kind}" for kind in kinds)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE contradicting AS
        WITH compared AS (
            SELECT l.component, l.node AS a, r.node AS b{columns}
            FROM member l JOIN member r ON r.component = l.component AND l.node < r.node WHERE l.size <= {GIANT}
            UNION ALL
            SELECT l.component, l.node, r.node{columns}
            FROM accepted_edge e JOIN member l ON l.node = e.a JOIN member r ON r.node = e.b WHERE l.size > {GIANT})
        SELECT 'cannot_link' AS kind, l.component, c.a, c.b
        FROM cannot_link c JOIN member l ON l.node = c.a JOIN member r ON r.node = c.b
        WHERE l.component = r.component {found}""")
    con.unregister("accepted_edge")


def alarmed(con: duckdb.DuckDBPyConnection, duplicate_free: Collection[str], most_records: int) -> pl.DataFrame:
    """Members (node, component, lifelong, source) of components that alarm for any reason but a bridge."""
    known = ", ".join(f"size <= {GIANT} AND {condition} AS {kind}" for kind, condition in KNOWN.items())
    found: pl.DataFrame = con.sql(f"""
        WITH held AS (
            SELECT m.component, split_part(u.id, ':', 1) AS type, u.id FROM member m, unnest(m.lifelong) AS u(id)),
        alarm AS (
            SELECT component FROM contradicting
            UNION SELECT component FROM held GROUP BY component, type HAVING count(DISTINCT id) > 1
            UNION SELECT component FROM member WHERE {_among(duplicate_free)}
                  GROUP BY component, source HAVING count(*) > 1
            UNION SELECT component FROM member WHERE size > {most_records})
        SELECT node, component, lifelong, source, {known}
        FROM member SEMI JOIN alarm USING (component) ORDER BY node""").pl()
    return found


def _among(sources: Collection[str]) -> str:
    return f"source IN ({', '.join(map(quote, sorted(sources)))})" if sources else "false"


def facts(con: duckdb.DuckDBPyConnection, members: pl.DataFrame, duplicate_free: Collection[str]) -> Facts:
    """What the alarmed `members` hold, and whom each contradicts."""
    numbers = members.filter(pl.col("lifelong").list.len() > 0).select("node", "lifelong")
    exclusive = members.filter(pl.col("source").is_in(sorted(duplicate_free))).select("node", "source")
    return Facts(
        numbers={node: by_type(held) for node, held in numbers.iter_rows()},
        exclusive=dict(exclusive.iter_rows()),
        apart={kind: _apart(con, kind) for kind in ("cannot_link", *CONTRADICTIONS)},
        known={kind: frozenset(members.filter(pl.col(kind))["node"]) for kind in KNOWN},
    )


def _apart(con: duckdb.DuckDBPyConnection, kind: str) -> dict[int, frozenset[int]]:
    found = con.execute(f"""
        WITH one AS (SELECT a, b FROM contradicting WHERE kind = '{kind}')
        SELECT a, list(b) FROM (FROM one UNION SELECT b, a FROM one) GROUP BY a""").fetchall()
    return {node: frozenset(others) for node, others in found}


def by_type(lifelong: Collection[str]) -> Numbers:
    """`type:number` texts by their type."""
    types = {text.split(":", 1)[0] for text in lifelong}
    return {kind: frozenset(text for text in lifelong if text.startswith(kind + ":")) for kind in types}
