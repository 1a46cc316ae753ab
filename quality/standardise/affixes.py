"""Words of a person's name, with titles and generation suffixes taken off.

Here: cutting cleaned text into words. Not here: which word is which part (splitting.py).
"""

import re
from functools import cache

from quality.standardise.name_lists import name_lists
from quality.standardise.text import MARKS

_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|\{[^}]*\}")
_SEPARATORS = re.compile(rf"[^\w\s'’,{MARKS}-]|_")


def words_of(text: str) -> list[str]:
    """Words of cleaned text; commas are words of their own; bracketed text and other punctuation left out."""
    if not text.replace(" ", "").isalpha():
        outside = _BRACKETS.sub(" ", text)
        text = _SEPARATORS.sub(" ", outside if outside.strip() else text).replace(",", " , ").replace(" - ", "-")
        return [word for word in (w.strip("-'") for w in text.split()) if word and not word.isdigit()]
    return text.split()


def take_affixes(words: list[str]) -> tuple[list[str], str | None, str | None]:
    """(words left, suffix, title): titles and generation suffixes taken off, at least one word stays."""
    lists, lowered = name_lists(), [word.lower() for word in words]
    suffix = title = None
    if _affixes().isdisjoint(lowered):
        return words, None, None
    if len(words) > 1:
        at = next((i for i in range(len(words) - 1, 0, -1) if lowered[i] in lists.suffixes), None)
        if at is not None:
            suffix = lists.suffixes[lowered[at]]
            words = words[:at] + words[at + 1 :]
    titles = []
    while len(words) > 1 and (place := _title_place(words)) is not None:
        titles.append(words[place])
        words = words[:place] + words[place + 1 :]
    title = " ".join(titles) or title
    return words, suffix, title


@cache
def _affixes() -> frozenset[str]:
    lists = name_lists()
    return frozenset(lists.suffixes) | lists.titles | lists.soft_titles


def _title_place(words: list[str]) -> int | None:
    lists, lowered = name_lists(), [word.lower() for word in words]
    after_comma = words.index(",") + 1 if "," in words[:-1] else 0
    edge = next((place for place in (0, after_comma, len(words) - 1) if lowered[place] in lists.titles), None)
    if edge is not None or len(words) < 3:
        return edge
    others = len(words) - 2 * (not lists.patronymic_particles.isdisjoint(lowered))
    soft = (place for place, word in enumerate(lowered) if word in lists.soft_titles)
    return next(soft, None) if others > 2 else None
