"""Folding any script to plain ASCII lower case, and cleaning a cell of what nobody meant to type.

Here: the one small folding used for addresses, places and code lists. Not here: names, whose transliteration knows
languages (quality.standardise.scripts).
"""

import re
import unicodedata
from functools import lru_cache

import icu

VERSION = "1"
# ə, ı are letters of their own in Azerbaijani; Any-Latin leaves them, Latin-ASCII would give "?" or keep them.
_RULES = "ə > a; Ə > A; ı > i; ::Any-Latin; ::Latin-ASCII; ::Lower;"
_FOLD = icu.Transliterator.createFromRules("registry-ascii", _RULES, icu.UTransDirection.FORWARD)
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+")
_BLANKS = re.compile(r"\s+")
_NOT_ASCII = re.compile(r"[^\x20-\x7e]")


def tidy(text: str | None) -> str:
    """NFKC, without control and bidi characters, blanks collapsed; empty for None."""
    if not text:
        return ""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    # A control character between two words stood for a blank; a bidi mark stood for nothing.
    cleaned = _NOT_TEXT.sub(lambda found: " " if found.group()[0] in "\t\n\r\x0b\x0c" else "", text)
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", cleaned)).strip()


@lru_cache(maxsize=200_000)
def _fold(token: str) -> str:
    return _NOT_ASCII.sub("", _FOLD.transliterate(token)).lower()


def to_ascii(text: str | None) -> str:
    """ASCII lower-case form of `text`, one blank between tokens; never fails, empty for None.

    Every distinct token is folded once, so a million cells of a few thousand words cost a few thousand foldings.
    """
    cleaned = tidy(text)
    if cleaned.isascii():
        return cleaned.lower()
    folded = (token if token.isascii() and token.islower() else _fold(token) for token in cleaned.split(" "))
    return " ".join(" ".join(folded).lower().split())
