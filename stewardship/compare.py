"""Two records side by side: which values go together, and where they differ, letter by letter.

Here: alignment and marks. Not here: reading the records (case), how marks look (the style sheet).
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

SAME, DIFFERS, ONE_SIDED, ABOUT = "same", "differs", "one", "about"
"""What a line says; `about` lines are what a source says of its own record, which is not compared."""
Marked = tuple[tuple[str, bool], ...]
"""Pieces of a text, each with whether the other text lacks it."""


@dataclass(frozen=True)
class Value:
    """A standard value with the raw one it came from, empty where they are alike, and why it is not usable."""

    standard: str
    raw: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Cell:
    """A value with its pieces marked."""

    value: Value
    marked: Marked


@dataclass(frozen=True)
class Line:
    """One line of the comparison; a side without a value is None."""

    field: str
    left: Cell | None
    right: Cell | None
    verdict: str


def lines(
    fields: Sequence[str], about: Sequence[str], left: dict[str, list[Value]], right: dict[str, list[Value]]
) -> list[Line]:
    """The lines of two records, in the order of `fields`; values of one field are put beside their nearest.

    `about` are the fields that are shown without being compared.
    """
    return [
        line for field in fields
        for line in (_about if field in about else _field)(field, left.get(field, []), right.get(field, []))
    ]  # fmt: skip


def _about(field: str, left: Sequence[Value], right: Sequence[Value]) -> list[Line]:
    one, other = (_plain(side[0]) if side else None for side in (left, right))
    return [Line(field, one, other, ABOUT)]


def _field(field: str, left: Sequence[Value], right: Sequence[Value]) -> list[Line]:
    """Equal values first, then the rest from the most alike down, then what stands alone."""
    places = [(a, b) for a in range(len(left)) for b in range(len(right))]
    places.sort(key=lambda place: (-_likeness(left[place[0]], right[place[1]]), place))
    ones, others, found = set(range(len(left))), set(range(len(right))), []
    for a, b in places:
        if a in ones and b in others:
            ones.remove(a)
            others.remove(b)
            found.append(_line(field, left[a], right[b]))
    found += [Line(field, _plain(left[a]), None, ONE_SIDED) for a in sorted(ones)]
    return found + [Line(field, None, _plain(right[b]), ONE_SIDED) for b in sorted(others)]


def _likeness(one: Value, other: Value) -> float:
    a, b = one.standard.casefold(), other.standard.casefold()
    return 1.0 if a == b else min(0.999, difflib.SequenceMatcher(None, a, b, autojunk=False).ratio())


def _line(field: str, left: Value, right: Value) -> Line:
    one, other = marked(left.standard, right.standard)
    same = left.standard.casefold() == right.standard.casefold()
    return Line(field, Cell(left, one), Cell(right, other), SAME if same else DIFFERS)


def _plain(value: Value) -> Cell:
    return Cell(value, ((value.standard, False),))


def marked(left: str, right: str) -> tuple[Marked, Marked]:
    """Both texts in pieces; capitals alone are no difference."""
    one, other = (text.casefold() if len(text.casefold()) == len(text) else text for text in (left, right))
    blocks = difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return (
        tuple((left[a:b], tag != "equal") for tag, a, b, _, _ in blocks if b > a),
        tuple((right[a:b], tag != "equal") for tag, _, _, a, b in blocks if b > a),
    )
