"""How two records stand to each other in what a decision rests on: agrees, near, contradicts, or unknown.

Here: SQL over `l` and `r`, two rows of the match projection. Not here: what a changed kind leads to
(stages/decisions), what a difference weighs (comparisons).
"""

from matching.contradictions import far_dates, other_names

UNKNOWN = "unknown"
_TYPES = "list_transform({}.lifelong, lambda x: split_part(x, ':', 1))"
_SLIP = (
    "len(list_filter(l.lifelong, lambda x: len(list_filter(r.lifelong, lambda y:"
    " CASE WHEN length(x) = length(y) THEN hamming(x, y) <= 1 ELSE false END)) > 0)) > 0"
)
_LIFELONG = f"""
    CASE WHEN NOT coalesce(list_has_any({_TYPES.format("l")}, {_TYPES.format("r")}), false) THEN '{UNKNOWN}'
         WHEN list_has_any(l.lifelong, r.lifelong) THEN 'agrees' WHEN {_SLIP} THEN 'near' ELSE 'contradicts' END"""
_BIRTH_DATE = f"""
    CASE WHEN l.birth_date IS NULL OR r.birth_date IS NULL THEN '{UNKNOWN}'
         WHEN l.birth_date = r.birth_date THEN 'agrees' WHEN {far_dates()} THEN 'contradicts' ELSE 'near' END"""
_PERSON = f"""
    CASE WHEN l.given IS NULL OR r.given IS NULL OR l.family IS NULL OR r.family IS NULL THEN '{UNKNOWN}'
         WHEN l.given = r.given AND l.family = r.family THEN 'agrees' WHEN {other_names()} THEN 'contradicts'
         ELSE 'near' END"""
_ORGANISATION = f"""
    CASE WHEN l.name IS NULL OR r.name IS NULL THEN '{UNKNOWN}'
         WHEN l.name = r.name OR l.name_set = r.name_set THEN 'agrees'
         WHEN list_has_any(l.own_words, r.own_words) THEN 'near' ELSE 'contradicts' END"""

MATTERED = (
    "given", "middle", "family", "name", "native_key", "sex", "birth_date", "birth_place", "occupation", "country",
    "identifiers", "lifelong", "phones", "emails", "street", "house", "unit", "city", "region", "postcode",
)  # fmt: skip
"""Columns of the projection that evidence consists of."""


def kinds(party_type: str) -> dict[str, str]:
    """The kind of each part of the evidence, as SQL over `l` and `r`."""
    return {
        "lifelong": _LIFELONG,
        "birth_date": _BIRTH_DATE,
        "name": _PERSON if party_type == "person" else _ORGANISATION,
    }


def values(side: str) -> str:
    """The values of one record that evidence consists of, as one text, in SQL."""
    return f"to_json({{{', '.join(f'{name}: {side}.{name}' for name in MATTERED)}}})"
