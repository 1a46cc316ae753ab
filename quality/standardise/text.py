"""Cleaning of free text: invisible characters, spaces, quotes, letter case.

Here: what holds for any text in any language. Not here: scripts and romanisation (scripts.py), what a name is.
"""

import re
import unicodedata
from functools import lru_cache

CONTROL_REMOVED = "control characters removed"

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_SAME = str.maketrans(
    {**dict.fromkeys("’‘ʼʻ`´′＇ʹʽ", "'"), **dict.fromkeys("‐‑‒–—―−﹣－", "-"), "·": " ", "•": " ", "・": " "}
)
MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff\u0e31-\u0e4e\u0eb1-\u0ece\u102b-\u103e"
"""Ranges of vowel signs and accents, which regular expressions do not count as letters, for use in a class."""

_TURKIC_LETTERS = frozenset("əƏğĞıİ")
_TURKIC_LOWER = str.maketrans({"I": "ı", "İ": "i"})
_TURKIC_UPPER = {"i": "İ", "ı": "I"}
_WORD_PARTS = re.compile(r"[^\s'-]+")


def clean(text: str) -> tuple[str, bool]:
    """`text` in NFKC with one kind of apostrophe, hyphen and space; and whether invisible characters were removed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split()), False
    visible = _INVISIBLE.sub("", text)
    composed = unicodedata.normalize("NFKC", visible).translate(_SAME)
    return " ".join(composed.split()), visible != text


def is_turkic(text: str) -> bool:
    """True when a letter of the Azerbaijani or Turkish alphabet says that I and İ are different letters."""
    return not _TURKIC_LETTERS.isdisjoint(text)


@lru_cache(maxsize=200_000)
def title_case(word: str, turkic: bool = False) -> str:
    """A word written all in one case in title case; a word of mixed case (McDonald) as it is."""
    if not (word.isupper() or word.islower()) or (len(word) == 1 and word.isupper()):
        return word
    return _WORD_PARTS.sub(lambda part: _capital(part.group(), turkic), lower_case(word, turkic))


def lower_case(word: str, turkic: bool = False) -> str:
    """`word` in lower case; in a Turkic text I becomes ı."""
    return (word.translate(_TURKIC_LOWER) if turkic else word).lower().replace("i̇", "i")


def _capital(part: str, turkic: bool) -> str:
    first = _TURKIC_UPPER.get(part[0], part[0].upper()) if turkic else part[0].upper()
    return (first if len(first) == 1 else part[0]) + part[1:]
