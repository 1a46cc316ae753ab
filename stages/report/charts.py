"""Charts as inline SVG: a Vega-Lite specification, rendered offline by vl-convert.

Here: the match-weight histogram. Colours are placeholders that the page's style sheet replaces, so that one picture
serves light, dark and print. Not here: the flow (`flow`), which Vega-Lite cannot draw.
"""

import re
from collections.abc import Sequence
from typing import Any

import vl_convert
from markupsafe import Markup

from stages.report.facts import ModelFacts
from stages.report.tables import Row

BANDS = {"match": "#0a0a01", "review": "#0a0a02", "below": "#0a0a03"}
"""Placeholder colour of each band; report.css gives the real ones."""
RULE = "#0a0a04"


def weight_histogram(bins: Sequence[Row], model: ModelFacts) -> Markup:
    """Pairs per bit of match weight, coloured by band, with both thresholds; nothing to draw gives nothing."""
    if not bins:
        return Markup("")
    svg = vl_convert.vegalite_to_svg(_specification(bins, model))
    label = f"Histogram of match weights, {model.name} model; the table below it has the totals"
    return Markup(for_inline(svg, label))


def _specification(bins: Sequence[Row], model: ModelFacts) -> dict[str, Any]:
    values = [{"from": row["bit"], "to": row["bit"] + 1, "band": row["band"], "pairs": row["pairs"]} for row in bins]
    rules = [{"at": model.review_weight, "name": "review"}, {"at": model.match_weight, "name": "match"}]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 440, "height": 180, "background": None,
        "config": {"view": {"stroke": None}, "font": "sans-serif", "axis": {"labelFontSize": 11, "titleFontSize": 11,
                   "titleFontWeight": "normal", "domain": False, "tickSize": 3, "labelFlush": False}},
        "layer": [{"data": {"values": values}, **_bars()}, *_thresholds(rules)],
    }  # fmt: skip


def _bars() -> dict[str, Any]:
    colours = {"domain": list(BANDS), "range": list(BANDS.values())}
    x = {"field": "from", "type": "quantitative", "bin": {"binned": True, "step": 1}, "title": "match weight, bits"}
    x |= {"axis": {"grid": False, "values": list(range(-20, 201, 10))}}
    y = {"field": "pairs", "type": "quantitative", "scale": {"type": "sqrt"}, "title": "pairs (square-root scale)"}
    y |= {"axis": {"tickCount": 4, "format": ",d"}, "stack": "zero"}
    colour = {"field": "band", "type": "nominal", "scale": colours, "legend": None}
    return {
        "mark": {"type": "bar", "binSpacing": 1},
        "encoding": {"x": x, "x2": {"field": "to"}, "y": y, "color": colour},
    }


def _thresholds(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    x = {"field": "at", "type": "quantitative"}
    line = {"mark": {"type": "rule", "color": RULE, "strokeDash": [3, 3]}, "encoding": {"x": x}}
    text = {
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 11, "color": RULE},
        "encoding": {"x": x, "y": {"value": 6}, "text": {"field": "name"}},
    }
    match = [rule for rule in rules if rule["name"] == "match"]
    return [{"data": {"values": rules}, **line}, {"data": {"values": match}, **text}]


def for_inline(svg: str, label: str) -> str:
    """Drop the namespace addresses, which inline SVG does not need, and let the page scale the picture."""
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg, count=2)
    svg = re.sub(r'(<svg[^>]*?) width="[\d.]+" height="[\d.]+"', r"\1", svg, count=1)
    return svg.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
