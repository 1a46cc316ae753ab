"""Keys of person names: one text for the spellings of one name in different romanisations and orthographies.

Here: keys that may hide a difference of spelling, for comparing only; they are never shown. Not here: the standard
spelling itself (folding.py), typing errors (matching/name_levels.py). Vowels stay: Anna and Inna, Mario and Maria are
two names. Rules follow public romanisation tables (ICAO 9303, ISO 9, BGN/PCGN, DIN 1460, French and German practice).
"""

import re
from functools import cache, lru_cache

import icu

from quality.standardise.folding import canonical_given
from quality.standardise.name_lists import name_lists, table

_RULES = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        ("owitsch$|owicz$|ovitch$|ovitz$|ovych$|ovic$", "ovic"), ("ewicz$|ewitsch$|evitch$|evych$|evic$", "evic"),
        ("owsk(?=[iya]+$)", "ovsk"), ("ow$", "ov"), ("(?<=[oe]v)s$", ""), ("(?<=[ei])js$", "i"),
        ("schtsch|shch|sch|sz", "sh"), ("tsch|tch|cz", "ch"), ("dzh|dj|zh|gi(?=[ou])", "j"),
        ("ph", "f"), ("ck|cq|q", "k"), ("x", "ks"), ("sh", "x"), ("ts|tz", "z"), ("w", "v"), ("(?<=[dbtgkj])h", ""),
        ("c(?![eiyh])", "k"), ("ch", "c"), ("ou|oo", "u"), ("ee|ie(?=[^u])", "i"), ("uy|uj", "ui"), ("y|j$", "i"),
        ("e[ij]|a[ij](?![aeou])|ey", "ei"), ("(?<=[a-z]{2})h(?![aeiou])", ""), ("(?<=[aeiou])h(?=[^aeiou])", ""),
        ("(?<=[mbfgkls])[uo]e(?=[bcdfgklmnprstvz]{2})|ue(?=[bcdfgklmnprstvz]{2})", "u"),
        (r"(.)\1+", r"\1"),
    )
)  # fmt: skip
_BIN = frozenset({"bin", "ben", "ibn", "bn", "bint"})
_SERVANT = frozenset({"abdul", "abdel", "abdal", "abdol", "abdoul", "abdu", "abd"})
_PATRONYMIC = re.compile("(?:(?:ie|i|e|o)v(?:ic|ik|na)|ivna|inicna|icna|ic)$")
_CHILD = "ovic"
_SIMPLIFIED = icu.Transliterator.createInstance("Hant-Hans")
_LOGOGRAPHIC = frozenset({"Hans", "Kore", "Jpan"})


@lru_cache(maxsize=300_000)
def sound_key(word: str) -> str:
    """Key of one folded ASCII word: Hussein, Husayn, Husain give one; a word of one or two letters is its own key."""
    if len(word) < 3:
        return word
    if word in _SERVANT:
        return "abd"
    key = word
    for pattern, plain in _RULES:
        key = pattern.sub(plain, key)
    return key


@lru_cache(maxsize=300_000)
def given_key(word: str) -> str:
    """Key of the canonical name of a given name, so that Bill, William and Вильям have one."""
    return sound_key(canonical_given(word))


@lru_cache(maxsize=200_000)
def patronymic_key(word: str) -> str:
    """Key of a patronymic whatever its ending: Ivanovich, Ivanovna and Ivan oglu have one, Ivan another."""
    stem = _PATRONYMIC.sub("", sound_key(word))
    return stem + _CHILD


def keys_of(given: str, middle: str, family: str, patronymic: bool) -> tuple[str, str, str]:
    """Keys of the words of the three ASCII parts, in their order; particles of family and middle names left out.

    `patronymic`: the last middle name is one.
    """
    second = list(map(sound_key, _own(middle)))
    if patronymic and second:
        second[-1] = patronymic_key(_own(middle)[-1])
    return " ".join(map(given_key, given.split())), " ".join(second), " ".join(map(sound_key, _own(family)))


def _own(part: str) -> list[str]:
    words = part.split()
    return [word for word in words if word not in name_lists().family_particles and word not in _BIN] or words


def is_known(given: str) -> bool:
    """True when the one word of a given name is a well-known given name of some country."""
    return given in _known()


@cache
def _known() -> frozenset[str]:
    return frozenset(row[0] for row in table("given_names.csv"))


def native_key(full: str, script: str | None) -> str | None:
    """Characters of a Chinese, Japanese or Korean name, simplified: names of one sound and other characters differ."""
    return str(_SIMPLIFIED.transliterate(full.replace(" ", ""))) if script in _LOGOGRAPHIC else None
