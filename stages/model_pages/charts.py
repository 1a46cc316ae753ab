"""Charts of models as inline SVG, rendered offline by vl-convert.

Here: Vega-Lite specification → SVG with the same bytes each time. Not here: Splink's specifications themselves.
"""

import re
from collections.abc import Sequence
from typing import Any

import vl_convert
from markupsafe import Markup

LABELS = {
    "weights": "Match weight of every level by comparison; the table of levels has the numbers",
    "parameters": "Share of matching and of non-matching pairs in every level; the table of levels has the numbers",
}
_COLOURS = {"green": "#17756b", "red": "#b26a00"}
"""Splink's colours that colour-blind readers confuse, and what stands in for them."""


def draw(specification: dict[str, Any], label: str) -> Markup:
    """A chart of Splink, still and on its own, in colours that can be told apart."""
    still = _recoloured(specification) | {"background": None}
    title = still.get("title")
    if isinstance(title, dict):
        still["title"] = {name: value for name, value in title.items() if name != "subtitle"}
    still["config"] = {**still.get("config", {}), "aria": False, "font": "sans-serif"}
    return Markup(_for_inline(vl_convert.vegalite_to_svg(still), label))


def shifts(bins: Sequence[dict[str, int]]) -> Markup:
    """How many pairs moved by how many bits from one model to the other."""
    if not bins:
        return Markup("")
    x = {"field": "bits", "type": "ordinal", "title": "weight under B less weight under A, whole bits",
         "axis": {"labelAngle": 0, "labelOverlap": True}}  # fmt: skip
    y = {"field": "pairs", "type": "quantitative", "title": "pairs", "axis": {"tickCount": 4, "format": ",d"}}
    specification = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "width": 420, "height": 180,
        "config": {"view": {"stroke": None}}, "data": {"values": list(bins)},
        "mark": {"type": "bar", "color": "#17756b"}, "encoding": {"x": x, "y": y},
    }  # fmt: skip
    return draw(specification, "Pairs by shift of their weight; the table beside it has the quantiles")


def _recoloured(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _recoloured(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_recoloured(part) for part in value]
    return _COLOURS.get(value, value) if isinstance(value, str) else value


def _for_inline(svg: str, label: str) -> str:
    """Ids numbered from one (vl-convert counts on through a process), no namespace addresses, the page's own width."""
    ids = dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg))
    for place, name in enumerate(ids, 1):
        svg = re.sub(rf'(id="|url\(#){re.escape(name)}(?=["\)])', rf"\g<1>{_slug(label)}-{place}", svg)
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg, count=2)
    svg = re.sub(r'(<svg[^>]*?) width="([\d.]+)" height="[\d.]+"', r'\1 style="max-width:\2px"', svg, count=1)
    return svg.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


def _slug(label: str) -> str:
    return "-".join(re.findall(r"[a-z]+", label.lower())[:3])
