"""Scorecards of the night and their trend over the nights before.

Here: questions to `score` and `quality_issue`, and the chart of the trend. Not here: counting (quality/scorecard).
"""

from collections.abc import Sequence
from typing import Any

import duckdb
import vl_convert
from markupsafe import Markup

from rules.contracts.quality import RULES
from stages.report.charts import for_inline
from stages.report.tables import Row
from store.duck import rows

NIGHTS = 60
"""Nights that the chart shows at most."""
_SAID = "checked > 0 AND NOT (CAST(rule AS VARCHAR) = 'completeness' AND passed = 0)"
"""Scores that say something: a field that a source never fills is none of its own."""
_TONIGHT = "version = (SELECT max(version) FROM score)"


def scorecard(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Per source with its owner: the share, in millionths, that keeps each rule, and how it moved since last night."""
    found = rows(con, f"""
        WITH night AS (
            SELECT version, source, CAST(rule AS VARCHAR) AS rule, any_value(owner) AS owner,
                   CAST(sum(passed) * 1000000 // sum(checked) AS BIGINT) AS share
            FROM score WHERE {_SAID} GROUP BY ALL),
        last AS (SELECT max(version) AS version FROM score WHERE NOT {_TONIGHT})
        SELECT n.source, n.owner, n.rule, n.share, n.share - l.share AS moved FROM night n
        LEFT JOIN night l ON l.source = n.source AND l.rule = n.rule AND l.version = (SELECT version FROM last)
        WHERE n.{_TONIGHT} ORDER BY n.source, n.rule""")  # fmt: skip
    sources = dict.fromkeys((row["source"], row["owner"]) for row in found)
    cells = {(row["source"], row["rule"]): row for row in found}
    return [
        {"source": source, "owner": owner, "cells": [cells.get((source, rule)) for rule in RULES]}
        for source, owner in sources
    ]


def issues(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Scores below their target, by owner; those resolved tonight too."""
    return rows(con, """
        SELECT source, field, CAST(rule AS VARCHAR) AS rule, owner, checked, failed, target, first_seen, resolved
        FROM quality_issue
        WHERE resolved IS NULL OR resolved = (SELECT max(business_date) FROM score)
        ORDER BY resolved IS NOT NULL, owner, source, rule, field""")  # fmt: skip


def trend(con: duckdb.DuckDBPyConnection) -> Markup:
    """Share that keeps each rule, per source and night; nothing where there is one night only."""
    found = rows(con, f"""
        SELECT CAST(business_date AS VARCHAR) AS night, source, CAST(rule AS VARCHAR) AS rule,
               CAST(sum(passed) * 1000 // sum(checked) AS BIGINT) / 10 AS share
        FROM score SEMI JOIN (SELECT max(version) AS version FROM score GROUP BY business_date
                              ORDER BY 1 DESC LIMIT {NIGHTS}) USING (version)
        WHERE {_SAID} GROUP BY ALL ORDER BY night, source, rule""")  # fmt: skip
    if len({row["night"] for row in found}) < 2:
        return Markup("")
    svg = vl_convert.vegalite_to_svg(_specification(found))
    return Markup(for_inline(svg, "Trend of quality per rule and source; the table beside it has tonight's figures"))


def _specification(found: Sequence[Row]) -> dict[str, Any]:
    axis = {"grid": False, "domain": False, "tickCount": 4, "labelOverlap": True}
    days = axis | {"format": "%d %b", "tickCount": "day"}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None, "data": {"values": list(found)},
        "config": {"view": {"stroke": None}, "font": "sans-serif", "legend": {"orient": "bottom", "title": None}},
        "facet": {"field": "rule", "type": "nominal", "title": None, "sort": list(RULES)}, "columns": 3,
        "resolve": {"scale": {"y": "independent"}},
        "spec": {
            "width": 250, "height": 120, "mark": {"type": "line", "point": True, "strokeWidth": 1.5},
            "encoding": {
                "x": {"field": "night", "type": "temporal", "title": None, "axis": days},
                "y": {"field": "share", "type": "quantitative", "title": "%", "axis": axis, "scale": {"zero": False}},
                "color": {"field": "source", "type": "nominal"},
            },
        },
    }  # fmt: skip
