"""The waterfall of a pair's evidence as a self-contained SVG: a Vega-Lite specification, rendered offline.

Here: one row per step of the running total, thresholds as lines. Colours are fixed, since the file stands alone and is
printed. Not here: what the steps are (matching/explanation), or hiding values (stages/explain/hide).
"""

import textwrap
from typing import Any

import vl_convert

from matching.explanation import PRIOR, Evidence, Step, Values
from matching.model import MICRO

FOR, AGAINST, RARE, ENDS = "speaks for", "speaks against", "rare or common value (in brackets)", "start and total"
_COLOURS = {FOR: "#2f6fb2", AGAINST: "#c8553d", RARE: "#e0a82e", ENDS: "#5b6470"}
_INK, _MUTED, _LIMIT, _LINE = "#1c2126", "#5b6470", "#98a1ab", "#c9ced4"
_LEGEND = {"orient": "bottom", "title": None, "columns": 2, "columnPadding": 60}
"""Room for a browser's letters, which are wider than those it was measured with."""
_WIDTH, _ROW, _TEXT = 460, 38, 30
"""Size of the plot, and letters of a value that are shown."""


def waterfall(evidence: Evidence, pair: tuple[str, str], why: str) -> str:
    """The SVG text; `pair` and `why` become its title."""
    svg: str = vl_convert.vegalite_to_svg(specification(evidence, pair, why))
    return svg


def specification(evidence: Evidence, pair: tuple[str, str], why: str) -> dict[str, Any]:
    """The Vega-Lite specification of the picture."""
    rows = _rows(evidence)
    layers = [_thresholds(evidence), _threshold_names(evidence), _connectors(rows), _bars(rows), _amounts(rows)]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": _WIDTH, "height": {"step": _ROW}, "background": "white",
        "padding": {"left": 56, "top": 16, "right": 16, "bottom": 16},
        "title": {"text": f"{pair[0]}  and  {pair[1]}", "subtitle": textwrap.wrap(why, 108), "anchor": "start",
                  "frame": "bounds", "offset": 24, "fontSize": 15, "color": _INK, "subtitleColor": _MUTED,
                  "subtitleFontSize": 12, "subtitlePadding": 6, "subtitleLineHeight": 16},
        "config": {"view": {"stroke": None}, "font": "sans-serif", "legend": _LEGEND},
        "layer": [*layers, _words(rows, "head", -6, _INK, 12), _words(rows, "values", 8, _MUTED, 11)],
    }  # fmt: skip


def _rows(evidence: Evidence) -> list[dict[str, Any]]:
    """What each row shows, in bits: the running total before, after the level and after the frequency."""
    rows: list[dict[str, Any]] = []
    for place, step in enumerate(evidence.steps):
        before = step.total - step.weight - step.frequency
        rows.append({
            "row": place, "head": _head(step), "values": _compared(step), "from": before / MICRO,
            "level": (before + step.weight) / MICRO, "to": step.total / MICRO,
            "amount": _amount(step), "kind": ENDS if step.name == PRIOR else FOR if step.weight > 0 else AGAINST,
        })  # fmt: skip
    total = evidence.weight / MICRO
    last = {"head": f"total · {evidence.band}", "values": "", "from": 0, "level": total, "to": total, "kind": ENDS}
    return [*rows, last | {"row": len(rows), "amount": signed(evidence.weight)}]


def _head(step: Step) -> str:
    if step.name == PRIOR:
        return "start: two records at random"
    return step.label if step.gamma is None else f"{step.name.replace('_', ' ')} · {step.label}"


def _amount(step: Step) -> str:
    """Missing evidence has no amount; a rare or common value's part stands in brackets."""
    if step.gamma == -1:
        return ""
    rare = f" ({signed(step.frequency)})" if abs(step.frequency) >= MICRO / 20 else ""
    return signed(step.weight + step.frequency) + rare


def signed(weight: int) -> str:
    """Bits with their sign, as typeset; what rounds to nought has none."""
    text = f"{weight / MICRO:+.1f}".replace("-", "−")
    return "0.0" if text[1:] == "0.0" else text


