"""Parts out of a full address: a small deterministic parser for the languages the bank meets.

It reads commas first, then announcing words ("küçəsi", "д.", "apt"), then position. What it cannot place goes to
the district, so that no word is lost. Not here: folding to ASCII, postcodes, city spellings.
"""

import re

from quality.standardise.address_chinese import parse_chinese
from quality.standardise.address_parts import Parts
from quality.standardise.address_segments import announces, segments
from quality.standardise.address_words import NUMBER, fold, tokens, words
from quality.standardise.codes import country_code
from quality.standardise.places import is_city
from quality.standardise.postcodes import take_postcode

_HAN = re.compile(r"[\u4e00-\u9fff]")
# Ukrainian "м." is a city before a name and a flat before a number.
_UKRAINIAN_CITY = re.compile(r"(?<!\w)м\.\s*(?=[А-ЯІЇЄҐ])")
# In these countries a number before the street belongs to its name ("28 May küçəsi", "ул. 8 Марта").
_NUMBER_AFTER = frozenset({"AZ", "RU", "UA", "MD", "RO", "TR", "GE", "KZ", "BY"})


def parse_address(full: str, country: str | None, line: bool = False) -> Parts:
    """Parts of `full`, a tidied text; `country` (alpha-2) if known. Never fails, loses no word.

    With `line` the text is a street line only: no country or postcode is looked for.
    """
    parts = Parts(country=country or "")
    if _HAN.search(full):
        return parse_chinese(full, parts)
    components = [part.strip() for part in re.split(r"[,;\n|]", full) if part.strip()]
    if not line and len(components) > 1 and (code := _country(components[-1])):
        parts.country, components = parts.country or code, components[:-1]
    rest = ",".join(components)
    parts.postcode, rest = ("", rest) if line else take_postcode(rest, parts.country or None)
    for component in (part.strip() for part in rest.split(",")):
        _component(component, parts)
    _place_left(parts)
    return parts


def _country(component: str) -> str | None:
    # Two letters are as often a state (CA, AZ) as a country.
    return (
        country_code(component) if (len(component) > 2 or component == "UK") and not is_city(component, None) else None
    )


def _component(component: str, parts: Parts) -> None:
    """Take numbers out of one component, then cut the rest where words announce a part."""
    names = _take_numbers(tokens(_UKRAINIAN_CITY.sub("місто ", component)), parts)
    if len(names) == 1 and NUMBER.fullmatch(fold(names[0])):
        parts.put("unit" if parts.house else "house", names[0])
        return
    for segment in segments(names):
        _segment(segment, parts)


def _take_numbers(names: list[str], parts: Parts) -> list[str]:
    """Names without announced numbers: house, unit; a block joins the house ("5 korp 2" is 5k2)."""
    known, kept, place = words(), [], 0
    while place < len(names):
        token, following = fold(names[place]), names[place + 1 : place + 2]
        kind = next((k for k in ("unit", "house", "block") if token in known[k]), None)
        if token == "d" and parts.house:
            kind = "unit"  # Turkish daire; before a house it is the Russian дом
        elif token == "d":
            kind = "house"
        if kind and following and NUMBER.fullmatch(fold(following[0])):
            _put_number(kind, following[0], parts)
            place += 2
        else:
            kept.append(names[place])
            place += 1
    return kept


def _put_number(kind: str, number: str, parts: Parts) -> None:
    if kind == "block":
        parts.house = f"{parts.house}k{number}" if parts.house else ""
        if not parts.house:
            parts.left.append(f"k{number}")
    else:
        parts.put(kind, number)


def _segment(names: list[str], parts: Parts) -> None:
    """Give one segment to the part that its first or last word announces; unannounced ones wait in `left`."""
    first, last = (fold(name) if announces(name) else "" for name in (names[0], names[-1]))
    inner = {fold(name) for name in names[1:] if announces(name)} - {last}
    for kind in ("street", "region", "district", "city"):
        known = words()[kind]
        if len(names) > 1 and (first in known or last in known or (kind == "street" and inner & known)):
            return _street(names, parts) if kind == "street" else parts.put(kind, _without_word(names, known))
    if len(names) == 1 and len(names[0]) == 2 and names[0].isupper():
        return parts.put("region", names[0])
    parts.left.append(" ".join(names))
    return None


def _without_word(names: list[str], known: frozenset[str]) -> str:
    kept = [name for name in names if fold(name) not in known]
    # "Sector 3" without its word would be a bare number.
    return " ".join(kept if kept and not "".join(kept).isdigit() else names)


def _street(names: list[str], parts: Parts) -> None:
    named = len(names) > 2 or (len(names) == 2 and not any(map(announces, names)))
    if named and not parts.house and NUMBER.fullmatch(fold(names[-1])):
        parts.house, names = names[-1], names[:-1]
    elif named and not parts.house and NUMBER.fullmatch(fold(names[0])) and _number_first(names, parts):
        parts.house, names = names[0], names[1:]
    parts.put("street", " ".join(names))


def _number_first(names: list[str], parts: Parts) -> bool:
    return parts.country not in _NUMBER_AFTER and names[-1].isascii()


def _place_left(parts: Parts) -> None:
    """Parts without an announcing word: a known city, else the street in front, else the city at the end."""
    left, parts.left = parts.left, []
    if not parts.city:
        known = next((text for text in reversed(left) if is_city(text, parts.country or None)), None)
        if known and (len(left) > 1 or parts.street):
            left.remove(known)
            parts.city = known
    if left and not parts.street:
        _street(left.pop(0).split(" "), parts)
    if left and not parts.city:
        parts.city = left.pop()
    parts.district = " ".join([part for part in (parts.district, *left) if part])
