"""The over-merge firewall: which components alarm, and their records joined again under constraints.

Here: what a guard may be told, and the two steps: joining again, cutting bridges. Not here: which components alarm and
why (alarms), the joining itself (unions), bridges (bridges). Everything depends on the component and the settings
alone, in a total order ending in (source, record_id).
"""

from collections.abc import Collection
from typing import NamedTuple

import duckdb
import numpy as np
import polars as pl

from matching import alarms, bridges
from matching.model import MICRO
from matching.unions import Edge, Forced, Limits, Refused, unite
from rules.matching import Firewall

NO_LIMIT = 2**62
"""Of one source alone nobody knows how many records of a party it holds."""


class Guard(NamedTuple):
    """The firewall's settings for one kind of party, and what the bank's sources declare."""

    settings: Firewall = Firewall()
    sources: int = 1
    duplicate_free: Collection[str] = ()

    def limits(self, match_weight: int) -> Limits:
        """What a union may not pass, given the match threshold in millionths of a bit."""
        most = self.settings.records_per_source * self.sources if self.sources > 1 else NO_LIMIT
        weak, overwhelming = (
            match_weight + int(bits * MICRO) for bits in (self.settings.weak_bits, self.settings.overwhelming_bits)
        )
        rival = int(self.settings.weak_bits * MICRO)
        return Limits(float(self.settings.outvoted_share), most, weak, overwhelming, rival)


def keep_apart(
    con: duckdb.DuckDBPyConnection, edges: pl.DataFrame, component: np.ndarray, guard: Guard, limits: Limits
) -> tuple[np.ndarray, list[Refused], list[Forced]]:
    """Join the alarmed components again; return the final cluster of every node, the refused edges,
    and the must-links that joined although something contradicts.

    `edges` (a, b, weight; strongest first) are the accepted ones, `component` is what they connect. Reads
    `member` and `cannot_link` (see clustering).
    """
    alarms.contradicting(con, edges, guard.settings.contradictions)
    alarmed = alarms.alarmed(con, guard.duplicate_free, limits.most_records)
    inside = edges.filter(pl.Series(component[edges["a"].to_numpy()]).is_in(alarmed["component"].unique().implode()))
    rows = (Edge(*row) for row in inside.select("a", "b", "weight").iter_rows())
    facts = alarms.facts(con, alarmed, guard.duplicate_free)
    united = unite(alarmed["node"].to_list(), rows, facts, limits)
    joined = _renamed(component, united.cluster)
    pieces, cuts = bridges.cut(joined, _held(con, edges, limits.weak), limits.weak)
    return _renamed(joined, pieces), united.refused + cuts, united.forced


def _held(con: duckdb.DuckDBPyConnection, edges: pl.DataFrame, weak: int) -> pl.DataFrame:
    """The edges, none of them weak whose two records carry one lifelong number: such an edge is no mere bridge."""
    con.register("accepted_edge", edges.filter(pl.col("weight") < weak).select("a", "b").to_arrow())
    shared = con.sql("""
        SELECT e.a, e.b, true AS shared FROM accepted_edge e
        JOIN member l ON l.node = e.a JOIN member r ON r.node = e.b WHERE list_has_any(l.lifelong, r.lifelong)""").pl()
    con.unregister("accepted_edge")
    marked = edges.join(shared, on=["a", "b"], how="left", maintain_order="left")
    raised = pl.when("shared").then(pl.max_horizontal("weight", pl.lit(weak))).otherwise("weight")
    return marked.with_columns(weight=raised).drop("shared")


def _renamed(clusters: np.ndarray, changed: dict[int, int]) -> np.ndarray:
    final = clusters.copy()
    final[list(changed)] = list(changed.values())
    return final
