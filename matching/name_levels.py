"""Ladders for the names of persons: how two standard names agree, strongest level first, as SQL conditions.

Here: given, middle and family names apart, and whole names as sets of words. Not here: organisations
(organisation_levels.py), how keys are made (quality.standardise.keys), what a level is worth (the model).
Every condition is symmetric in left and right, reads ASCII only and tries cheap tests first (CASE is lazy, AND is
not). Levels that a typing error explains stay apart from levels that a brother or sister explains.
"""

from matching.word_levels import (
    Level,
    all_explained,
    all_of,
    contained,
    edits,
    guarded,
    initial,
    inside,
    near,
    one_explained,
    word_set,
)

GIVEN_READS = ("given", "family", "given_key", "given_known", "native_key")
FAMILY_READS = ("family", "given", "family_key")
MIDDLE_READS = ("middle", "middle_key")
WORDS = "list_filter(string_split(concat_ws(' ', given_key, middle_key, family_key), ' '), lambda w: w <> '')"
"""The words of a whole name, from the columns of std_name."""
WHOLE_COLUMNS = {"name": "ascii", "name_words": WORDS, "name_set": word_set(WORDS), "native_key": "native_key"}
"""Columns that the ladder of whole names reads, as expressions over std_name; computed once a record."""
WHOLE_READS = tuple(WHOLE_COLUMNS)
EXCHANGED = guarded(
    "substr(given_l, 1, 1) = substr(family_r, 1, 1) AND substr(family_l, 1, 1) = substr(given_r, 1, 1)",
    "jaro_winkler_similarity(given_l, family_r) + jaro_winkler_similarity(family_l, given_r) >= 1.86"
    " AND jaro_winkler_similarity(given_l, family_r) + jaro_winkler_similarity(family_l, given_r)"
    " > jaro_winkler_similarity(given_l, given_r) + jaro_winkler_similarity(family_l, family_r)",
)
"""Given and family name of one record stand the other way round in the other, but for a letter or two."""
ALIKE = 0.85
"""Least Jaro-Winkler similarity of names that may still be one name."""
_OTHER_CHARACTERS = "native_key_l <> native_key_r"
_BOTH_KNOWN = "given_known_l AND given_known_r"
_CHILD_OF = "'^[a-z]+ (bin|ben|ibn|bint) '"


def given_levels() -> list[Level]:
    """Levels of the given name.

    Brothers, sisters and twins often have names that differ in an ending (Ivan, Ivana) or in a letter of a name that
    is well known as well (Aysel, Aysen): these are levels of their own, before the typing errors.
    """
    return [
        ("other characters", guarded(_OTHER_CHARACTERS, near("given_l", "given_r")), None),
        ("same", "given_l = given_r", "given"),
        ("exchanged with family name", EXCHANGED, None),
        ("variant or short form", "given_key_l = given_key_r", None),
        ("one part of the other", contained("given_key"), None),
        ("initial", initial("given"), None),
        ("other well-known name, near", guarded(_BOTH_KNOWN, near("given_l", "given_r")), None),
        ("other well-known name", _BOTH_KNOWN, None),
        ("other ending", _other_ending("given_key_l", "given_key_r"), None),
        ("one letter", _letters("given", 1), None),
        ("two letters", _letters("given", 2), None),
        ("begins alike", _prefix("given_l", "given_r"), None),
        ("alike", _alike("given"), None),
    ]


def family_levels() -> list[Level]:
    """Levels of the family name; feminine endings are folded before, particles are not in the key."""
    return [
        ("same", "family_l = family_r", "family"),
        ("variant", "family_key_l = family_key_r", None),
        ("one part of the other", contained("family_key"), None),
        ("one letter", _letters("family", 1), None),
        ("two letters", _letters("family", 2), None),
        ("initial", initial("family"), None),
        ("alike", _alike("family"), None),
    ]


def middle_levels() -> list[Level]:
    """Levels of middle names and patronymics: the father's name counts, not the ending."""
    return [
        ("same", "middle_l = middle_r", "middle"),
        ("variant", "middle_key_l = middle_key_r", None),
        ("initial or part", f"({initial('middle')}) OR {contained('middle_key')}", None),
        ("near", edits("middle_key_l", "middle_key_r", 2), None),
    ]


def whole_name_levels() -> list[Level]:
    """Levels of whole names as sets of words, for names whose parts are not known; last the ones that contradict."""
    left, right = "name_words_l", "name_words_r"
    return [
        ("other characters", guarded(_OTHER_CHARACTERS, f"list_has_any({left}, {right})"), None),
        ("same", "name_l = name_r", None),
        ("father and child exchanged", _exchanged(left, right), None),
        ("same words", "name_set_l = name_set_r", None),
        ("spelled together", _together(), None),
        ("one inside the other", inside(left, right), None),
        ("near words", all_explained(left, right), None),
        ("near words, one inside the other", one_explained(left, right), None),
        ("a word contradicts", f"list_has_any({left}, {right})", None),
    ]


ACCEPTED = (
    "same", "same words", "spelled together", "one inside the other", "near words", "near words, one inside the other",
)  # fmt: skip
"""Levels of whole names at which a screening of names alone would show the pair."""


def _letters(field: str, most: int) -> str:
    """At most `most` edits of the key or of the name as written: a wrong letter may change how its neighbours sound."""
    return " OR ".join(edits(f"{field}{of}_l", f"{field}{of}_r", most) for of in ("_key", ""))


def _other_ending(left: str, right: str) -> str:
    """The same but for vowels at the end: Daniel and Daniela, Mario and Maria."""
    alike = f"substr({left}, 1, 2) = substr({right}, 1, 2) AND abs(length({left}) - length({right})) <= 1"
    return guarded(alike, f"rtrim({left}, 'aeiou') = rtrim({right}, 'aeiou')")


def _alike(field: str) -> str:
    """Alike as a whole though more than two letters differ: Shakyray and Shahray."""
    return f"jaro_winkler_similarity({field}_l, {field}_r) >= {ALIKE}"


def _prefix(left: str, right: str) -> str:
    longer = f"greatest(length({left}), length({right})) > 3 AND least(length({left}), length({right})) > 1"
    return f"{longer} AND (starts_with({left}, {right}) OR starts_with({right}, {left}))"


def _exchanged(left: str, right: str) -> str:
    """Salman bin Muhammad and Muhammad bin Salman are two persons: the word before bin is the given name."""
    children = (f"regexp_matches(name_{side}, {_CHILD_OF})" for side in "lr")
    other = f"{left}[1] <> {right}[1] AND NOT {near(f'{left}[1]', f'{right}[1]')}"
    return guarded(f"{left}[1] <> {right}[1]", guarded(all_of(*children), other))


def _together() -> str:
    """Words glued or cut in other places: SergeyLavrov."""
    left, right = "replace(name_l, ' ', '')", "replace(name_r, ' ', '')"
    alike = "contains(name_l, ' ') <> contains(name_r, ' ') AND substr(name_l, 1, 1) = substr(name_r, 1, 1)"
    return guarded(alike, f"{left} = {right} OR {edits(left, right, 2)}")
