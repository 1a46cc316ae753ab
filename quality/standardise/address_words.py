"""The declared words of addresses, folded and ready to look up; house and flat numbers; street names.

Here: what one token means. Not here: where a part begins and ends (address_parse).
"""

import re
from functools import lru_cache

from quality.standardise.ascii import to_ascii
from rules.reference import load_address_words

NUMBER = re.compile(r"\d{1,5}[a-z]{0,2}(?:[/-]\d{0,4}[a-z]{0,2})*|[a-z]\d{1,4}", re.IGNORECASE)
_GLUED = re.compile(r"([^\W\d_]+|#)(\d+\w*(?:[/-]\w+)*)")


@lru_cache
def words() -> dict[str, frozenset[str]]:
    """Folded single words by what they announce: house, unit, block, city, district, region, street, nothing."""
    declared = load_address_words()
    lists = {
        "house": declared.houses, "unit": declared.units, "block": declared.blocks, "city": declared.cities,
        "district": declared.districts, "region": declared.regions, "nothing": declared.nothing,
        "street": tuple(form for forms in declared.streets.values() for form in forms),
    }  # fmt: skip
    return {kind: frozenset(fold(form) for form in forms if " " not in form) for kind, forms in lists.items()}


@lru_cache
def street_types() -> dict[str, str]:
    """Folded street word → canonical token; a form declared twice keeps its first meaning."""
    types: dict[str, str] = {}
    for canonical, forms in load_address_words().streets.items():
        for form in forms:
            types.setdefault(fold(form), canonical)
    return types


@lru_cache(maxsize=200_000)
def fold(token: str) -> str:
    """One token in ASCII lower case, without dots and quotes."""
    return to_ascii(token).replace("'", "").replace('"', "").replace("`", "").strip(".")


def tokens(text: str) -> list[str]:
    """Words and numbers of one component; "д.5", "No:5", "kv7" come apart, "12-A" and "р-н" stay whole."""
    rough = re.findall(r"#|[^\s.,;:()#]+", text)
    return [part for token in rough for part in _unglued(token)]


def _unglued(token: str) -> list[str]:
    found = _GLUED.fullmatch(token)
    known = words()
    announced = found and fold(found.group(1)) in known["house"] | known["unit"] | known["block"]
    return [found.group(1), found.group(2)] if found and announced else [token]


def number_form(text: str) -> str:
    """House or flat number in its standard form: "12-A" is "12a", "12 / 14" is "12/14"."""
    folded = re.sub(r"[\s.#]", "", to_ascii(text))
    return re.sub(r"(\d)-(?=[a-z])", r"\1", folded).strip("-/,")


@lru_cache(maxsize=200_000)
def street_ascii(street: str) -> str:
    """Street in ASCII with its type folded to one token at the end: "ул. Низами", "Nizami küç." are "nizami st"."""
    folded = [part for part in (fold(token) for token in tokens(street)) for part in part.split(" ") if part]
    place = type_place(folded)
    if place is None:
        return " ".join(folded)
    rest = folded[:place] + folded[place + 1 :]
    return " ".join([*rest, street_types()[folded[place]]])


def type_place(folded: list[str]) -> int | None:
    """Where the street's type stands: last word if it is one, else first, else the last one between."""
    places = [place for place, token in enumerate(folded) if token in street_types()]
    # "St Kilda" is a saint: an English "st" in front announces nothing.
    places = [place for place in places if not (place == 0 and (folded[0] == "st" or len(folded) == 1))]
    if not places:
        return None
    return places[-1] if places[-1] == len(folded) - 1 or places[0] != 0 else 0
