"""The page's sections as plain data: what each shows, counted and in order.

Here: turning small results into what the template prints. Not here: SQL (`tables`, `clusters`), HTML, or colours.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import duckdb
from markupsafe import Markup

from rules.contracts.quality import RULES
from stages.report import charts, clusters, tables, trend
from stages.report.facts import RunFacts
from stages.report.flow import Link, Node, draw
from stages.report.tables import Row

_PLURAL = {"person": "Persons", "organisation": "Organisations"}


def all_sections(con: duckdb.DuckDBPyConnection, facts: RunFacts) -> Row:
    """Everything the template needs; missing tables have been stood in by `tables.complete`."""
    totals = tables.totals(con)
    return {
        "facts": facts,
        "tiles": _tiles(facts, totals),
        "flow": flow(tables.flow_by_source(con), tables.flow_to_clients(con)),
        "models": [_model(con, model) for model in facts.models],
        "sizes": _sizes(tables.cluster_sizes(con)),
        "heat": heat(tables.quality(con)),
        "rules": RULES,
        "scorecard": trend.scorecard(con),
        "trend": trend.trend(con),
        "issues": trend.issues(con),
        "gates": facts.gates,
        "quarantine": _with_width(tables.quarantine(con)),
        "review": tables.review(con),
        "clusters": clusters.examples(con, facts.show_client_values),
        "changes": tables.changes(con),
        "change_examples": tables.change_examples(con),
        "checks_ok": all(outcome.ok for outcome in facts.checks),
        "seconds": _seconds(facts),
    }


def percent(part: int, whole: int) -> str:
    """A share in whole per cent that says 100 or 0 only when it is exactly that."""
    if not whole:
        return "–"
    if 0 < part * 100 < whole:
        return "<1"
    return str(part * 100 // whole)


def flow(by_source: Sequence[Row], to_clients: Sequence[Row]) -> Markup:
    """Rows from source to golden record."""
    came: dict[str, int] = defaultdict(int)
    went: dict[str, int] = defaultdict(int)
    for row in by_source:
        came[row["source"]] += row["n"]
        went[row["goes_to"]] += row["n"]
    sources = [Node(f"s:{name}", name, f"{n:,} rows", n, "plain") for name, n in came.items()]
    kinds = [Node(k, _PLURAL[k], f"{went[k]:,} records matched", went[k], k) for k in _PLURAL if went[k]]
    if went["quarantine"]:
        kinds.append(Node("quarantine", "Quarantine", f"{went['quarantine']:,} rows", went["quarantine"], "bad"))
    order = [node.key for node in kinds]
    links = [Link(f"s:{row['source']}", row["goes_to"], row["n"]) for row in by_source]
    links.sort(key=lambda link: (list(came).index(link.source[2:]), order.index(link.target)))
    golden = [row for row in to_clients if row["model"] in order]
    return draw(
        [sources, kinds, [_client_node(row) for row in golden]],
        [*links, *(Link(row["model"], _client_key(row), row["records"]) for row in golden)],
        "Flow of rows from each source through matching to golden clients; quarantined rows leave the flow",
    )


def heat(scores: Sequence[Row]) -> Row:
    """Fields down, sources across; a cell has the shares filled and valid."""
    sources = sorted({row["source"] for row in scores})
    cells = {(row["field"], row["source"]): _heat_cell(row) for row in scores}
    fields = sorted({row["field"] for row in scores}, key=lambda field: ("." not in field, field))
    lines = [{"field": field, "cells": [cells.get((field, source)) for source in sources]} for field in fields]
    return {"sources": sources, "lines": lines}


def _heat_cell(row: Row) -> Row:
    valid = percent(row["valid"], row["filled"])
    return {
        "filled": percent(row["filled"], row["rows"]), "valid": valid, "rows": row["rows"], "empty": not row["filled"],
        "doubt": row["filled"] > 0 and row["valid"] * 100 < row["filled"] * 98,
        "flawed": row["filled"] > row["valid"], "share": row["filled"] * 100 // max(1, row["rows"]),
    }  # fmt: skip


def _client_key(row: Row) -> str:
    return f"g:{row['model']}:{row['joined']}"


def _client_node(row: Row) -> Node:
    what = "person" if row["model"] == "person" else "organisation"
    label = f"{row['clients']:,} {what}{'s' if row['clients'] != 1 else ''}"
    note = f"joined from {row['records']:,} records" if row["joined"] else "known by one record"
    return Node(_client_key(row), label, note, row["records"], row["model"] if row["joined"] else "single")


def _tiles(facts: RunFacts, totals: Row) -> list[tuple[str, str, str]]:
    """Label, number, remark."""
    incoming = sum(facts.inputs.values()) or totals["usable"] + totals["quarantined"]
    first = facts.parent is None
    return [
        ("Rows in", f"{incoming:,}", _came_from(facts)),
        ("Quarantined", f"{totals['quarantined']:,}", f"{percent(totals['quarantined'], incoming)} % of rows"),
        ("Scored pairs", f"{totals['pairs']:,}", f"{totals['review']:,} for review"),
        ("Clusters", f"{totals['clusters']:,}", f"of {totals['usable']:,} records"),
        ("Golden clients", f"{totals['golden']:,}", "live client numbers"),
        ("Changes", "–", "first night") if first else
        ("Changes", f"{totals['changes']:,}", f"since version {facts.parent}"),
    ]  # fmt: skip


def _came_from(facts: RunFacts) -> str:
    """How many sources delivered, and how many gone records are carried beside what they delivered."""
    sources = f"from {len(facts.inputs)} source{'s' if len(facts.inputs) != 1 else ''}"
    return f"{sources}; {facts.carried:,} gone ones carried" if facts.carried else sources


def _model(con: duckdb.DuckDBPyConnection, model: Any) -> Row:
    bins = tables.weight_bins(con, model.name, model.match_weight, model.review_weight)
    bands = {band: sum(row["pairs"] for row in bins if row["band"] == band) for band in charts.BANDS}
    return {"facts": model, "name": _PLURAL[model.name], "bands": bands, "chart": charts.weight_histogram(bins, model)}


def _sizes(sizes: list[Row]) -> list[Row]:
    most = max((row["persons"] + row["organisations"] for row in sizes), default=1)
    return [
        {**row, "person_width": f"{row['persons'] * 100 / most:.1f}",
         "organisation_width": f"{row['organisations'] * 100 / most:.1f}"}
        for row in sizes
    ]  # fmt: skip


def _with_width(found: list[Row]) -> list[Row]:
    most = max((row["n"] for row in found), default=1)
    return [{**row, "width": f"{row['n'] * 100 / most:.1f}"} for row in found]


def _seconds(facts: RunFacts) -> list[Row]:
    most = max(facts.seconds.values(), default=1.0) or 1.0
    return [
        {"stage": stage, "seconds": f"{seconds:.1f}", "width": f"{seconds * 100 / most:.1f}"}
        for stage, seconds in facts.seconds.items()
    ]
