"""Keys of organisation names: what each word is worth, and one word for its translations and spellings.

Here: words without weight (of, and, company) left out, words of many names (bank, group, trading) in one language,
numbers as digits, own words by sound. Not here: legal forms (organisations.py), comparing (matching).
"""

from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from quality.standardise.folding import fold
from quality.standardise.keys import sound_key
from quality.standardise.name_lists import table
from quality.standardise.scripts import ascii_word

_LETTERS = frozenset("aeiy")


class OrganisationKeys(NamedTuple):
    """Keys of one organisation name, words joined by a space; None when there are none."""

    key: str | None = None
    own: str | None = None
    initials: str | None = None


@lru_cache(maxsize=200_000)
def organisation_keys(core: str) -> OrganisationKeys:
    """Keys of an ASCII core name: all words that weigh, those of them that are its own, their first letters."""
    words = _weighty(core.split()) or core.split()
    keyed = _numbers([_keyed(word, last=place == len(words) - 1) for place, word in enumerate(words)])
    own = [key for key, kind in keyed if not kind]
    initials = "".join(word[0] for word in words) if len(words) > 1 else ""
    return OrganisationKeys(" ".join(key for key, _ in keyed) or None, " ".join(own) or None, initials or None)


def _weighty(words: list[str]) -> list[str]:
    """Words with weight, runs of single letters (a b c) joined into one."""
    found = list[str]()
    for place, word in enumerate(words):
        if _kinds().get(word, ("", ""))[0] == "weightless" and not _is_initial(words, place):
            continue
        if found and len(word) == 1 and word.isalpha() and _single(words, place - 1):
            found[-1] += word
        else:
            found.append(word)
    return found


def _is_initial(words: list[str], place: int) -> bool:
    """A single letter beside another is no word: y and e join two words only between longer ones."""
    beside = (near for near in (place - 1, place + 1) if 0 <= near < len(words))
    return words[place] in _LETTERS and (len(words) == 1 or any(_single(words, near) for near in beside))


def _single(words: list[str], place: int) -> bool:
    return place >= 0 and len(words[place]) == 1 and words[place].isalpha()


def _keyed(word: str, last: bool) -> tuple[str, str]:
    kind, canonical = _kinds().get(word, ("", ""))
    if not kind and any(map(str.isdigit, word)):
        return word.lstrip("0") or "0", "number"
    if kind == "number" and len(word) == 1 and not last:
        kind = ""
    return (canonical, kind) if kind in {"general", "number"} else (sound_key(word), "")


def _numbers(keyed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Forty four, 40 4 → 44."""
    summed, skip = list[tuple[str, str]](), False
    for (key, kind), (after, after_kind) in pairwise([*keyed, ("", "")]):
        joins = kind == after_kind == "number" and key in {"20", "30", "40", "50", "60", "70", "80", "90"}
        if not skip:
            skip = joins and len(after) == 1 and after.isdigit()
            summed.append((str(int(key) + int(after)), kind) if skip else (key, kind))
        else:
            skip = False
    return summed


@cache
def _kinds() -> dict[str, tuple[str, str]]:
    """Kind and canonical form of every listed word, by its ASCII spelling."""
    rows = [
        (fold(ascii_word(variant)), kind, canonical) for kind, canonical, variant in table("organisation_words.csv")
    ]
    return {word: (kind, canonical) for word, kind, canonical in reversed(rows)}
