"""Which word of a person's name is the given, the middle, the patronymic and the family name.

Here: order, declared or detected from patronymics, letter case, family endings, Chinese surnames. Not here: spelling.
"""

from functools import cache, lru_cache
from typing import NamedTuple

from quality.standardise import chinese
from quality.standardise.name_lists import name_lists
from quality.standardise.scripts import ascii_word

Words = tuple[str, ...]
_ROLES = ("given", "middle", "patronymic", "family")


class Split(NamedTuple):
    """The words of each part, each in source order and spelling."""

    given: Words = ()
    middle: Words = ()
    patronymic: Words = ()
    family: Words = ()
    suffix: str | None = None
    title: str | None = None


@lru_cache(maxsize=200_000)
def is_patronymic(word: str) -> bool:
    """True for a word with a Slavic patronymic ending."""
    lists, lowered = name_lists(), word.lower()
    return len(word) > 4 and (lowered.endswith(lists.patronymic_endings) or lowered in lists.patronymic_words)


def find_patronymic(words: list[str], declared: bool = False, family_at: int | None = None) -> tuple[int, int] | None:
    """Places [start, end) of the patronymic: before a particle (oğlu, qızı), else by its ending.

    Of two words the last is a patronymic only when feminine or an order is declared: Roman Abramovich has a family.
    `family_at` is the place where the declared order has the family name.
    """
    particles = name_lists().patronymic_particles
    place = next((i for i in range(1, len(words)) if words[i].lower() in particles), None)
    if place is not None:
        return place - 1, place + 1
    found = [i for i, word in enumerate(words) if is_patronymic(word)]
    if not found or len(words) == 1:
        return None
    at = 1 if found == [1, 2] and len(words) == 3 else found[-1]
    masculine = words[at].lower().endswith(("ch", "ич", "ыч", "č"))
    unsure = not declared and (len(words) == 2 or at in {0, family_at})
    return None if masculine and unsure else (at, at + 1)


@lru_cache(maxsize=200_000)
def is_family(word: str) -> bool:
    """True when the ending says family name."""
    lists, plain = name_lists(), ascii_word(word)
    return len(plain) > 4 and plain.endswith(lists.family_endings) and plain not in lists.family_endings_not


def split_words(words: list[str], order: str | None) -> Split:
    """Assign `words` (affixes taken off) to parts by the declared `order` or the detected one."""
    declared = [role for role in (order or "").lower().replace(",", " ").split() if role in _ROLES]
    if not declared and "," in words[1:-1]:
        return _split_at_comma(words)
    words = [word for word in words if word != ","]
    family_at = len(words) - 1 if declared[-1:] == ["family"] else None
    found = find_patronymic(words, "patronymic" in declared, family_at)
    if found is None:
        return _assign(words, declared or _detected(words))
    start, end = found
    rest, patronymic = words[:start] + words[end:], tuple(words[start:end])
    roles = [role for role in declared if role != "patronymic"] or _around_patronymic(words[:start], words[end:])
    return _assign(rest, roles)._replace(patronymic=patronymic)


def _split_at_comma(words: list[str]) -> Split:
    at = words.index(",")
    family, rest = words[:at], [word for word in words[at + 1 :] if word != ","]
    if len(family) > 1 and len(rest) == 1 and is_patronymic(rest[0]):
        return split_words(family + rest, None)
    found = find_patronymic(rest, declared=True) if len(rest) > 1 else None
    patronymic = tuple(rest[slice(*found)]) if found else ()
    others = rest[: found[0]] + rest[found[1] :] if found else rest
    return Split(tuple(others[:1]), tuple(others[1:]), patronymic, tuple(family))


def _around_patronymic(before: list[str], after: list[str]) -> list[str]:
    rest = before + after
    if before and after:
        return ["given", "family"]
    if before and len(rest) > 1 and not (is_family(rest[-1]) and not is_family(rest[0])):
        return ["family", "given"]
    return ["given", "family"] if before or len(rest) > 1 else ["family"]


def _detected(words: list[str]) -> list[str]:
    if len(words) < 2:
        return ["family" if words and is_family(words[0]) else "given"]
    first, last = words[0], words[-1]
    if (chinese_first := _pinyin_order(words)) is not None:
        return ["family", "given"] if chinese_first else ["given", "family"]
    if first in name_lists().family_particles:
        return ["family", "given"]
    if first.isupper() != last.isupper() and len(first) > 2 and len(last) > 2:
        return ["family", "given"] if first.isupper() else ["given", "family"]
    return ["family", "given"] if is_family(first) and not is_family(last) else ["given", "family"]


def _pinyin_order(words: list[str]) -> bool | None:
    """True when a pinyin name begins with the surname; of two surnames the more frequent is the surname."""
    plain = [ascii_word(word) for word in words]
    if len(words) > 3 or not all(map(chinese.is_pinyin, plain)):
        return None
    rank = chinese.surname_rank()
    first, last = rank.get(plain[0]), rank.get(plain[-1])
    if first is None and last is None:
        return None
    if first is not None and last is not None and len(words) == 2:
        return first < last
    return first is not None and (last is None or len(words) == 3)


def _assign(words: list[str], roles: list[str]) -> Split:
    units = _units(words, roles)
    given, middle, patronymic, family = _plan(len(units), tuple(roles))
    return Split(sum(units[given], ()), sum(units[middle], ()), sum(units[patronymic], ()), sum(units[family], ()))


@cache
def _plan(count: int, declared: Words) -> tuple[slice, slice, slice, slice]:
    """Which of `count` units go to given, middle, patronymic and family, the declared roles being in this order.

    Too few units: middle, then patronymic, then the last role stay empty. Too many: the middle name takes the rest;
    without one the patronymic, without both the units after the given name become the middle name.
    """
    roles = list(dict.fromkeys(declared))
    for spare in ("middle", "patronymic", *reversed(roles)):
        if len(roles) > count and spare in roles:
            roles.remove(spare)
    if not roles:
        return slice(0, 0), slice(0, 0), slice(0, 0), slice(0, 0)
    taker = next(role for role in ("middle", "patronymic", "given", "family") if role in roles)
    at, extra = roles.index(taker), count - len(roles)
    if taker == "given":
        roles.insert(at + 1, "middle")
        at += 1
        extra -= 1
    begins = [place + (extra if place > at else 0) for place in range(len(roles) + 1)]
    places = {role: slice(begins[place], begins[place + 1]) for place, role in enumerate(roles)}
    nothing = slice(0, 0)
    return (
        places.get("given", nothing),
        places.get("middle", nothing),
        places.get("patronymic", nothing),
        places.get("family", nothing),
    )


def _units(words: list[str], roles: list[str]) -> list[Words]:
    """Words, with family particles (van der) bound to the word that follows."""
    particles = name_lists().family_particles
    if particles.isdisjoint([word.lower() for word in words]):
        return [(word,) for word in words]
    units, waiting = list[Words](), Words()
    for place, word in enumerate(words):
        bound = place > 0 or roles[:1] == ["family"]
        if bound and word.lower() in particles and place < len(words) - 1:
            waiting = (*waiting, word)
        else:
            units.append((*waiting, word))
            waiting = ()
    return units