def _compared(step: Step) -> str:
    """Both sides' values on one line; one of them where they are alike."""
    left, right = _side(step.left), _side(step.right)
    return left if left == right else f"{left or '–'}  |  {right or '–'}"


def _side(values: Values) -> str:
    text = " ".join(value for column in values.values() for value in column)
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


_Y = {"field": "row", "type": "ordinal", "axis": None}


def _bars(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Two segments a row: the level, then the frequency; a total starts at nought."""
    parts = [{"row": row["row"], "a": row["from"], "b": row["level"], "kind": row["kind"]} for row in rows]
    parts += [{"row": row["row"], "a": row["level"], "b": row["to"], "kind": RARE} for row in rows
              if row["level"] != row["to"]]  # fmt: skip
    axis = {"title": "bits of evidence (running total)", "grid": True, "gridColor": "#eceff2", "domain": False,
            "tickColor": _LINE, "labelColor": _MUTED, "titleColor": _MUTED, "titleFontWeight": "normal"}  # fmt: skip
    return {
        "data": {"values": parts},
        "mark": {"type": "bar", "height": 16, "cornerRadius": 1},
        "encoding": {
            "y": _Y, "x": {"field": "a", "type": "quantitative", "axis": axis}, "x2": {"field": "b"},
            "color": {"field": "kind", "type": "nominal",
                      "scale": {"domain": list(_COLOURS), "range": list(_COLOURS.values())}},
        },
    }  # fmt: skip


def _connectors(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A thin line from where a row ends to where the next begins."""
    lines = [{"row": row["row"], "next": row["row"] + 1, "at": row["to"]} for row in rows[:-1]]
    return {
        "data": {"values": lines},
        "mark": {"type": "rule", "color": _LINE},
        "encoding": {"y": _Y, "y2": {"field": "next"}, "x": {"field": "at", "type": "quantitative"}},
    }


def _amounts(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Bits to the right of each bar."""
    told = [{"row": row["row"], "x": max(row["from"], row["level"], row["to"]), "text": row["amount"]} for row in rows]
    return {
        "data": {"values": told},
        "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 11, "color": _INK},
        "encoding": {"y": _Y, "x": {"field": "x", "type": "quantitative"}, "text": {"field": "text"}},
    }


def _words(rows: list[dict[str, Any]], field: str, dy: int, colour: str, size: int) -> dict[str, Any]:
    """A line of text to the left of each row; a row without values has its one line in the middle."""
    told = [{"row": row["row"], "text": row[field], "dy": dy if row["values"] else 0} for row in rows]
    mark = {"type": "text", "align": "right", "fontSize": size, "color": colour}
    return {
        "data": {"values": [row for row in told if row["text"]]},
        "mark": mark | {"dy": {"expr": "datum.dy"}},
        "encoding": {"y": _Y, "x": {"value": -10}, "text": {"field": "text"}},
    }


def _limits(evidence: Evidence) -> dict[str, Any]:
    return {"values": [
        {"at": evidence.review_weight / MICRO, "name": "review", "align": -1},
        {"at": evidence.match_weight / MICRO, "name": "match", "align": 1},
    ]}  # fmt: skip


def _thresholds(evidence: Evidence) -> dict[str, Any]:
    return {
        "data": _limits(evidence),
        "mark": {"type": "rule", "color": _LIMIT, "strokeDash": [4, 3]},
        "encoding": {"x": {"field": "at", "type": "quantitative"}},
    }


def _threshold_names(evidence: Evidence) -> dict[str, Any]:
    """Names above the plot, the review threshold's to the left of its line and the match threshold's to the right."""
    mark = {"type": "text", "fontSize": 11, "color": _MUTED, "dx": {"expr": "datum.align * 3"}}
    return {
        "data": _limits(evidence),
        "mark": mark | {"align": {"expr": "datum.align > 0 ? 'left' : 'right'"}},
        "encoding": {"x": {"field": "at", "type": "quantitative"}, "y": {"value": -7}, "text": {"field": "name"}},
    }
