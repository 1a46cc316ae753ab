"""The machine-readable zone of a passport, as a scanner types it (ICAO 9303 part 4: two lines of 44 signs).

Here: its number, if its check digits hold. Not here: looking it up.
"""

import re

_LINES = re.compile(r"P[A-Z<][A-Z]{1,3}<*[A-Z0-9<]*")
_LENGTH, _LINE = 88, 44
_WEIGHTS = (7, 3, 1)
_CHECKED = ((slice(0, 9), 9), (slice(13, 19), 19), (slice(21, 27), 27))
"""Number, date of birth, date of expiry in the second line, each with the place of its check digit."""


def number(scanned: str) -> str:
    """The passport's number; empty where this is no passport, or a sign was misread."""
    signs = re.sub(r"\s", "", scanned.upper())
    if len(signs) != _LENGTH or not _LINES.fullmatch(signs):
        return ""
    second = signs[_LINE:]
    if any(str(_check(second[part])) != second[place] for part, place in _CHECKED):
        return ""
    return second[:9].rstrip("<")


def _check(signs: str) -> int:
    """The check digit: 0-9 as they are, A-Z from 10, the filler 0, weighed by 7, 3, 1."""
    values = (0 if sign == "<" else int(sign, 36) for sign in signs)
    return sum(value * _WEIGHTS[place % 3] for place, value in enumerate(values)) % 10
