"""What speaks against two records being one person although their edge was accepted, as SQL over two records.

Here: the conditions, over `l` and `r`, two rows of the match projection. Not here: what a contradiction does to a
cluster (firewall, unions), nor what a difference weighs (comparisons).
"""

from collections.abc import Callable, Mapping

NEAR_NAME = 0.82
"""Least Jaro-Winkler similarity of two names that may be one name written twice."""
_PARTS = {"year": (1, 4), "month": (6, 2), "day": (9, 2)}


def _part(side: str, part: str) -> str:
    return f"substr({side}.birth_date, {', '.join(map(str, _PARTS[part]))})"


def _same(left: str, right: str) -> str:
    return f"{_part('l', left)} = {_part('r', right)}"


def far_dates() -> str:
    """Two whole birth dates that no single kind of error explains.

    Explained: up to two wrong digits; day and month swapped; two of year, month and day the same; an unknown day and
    month written as 1 January.
    """
    whole = "length(l.birth_date) = 10 AND length(r.birth_date) = 10"
    swapped = f"{_same('month', 'day')} AND {_same('day', 'month')}"
    unknown = "ends_with(l.birth_date, '-01-01') OR ends_with(r.birth_date, '-01-01')"
    explained = (
        f"hamming(l.birth_date, r.birth_date) <= 2 OR ({_same('month', 'month')} AND {_same('day', 'day')})"
        f" OR ({_same('year', 'year')}"
        f" AND ({_same('month', 'month')} OR {_same('day', 'day')} OR ({swapped}) OR {unknown}))"
    )
    return f"CASE WHEN {whole} THEN NOT ({explained}) ELSE false END"


def other_names() -> str:
    """Given or family names that are not compatible, straight or with the two columns swapped."""
    swapped = f"{_compatible('given', 'family')} AND {_compatible('family', 'given')}"
    straight = f"{_compatible('given', 'given')} AND {_compatible('family', 'family')}"
    return f"(NOT ({straight}) AND NOT ({swapped}))"


def _compatible(left: str, right: str) -> str:
    """One name by its key (nickname, sound), near, the same but for vowels, an initial or short form, or with a word in
    common; true where one is missing. Vowels are what transliterations differ in most.
    """
    a, b = f"l.{left}", f"r.{right}"
    vowels = "'eiouy', 'aaaaa'"
    return (
        f"coalesce({a} = {b} OR coalesce({a}_key = {b}_key, false) OR starts_with({a}, {b}) OR starts_with({b}, {a})"
        f" OR translate({a}, {vowels}) = translate({b}, {vowels})"
        f" OR jaro_winkler_similarity({a}, {b}) >= {NEAR_NAME}"
        f" OR list_has_any(string_split({a}, ' '), string_split({b}, ' ')), true)"
    )


_DOCUMENT = "coalesce(list_has_any(l.identifiers, r.identifiers), false)"
_OTHER_SEX = "coalesce(l.sex <> r.sex, false)"
_TYPES = "list_transform({}.lifelong, lambda x: split_part(x, ':', 1))"
_OTHER_NUMBER = (
    f"coalesce(list_has_any({_TYPES.format('l')}, {_TYPES.format('r')})"
    " AND NOT list_has_any(l.lifelong, r.lifelong), false)"
)


_REACHED_ALIKE = (
    "coalesce(list_has_any(l.phones, r.phones) OR list_has_any(l.emails, r.emails) OR l.address = r.address"
    " OR (l.house = r.house AND jaro_winkler_similarity(l.street, r.street) >= 0.9), false)"
)
_GIVEN = "l.given IS NOT NULL AND r.given IS NOT NULL"
GENERATION = 15
"""Years from which two people of one name at one address may be parent and child."""


def birth_date() -> str:
    """Far birth dates, unless something else says that one of them is wrong.

    That is names that agree, together with a shared document; or with a shared phone, e-mail or dwelling where the
    years are less than a generation apart: namesakes live elsewhere, and of a household only a parent and a child
    share their whole name.
    """
    years = f"abs(CAST({_part('l', 'year')} AS INTEGER) - CAST({_part('r', 'year')} AS INTEGER)) < {GENERATION}"
    excused = f"({_DOCUMENT} OR ({_GIVEN} AND {_REACHED_ALIKE} AND {years})) AND NOT {other_names()}"
    return f"CASE WHEN {far_dates()} THEN NOT ({excused}) ELSE false END"


def names() -> str:
    """How members of a household differ: other names, and another sex or lifelong number; no document in common.

    A birth date that is missing or differs by one kind of error is not enough: nicknames and short names with a small
    mistake are far more common than relatives who were born a digit apart.
    """
    apart = f"({_OTHER_SEX} OR {_OTHER_NUMBER})"
    return f"CASE WHEN {apart} AND NOT {_DOCUMENT} THEN {other_names()} ELSE false END"


def generation() -> str:
    """Father and son of one name: one is Jr, the other Sr. Jr may call himself II.

    The I of Morris I stands as a middle initial, and says something only beside a II or III.
    """
    young = "IN ('Jr', 'II')"
    both = f"l.suffix <> r.suffix AND NOT (l.suffix {young} AND r.suffix {young})"
    first = " OR ".join(
        f"({a}.suffix IS NULL AND {a}.middle = 'i' AND starts_with({b}.suffix, 'I'))" for a, b in ("lr", "rl")
    )
    return f"coalesce({both}, false) OR coalesce({first}, false)"


CONTRADICTIONS: Mapping[str, Callable[[], str]] = {
    "birth_date": birth_date, "names": names, "generation": generation,
}  # fmt: skip
"""What writes the condition of each kind: asked when it is needed, so that a test sees a change of it."""
KNOWN = {
    "birth_date": "length(birth_date) = 10",
    "names": "given IS NOT NULL AND family IS NOT NULL",
    "generation": "suffix IS NOT NULL OR coalesce(middle = 'i', false)",
}
"""Condition on one record: it can contradict another at all."""
