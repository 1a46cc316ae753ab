"""Chinese names: pinyin of Han text, surnames, and recognising pinyin among Latin words.

Here: pypinyin and the surname table (its readings win: 单 is Shan, 曾 is Zeng). Not here: which part a word is.
"""

import re
import unicodedata
from functools import cache, lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PINYIN_DICT
from pypinyin.seg import mmseg

from quality.standardise.name_lists import table

_UMLAUT = {"lv": "lu", "nv": "nu", "lve": "lue", "nve": "nue"}


@cache
def _surnames() -> dict[str, str]:
    return {row[0]: row[1] for row in table("pinyin_surnames.csv")}


@cache
def surname_rank() -> dict[str, int]:
    """Pinyin surnames, the most frequent first."""
    return {pinyin: place for place, pinyin in enumerate(dict.fromkeys(_surnames().values()))}


@cache
def _syllables() -> frozenset[str]:
    marked = {reading for readings in PINYIN_DICT.values() for reading in readings.split(",")}
    plain = {"".join(c for c in unicodedata.normalize("NFD", syllable) if c.isascii()).lower() for syllable in marked}
    # Lone vowels are no syllables here: with them Maria and Andrea would count as pinyin.
    return frozenset(s for s in plain if len(s) > 1 and s.isalpha() and not set("aeiou").isdisjoint(s)) | {"lv", "nv"}


@cache
def _pinyin_pattern() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(sorted(_syllables(), key=lambda s: (-len(s), s))) + ")+")


@lru_cache(maxsize=200_000)
def is_pinyin(word: str) -> bool:
    """True when the whole ASCII word can be cut into pinyin syllables."""
    return len(word) < 25 and _pinyin_pattern().fullmatch(word) is not None


def is_syllable(word: str) -> bool:
    """True when the ASCII word is one pinyin syllable."""
    return word in _syllables()


@lru_cache(maxsize=100_000)
def pinyin(han: str) -> str:
    """Syllables of Han text without tones, joined; other characters stay."""
    return "".join(_UMLAUT.get(syllable, syllable) for syllable in lazy_pinyin(han, style=Style.NORMAL))


def surname_pinyin(han: str) -> str:
    """Pinyin of a surname, by its surname reading."""
    return _surnames().get(han) or pinyin(han)


@lru_cache(maxsize=100_000)
def pinyin_words(han: str) -> str:
    """Pinyin of running text, one word per dictionary word: 北京银行 → beijing yinhang."""
    return " ".join(pinyin(word) for word in mmseg.seg.cut(han))


def split_han(text: str) -> tuple[str, str]:
    """(given, family) of a Han full name: blank or dot between foreign parts, else one or two characters of surname."""
    words = text.split()
    if len(words) == 2 and words[0] not in _surnames():
        return (words[1], words[0]) if len(words[0]) == 1 else (words[0], words[1])
    joined = "".join(words)
    size = 2 if len(joined) > 2 and joined[:2] in _surnames() else 1
    return (joined[size:], joined[:size]) if len(joined) > 1 else ("", joined)
