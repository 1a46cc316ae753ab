"""The graph of two clients: their records as dots, scored pairs as lines, the proposed cut and the weakest line marked;
and the star of one client with those around him.

Here: where things lie, as plain numbers for a template that draws SVG. Not here: which pairs there are (case).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stewardship import labels

WIDTH, HEIGHT, RADIUS, MOST = 500, 290, 84, 12
"""Size of the picture and of a client's circle; records of a client that are drawn at most."""
_EDGE = 100
"""Nearer to the side than this, a label is written towards the middle."""


@dataclass(frozen=True)
class Dot:
    """A record."""

    name: str
    label: str
    x: int
    y: int
    text_x: int
    text_y: int
    asked: bool
    anchor: str


@dataclass(frozen=True)
class Line:
    """A scored pair: `kind` is inside, weakest (the weakest accepted one of a client), cut or between."""

    x1: int
    y1: int
    x2: int
    y2: int
    bits: str
    kind: str
    title: str


@dataclass(frozen=True)
class Picture:
    """Dots and lines; `left_out` records have no room."""

    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    left_out: int


def draw(
    sides: Sequence[Sequence[str]], edges: Sequence[tuple[str, str, int]], asked: tuple[str, str], match_weight: int
) -> Picture:
    """The picture of two clients' records; `edges`: pairs with weights in millionths of a bit; `asked`: the case."""
    dots: dict[str, Dot] = {}
    for place, records in enumerate(side for side in sides if side):
        shown = sorted(records, key=lambda name: (name not in asked, name))[:MOST]
        dots |= {dot.name: dot for dot in _circle(shown, asked, place)}
    side_of = {name: place for place, records in enumerate(sides) for name in records}
    seen = [edge for edge in edges if edge[0] in dots and edge[1] in dots]
    weak = _weakest(seen, side_of, match_weight)
    kinds = {edge: _kind(edge, side_of, asked, weak, match_weight) for edge in seen}
    drawn = tuple(_line(edge, dots, kinds[edge]) for edge in sorted(seen, key=lambda edge: (edge[2], edge[:2])))
    return Picture(tuple(dots.values()), drawn, len(side_of) - len(dots))


def star(middle: tuple[str, str], others: Sequence[tuple[str, str, str]]) -> Picture:
    """One in the middle and others around it: name, label, and what is written on the line between."""
    shown = others[:MOST]
    centre = round(WIDTH / 2), round(HEIGHT / 2)
    dots = [Dot(*middle, *centre, centre[0], centre[1] + 26, True, "middle")]
    lines = []
    for place, (name, label, said) in enumerate(shown):
        angle = 2 * math.pi * place / len(shown) + 0.3
        x, y = round(centre[0] + 170 * math.cos(angle)), round(centre[1] + 108 * math.sin(angle))
        told = label if len(label) <= 24 else label[:23] + "…"
        dots.append(Dot(name, told, x, y, x, y + (-14 if y < centre[1] else 24), False, "middle"))
        lines.append(Line(*centre, x, y, said, "inside", f"{label}: {said}"))
    return Picture(tuple(dots), tuple(lines), len(others) - len(shown))


def _circle(names: Sequence[str], asked: tuple[str, str], place: int) -> list[Dot]:
    """A client's records on a circle, the one asked about nearest to the other client."""
    centre, radius = (WIDTH * (0.25 if place == 0 else 0.75), HEIGHT / 2), 0 if len(names) == 1 else RADIUS
    start = 0.0 if place == 0 else math.pi
    found = []
    for number, name in enumerate(names):
        angle = start + 2 * math.pi * number / len(names)
        x, y = centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)
        label = name if len(name) <= 20 else name[:19] + "…"
        anchor = "start" if x < _EDGE else "end" if x > WIDTH - _EDGE else "middle"
        nudge = {"start": -12, "end": 12, "middle": 0}[anchor]
        above = y < HEIGHT / 2 - 1 or (name in asked and place == 0)
        beside = round(x) + nudge, round(y) + (-16 if above else 25)
        found.append(Dot(name, label, round(x), round(y), *beside, name in asked, anchor))
    return found


def _weakest(
    edges: Sequence[tuple[str, str, int]], side_of: Mapping[str, int], match_weight: int
) -> set[tuple[str, str, int]]:
    """The weakest accepted edge inside each client of three records or more."""
    found = set()
    for side in set(side_of.values()):
        inside = [e for e in edges if side_of[e[0]] == side_of[e[1]] == side and e[2] >= match_weight]
        if len(inside) > 1:
            found.add(min(inside, key=lambda edge: (edge[2], edge[:2])))
    return found


def _kind(
    edge: tuple[str, str, int], side_of: Mapping[str, int], asked: tuple[str, str],
    weak: set[tuple[str, str, int]], match_weight: int,
) -> str:  # fmt: skip
    if side_of[edge[0]] == side_of[edge[1]]:
        return "weakest" if edge in weak else "inside" if edge[2] >= match_weight else "between"
    return "cut" if edge[2] >= match_weight or {edge[0], edge[1]} == set(asked) else "between"


def _line(edge: tuple[str, str, int], dots: Mapping[str, Dot], kind: str) -> Line:
    one, other = dots[edge[0]], dots[edge[1]]
    bits = labels.bits(edge[2])
    return Line(one.x, one.y, other.x, other.y, bits, kind, f"{edge[0]} – {edge[1]}: {bits}")
