"""Cutting the words of one component where an announcing word ("küçəsi", "г.", "Road") begins or ends a part.

Here: where to cut. Not here: which part a segment is (address_parse), the words themselves (address_words).
"""

from quality.standardise.address_words import NUMBER, fold, words


def segments(names: list[str]) -> list[list[str]]:
    """Cut at announcing words: they lead their part if the first word is one ("ул. …"), else they end it ("… küç.")."""
    leads = len(names) > 1 and announces(names[0]) and fold(names[0]) != "st"
    cut: list[list[str]] = [[]]
    for place, name in enumerate(names):
        word = announces(name)
        if leads and word and cut[-1]:
            cut.append([])
        cut[-1].append(name)
        if word and not leads and len(cut[-1]) > 1 and not _another_follows(names, place):
            cut.append([])
    return _joined_numbers([segment for segment in cut if segment])


def announces(name: str) -> bool:
    """True for a street, city, district or region word; one letter only if it cannot be an initial (г, с, ş)."""
    known, token = words(), fold(name)
    initial = len(token) == 1 and (name.isascii() or name[0].isupper())
    return not initial and any(token in known[kind] for kind in ("street", "city", "district", "region"))


def _another_follows(names: list[str], place: int) -> bool:
    # "Poppy Hill Drive": only the last of neighbouring words ends the part; "St Johns Road" is a saint's.
    rest = names[place + 1 : place + 2] if fold(names[place]) != "st" else names[place + 1 :]
    return any(fold(name) in words()["street"] and announces(name) for name in rest) or _follows_at_once(rest)


def _follows_at_once(rest: list[str]) -> bool:
    return len(rest) == 1 and announces(rest[0])


def _joined_numbers(cut: list[list[str]]) -> list[list[str]]:
    """A lone number after a segment is its house number."""
    joined: list[list[str]] = []
    for segment in cut:
        if joined and len(segment) == 1 and NUMBER.fullmatch(fold(segment[0])):
            joined[-1].append(segment[0])
        elif joined and NUMBER.fullmatch(fold(segment[0])) and any(fold(n) in words()["street"] for n in joined[-1]):
            joined[-1].append(segment[0])
            joined.append(segment[1:])
        else:
            joined.append(segment)
    return joined
