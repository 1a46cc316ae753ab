"""Who lives with whom: households with parents, children and grandparents, their names and birth dates.

Here: structure, family names, given names, birth dates, kin. Not here: addresses and contacts (population.py) or later
events (life.py).
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.synthetic import chances
from benchmarks.synthetic.draws import Ints, chance, weighted
from benchmarks.synthetic.names import draw_family, draw_given

HEAD, SPOUSE, CHILD, GRANDPARENT = range(4)


@dataclass(frozen=True)
class Families:
    """One row per person; `father`, `mate` and `first` are rows of the same arrays (-1: none)."""

    household: Ints
    place: Ints
    first: Ints
    size: Ints
    role: Ints
    female: Ints
    lang: Ints
    given: Ints
    family: Ints
    maiden: Ints
    patronymic: Ints
    birth: Ints
    father: Ints
    mate: Ints


def families(rng: np.random.Generator, persons: int, today: int) -> Families:
    """`persons` people in households; `today` is the first business date in days since 1970."""
    sizes = weighted(rng, chances.HOUSEHOLD_SIZE, persons) + 1
    household = np.repeat(np.arange(persons), sizes)[:persons]
    count = np.bincount(household)
    size = count[household]
    first = np.repeat(np.cumsum(count) - count, count)
    place = np.arange(persons) - first
    role = _roles(rng, place, size, household)
    female = _sexes(rng, role, first, place)
    lang = weighted(rng, chances.LANGUAGE_SHARE, len(count))[household]
    birth = _births(rng, role, first, place, today)
    family, maiden = _surnames(rng, lang, role, first)
    father = _fathers(role, female, first)
    given, patronymic = _given(rng, lang, female, role, father)
    mate = np.where(size > 1, first + (place + 1) % size, -1)
    return Families(
        household, place, first, size, role, female, lang, given, family, maiden, patronymic, birth, father, mate
    )


def _roles(rng: np.random.Generator, place: Ints, size: Ints, household: Ints) -> Ints:
    single = chance(rng, 0.2, household[-1] + 1)[household]
    old = chance(rng, chances.MULTIGENERATIONAL / 0.5, household[-1] + 1)[household]
    role = np.where(place == 0, HEAD, CHILD)
    role[(place == 1) & ~single] = SPOUSE
    role[(place == size - 1) & (size >= 3) & old] = GRANDPARENT
    return np.asarray(role)


def _sexes(rng: np.random.Generator, role: Ints, first: Ints, place: Ints) -> Ints:
    female = rng.integers(0, 2, len(role))
    married = np.zeros(len(role), dtype=bool)
    married[first[role == SPOUSE]] = True
    female[married & (place == 0)] = 0
    return np.asarray(np.where(role == SPOUSE, 1, female))


def _births(rng: np.random.Generator, role: Ints, first: Ints, place: Ints, today: int) -> Ints:
    n = len(role)
    head = today - rng.integers(24 * 365, 75 * 365, n)
    gap, young, old = rng.normal(900, 1100, n), rng.integers(21 * 365, 36 * 365, n), rng.integers(20 * 365, 34 * 365, n)
    birth = np.where(role == HEAD, head, head[first])
    grown = today - rng.integers(20 * 365, 24 * 365, n)
    birth = np.where(role == SPOUSE, np.minimum(birth + gap.astype(np.int64), grown), birth)
    birth = np.where(role == CHILD, np.minimum(birth + young, today - rng.integers(1, 18 * 365, n)), birth)
    birth = np.where(role == GRANDPARENT, birth - old, birth)
    twin = np.flatnonzero((role == CHILD) & (place >= 2) & chance(rng, chances.TWINS * 3, n))
    twin = twin[role[twin - 1] == CHILD]
    birth[twin] = birth[twin - 1]
    oldest = today - rng.integers(85 * 365, 98 * 365, n)
    return np.asarray(np.maximum(birth, oldest), dtype=np.int64)


def _surnames(rng: np.random.Generator, lang: Ints, role: Ints, first: Ints) -> tuple[Ints, Ints]:
    own = draw_family(rng, lang)
    keeps = chance(rng, chances.HYPHEN_OR_KEEP, len(lang))
    borne = np.where((role == HEAD) | ((role == SPOUSE) & keeps), own, own[first])
    maiden = np.where(role == SPOUSE, own, borne)
    return np.asarray(borne), np.asarray(maiden)


def _fathers(role: Ints, female: Ints, first: Ints) -> Ints:
    return np.asarray(np.where((role == CHILD) & (female[first] == 0), first, -1))


def _given(rng: np.random.Generator, lang: Ints, female: Ints, role: Ints, father: Ints) -> tuple[Ints, Ints]:
    given = draw_given(rng, lang, female)
    again = draw_given(rng, lang, female)
    fathers_name = draw_given(rng, lang, female * 0)
    known = father >= 0
    namesake = known & (female == 0) & chance(rng, chances.SAME_NAME_AS_FATHER * 3, len(lang))
    given[namesake] = given[father[namesake]]
    fathers_name[known] = given[father[known]]
    clash = np.flatnonzero((role[1:] == CHILD) & (role[:-1] == CHILD) & (given[1:] == given[:-1])) + 1
    given[clash] = again[clash]  # parents do not give two children one name
    return given, 2 * fathers_name + female
