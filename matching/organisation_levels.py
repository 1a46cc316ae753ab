"""The ladder for names of organisations: words that are its own decide, common words and legal forms are apart.

Here: two standard names of organisations, strongest level first, as SQL conditions. Not here: persons
(name_levels.py), which words are common (rules/reference/organisation_words.csv), what a level is worth (the model).
Every condition is symmetric in left and right and reads ASCII only. Contradictions (another number, another legal
form, a word that only one side has) are levels of their own, never hidden in a nearer one.
"""

from matching.word_levels import Level, all_explained, all_of, guarded, one_explained, roughly, word_set

_NUMBER = "regexp_matches(w, '[0-9]')"
_WORDS = "coalesce(string_split({}, ' '), [])"
_PLAIN = f"list_filter({_WORDS.format('org_key')}, lambda w: NOT {_NUMBER})"
COLUMNS = {
    "name": "org_core",
    "name_words": _PLAIN,
    "name_set": word_set(_PLAIN),
    "own_words": _WORDS.format("org_own"),
    "own_set": word_set(_WORDS.format("org_own")),
    "numbers": f"list_sort(list_filter({_WORDS.format('org_key')}, lambda w: {_NUMBER}))",
    "initials": "org_initials",
    "legal_form": "legal_form",
}
"""Columns that the ladder reads, as expressions over std_name; computed once a record."""
READS = tuple(COLUMNS)
_FORMS = "coalesce(legal_form_l = legal_form_r, true)"
_NUMBERS = "numbers_l = numbers_r"
_SERIES = "numbers_l <> numbers_r AND len(numbers_l) > 0 AND len(numbers_l) = len(numbers_r)"
_TOGETHER = guarded(
    "substr(name_l, 1, 1) = substr(name_r, 1, 1)", "replace(name_l, ' ', '') = replace(name_r, ' ', '')"
)
_LETTERS = guarded(
    "least(length(name_l), length(name_r)) BETWEEN 3 AND 6 AND contains(name_l, ' ') <> contains(name_r, ' ')",
    "coalesce(initials_l = name_r, false) OR coalesce(initials_r = name_l, false)",
)


def organisation_levels() -> list[Level]:
    """Levels of organisation names: `name_words` are the words of the key without numbers, `numbers` are sorted."""
    same, own_same = "name_set_l = name_set_r", "own_set_l = own_set_r"
    near = roughly("name_set_l", "name_set_r", all_explained("name_words_l", "name_words_r"))
    return [
        ("other legal form", guarded("legal_form_l <> legal_form_r", all_of(_NUMBERS, same)), None),
        ("same", "name_l = name_r", "name"),
        ("same words", guarded(_NUMBERS, same), None),
        ("spelled together", all_of(_FORMS, _TOGETHER), None),
        ("first letters", all_of(_FORMS, _LETTERS), None),
        ("near words", guarded(all_of(_FORMS, _NUMBERS), near), None),
        ("another number", guarded(all_of(_FORMS, _SERIES), f"({same}) OR ({near})"), None),
        ("one inside the other", guarded(_NUMBERS, one_explained("name_words_l", "name_words_r")), None),
        ("common words differ", guarded(_NUMBERS, own_same), None),
        ("own words same, number differs", own_same, None),
        ("a word shared", "list_has_any(own_words_l, own_words_r)", None),
    ]


ACCEPTED = ("same", "same words", "spelled together", "first letters", "near words")
"""Levels at which two names may be one organisation, by the names alone."""

SCREENED = (*ACCEPTED, "another number")
"""Levels at which a screening of names shows the pair: funds and trusts of one series (Fund V, Fund VI) included."""
