"""A flow diagram (after Sankey) as inline SVG: columns of bars joined by ribbons of their width.

Here: layout and drawing of any such flow. Not here: what flows (`sections`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, BODY, SLOT, GAP, BAR = 1080.0, 280.0, 38.0, 12.0, 10.0
LEFT, RIGHT = 150.0, 200.0
"""Room for the labels of the first and last column; those between stand on the ribbons."""


@dataclass(frozen=True)
class Node:
    """A bar: `key` names it in links, `tone` is a CSS class, `note` is the second line of its label."""

    key: str
    label: str
    note: str
    value: int
    tone: str = "plain"


@dataclass(frozen=True)
class Link:
    """A ribbon of `value` from one node to another."""

    source: str
    target: str
    value: int


@dataclass(frozen=True)
class _Place:
    x: float
    y: float
    height: float


def draw(columns: Sequence[Sequence[Node]], links: Sequence[Link], title: str) -> Markup:
    """The diagram; nodes stand in the given order, links must be ordered as their ends are. No node, no picture."""
    columns = [column for column in columns if column]
    places = _layout(columns)
    if not places:
        return Markup("")
    height = max(place.y + max(place.height, SLOT) for place in places.values())
    tones = {node.key: node.tone for column in columns for node in column}
    labels = {node.key: node.label for column in columns for node in column}
    parts = [*_ribbons(links, places, tones, labels, _scale(columns))]
    parts += [_bar(node, places[node.key]) for column in columns for node in column]
    return Markup('<svg class="flow" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height, title, Markup("").join(parts)
    )


def _scale(columns: Sequence[Sequence[Node]]) -> float:
    """Pixels per record, from the fullest column."""
    return BODY / max(1, *(sum(node.value for node in column) for column in columns))


def _layout(columns: Sequence[Sequence[Node]]) -> dict[str, _Place]:
    """Every node's bar; a thin one still gets room for its label."""
    places: dict[str, _Place] = {}
    scale = _scale(columns) if columns else 1.0
    step = (WIDTH - LEFT - RIGHT - BAR) / max(1, len(columns) - 1)
    for number, column in enumerate(columns):
        y = 2.0
        for node in column:
            height = max(2.0, node.value * scale)
            places[node.key] = _Place(LEFT + number * step, y, height)
            y += max(height, SLOT) + GAP
    return places


def _ribbons(
    links: Sequence[Link], places: dict[str, _Place], tones: dict[str, str], labels: dict[str, str], scale: float
) -> list[Markup]:
    """Ribbons leave and enter a bar one below the other."""
    left = {key: place.y for key, place in places.items()}
    right = dict(left)
    drawn = []
    for link in links:
        height = link.value * scale
        tip = f"{labels[link.source]} → {labels[link.target]}: {link.value:,} records"
        start, end = places[link.source].x + BAR, places[link.target].x
        path = _ribbon(start, left[link.source], end, right[link.target], max(1.0, height))
        drawn.append(Markup('<path class="ribbon {}" d="{}"><title>{}</title></path>').format(
            tones[link.target], path, tip))  # fmt: skip
        left[link.source] += height
        right[link.target] += height
    return drawn


def _ribbon(x0: float, y0: float, x1: float, y1: float, height: float) -> str:
    middle = (x0 + x1) / 2
    return (
        f"M{x0:.1f},{y0:.1f}C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
        f"v{height:.1f}C{middle:.1f},{y1 + height:.1f} {middle:.1f},{y0 + height:.1f} {x0:.1f},{y0 + height:.1f}Z"
    )


def _bar(node: Node, place: _Place) -> Markup:
    first = place.x <= LEFT
    text = place.x - 10 if first else place.x + BAR + 10
    middle = place.y + max(place.height, SLOT) / 2 - 2 if place.height > SLOT else place.y + 14
    return Markup(
        '<rect class="bar {}" x="{:.1f}" y="{:.1f}" width="{:.0f}" height="{:.1f}" rx="2"/>'
        '<text x="{:.1f}" y="{:.1f}" text-anchor="{}"><tspan class="label">{}</tspan>'
        '<tspan class="note" x="{:.1f}" dy="17">{}</tspan></text>'
    ).format(
        node.tone, place.x, place.y, BAR, place.height,
        text, middle, "end" if first else "start", node.label, text, node.note,
    )  # fmt: skip
