"""Comparisons by kind of field: each a declared ladder of levels, strongest first, as SQL conditions.

Here: what counts as near. Not here: which fields are compared (rules/matching) or what a level is worth (the model).
Every condition is symmetric in left and right. Fuzzy functions see ASCII only: DuckDB counts bytes.
"""

from collections.abc import Callable
from typing import Any

from matching.name_levels import (
    EXCHANGED,
    FAMILY_READS,
    GIVEN_READS,
    MIDDLE_READS,
    family_levels,
    given_levels,
    middle_levels,
)  # fmt: skip
from matching.organisation_levels import READS as ORGANISATION_READS
from matching.organisation_levels import organisation_levels
from matching.word_levels import Level, contained, guarded, some
from rules.matching import Comparison

LOCAL_DIGITS = 7
"""Digits at the end of a phone number by which it is known within its area."""


def comparison(declared: Comparison) -> dict[str, Any]:
    """Splink's comparison dictionary for a declared comparison; its output is named after the field."""
    null, levels = _KINDS[declared.kind](declared.field)
    ladder: list[dict[str, Any]] = [{"sql_condition": null, "label_for_charts": "missing", "is_null_level": True}]
    ladder += [_level(*level) for level in levels]
    ladder.append({"sql_condition": "ELSE", "label_for_charts": "different"})
    return {
        "output_column_name": declared.field,
        "comparison_description": f"{declared.field} ({declared.kind})",
        "comparison_levels": ladder,
    }


def labels(declared: Comparison) -> list[str]:
    """Level names by Splink's gamma value: 0 = different, highest = strongest (-1 is missing)."""
    _, levels = _KINDS[declared.kind](declared.field)
    return ["different", *reversed([label for label, _, _ in levels])]


def columns(declared: Comparison) -> tuple[str, ...]:
    """Match projection columns that the comparison reads."""
    return _READS.get(declared.kind, (declared.field,))


def _level(label: str, condition: str, frequency: str | None) -> dict[str, Any]:
    """Frequencies adjust the level that they are given to; Splink would parse every condition to find it again."""
    level: dict[str, Any] = {"sql_condition": condition, "label_for_charts": label}
    if frequency:
        level |= {"tf_adjustment_column": frequency, "tf_adjustment_weight": 1.0, "tf_minimum_u_value": 1e-5}
        level["disable_tf_exact_match_detection"] = True
    return level


def _missing(field: str) -> str:
    return f"{field}_l IS NULL OR {field}_r IS NULL"


def _none(field: str) -> str:
    """Missing for a list field: an empty list says no more than no list."""
    return f"coalesce(len({field}_l), 0) = 0 OR coalesce(len({field}_r), 0) = 0"


def _near(field: str, least: float) -> str:
    return f"jaro_winkler_similarity({field}_l, {field}_r) >= {least}"


def _edits(left: str, right: str, most: int) -> str:
    """At most `most` edits, an exchange of neighbours counting one.

    Cheap measures come first: an edit takes no more than 1.3 letters' share off the Jaro similarity, and an exchange
    counts two in the plain distance. The true distance is eighty times as slow.
    """
    alike = f"jaro_similarity({left}, {right}) >= 1 - {1.3 * most} / least(length({left}), length({right}))"
    plain = f"levenshtein({left}, {right})"
    exchanged = guarded(f"{plain} <= {2 * most}", f"damerau_levenshtein({left}, {right}) <= {most}")
    return guarded(alike, f"CASE WHEN {plain} <= {most} THEN true ELSE {exchanged} END")


def _given_name(field: str) -> tuple[str, list[Level]]:
    return _missing(field), given_levels()


def _family_name(field: str) -> tuple[str, list[Level]]:
    """Missing too where it stands in the other's given name: the given name has counted that."""
    return f"{_missing(field)} OR {EXCHANGED}", family_levels()


def _other_name(field: str) -> tuple[str, list[Level]]:
    return _missing(field), middle_levels()


def _organisation_name(field: str) -> tuple[str, list[Level]]:
    return _missing(field), organisation_levels()


def _date(field: str) -> tuple[str, list[Level]]:
    swap = (
        f"substr({field}_l, 1, 4) = substr({field}_r, 1, 4) AND substr({field}_l, 6, 2) = substr({field}_r, 9, 2)"
        f" AND substr({field}_l, 9, 2) = substr({field}_r, 6, 2)"
    )
    return _missing(field), [
        ("same", f"{field}_l = {field}_r", field),
        ("day and month swapped", swap, None),
        ("one digit", _digits(field, 1), None),
        ("one component", _one_component(field), None),
        ("same year", f"substr({field}_l, 1, 4) = substr({field}_r, 1, 4)", None),
        ("two digits", _digits(field, 2), None),
    ]


def _digits(field: str, most: int) -> str:
    """At most `most` different digits; DuckDB's hamming raises for texts of unequal length (a year alone)."""
    return guarded(f"length({field}_l) = length({field}_r)", f"hamming({field}_l, {field}_r) <= {most}")


def _one_component(field: str) -> str:
    year, month, day = (f"substr({field}_{{0}}, {start}, {size})" for start, size in ((1, 4), (6, 2), (9, 2)))

    def same(part: str) -> str:
        return f"{part.format('l')} = {part.format('r')}"

    return f"({same(year)} AND ({same(month)} OR {same(day)})) OR ({same(month)} AND {same(day)})"


def _place(field: str) -> tuple[str, list[Level]]:
    return _missing(field), [
        ("same", f"{field}_l = {field}_r", field),
        ("near", f"{_near(field, 0.88)} OR {contained(field)}", None),
    ]


def _category(field: str) -> tuple[str, list[Level]]:
    return _missing(field), [("same", f"{field}_l = {field}_r", field)]


def _identifier(field: str) -> tuple[str, list[Level]]:
    """Numbers of one type are compared; of others nothing can be said. The type of `other:tax:1` is `other:tax`."""
    types = f"list_transform({field}_{{0}}, lambda x: left(x, length(x) - length(split_part(x, ':', -1))))"
    apart = f"NOT list_has_any({types.format('l')}, {types.format('r')})"
    return f"{_none(field)} OR {apart}", [
        ("same document", f"list_has_any({field}_l, {field}_r)", None),
        ("one digit", some(field, _edits("v", "w", 1)), None),
        ("two digits", some(field, _edits("v", "w", 2)), None),
    ]


def _phone(field: str) -> tuple[str, list[Level]]:
    """A number written without its country or area (no +) still ends like the whole one."""
    endings = f"list_transform({field}_{{}}, lambda x: right(x, {LOCAL_DIGITS}))"
    short = f"NOT (starts_with(v, '+') AND starts_with(w, '+')) AND right(v, {LOCAL_DIGITS}) = right(w, {LOCAL_DIGITS})"
    alike = guarded(f"list_has_any({endings.format('l')}, {endings.format('r')})", some(field, short))
    return _none(field), [
        ("same", f"list_has_any({field}_l, {field}_r)", None),
        ("same ending", alike, None),
        ("one digit", some(field, _edits("v", "w", 1)), None),
    ]


def _email(field: str) -> tuple[str, list[Level]]:
    users = "split_part(v, '@', 1) = split_part(w, '@', 1) AND strpos(v, '@') > 5"
    return _none(field), [
        ("same", f"list_has_any({field}_l, {field}_r)", None),
        ("same user", some(field, users), None),
        ("near", some(field, "jaro_winkler_similarity(v, w) >= 0.95"), None),
    ]


def _address(field: str) -> tuple[str, list[Level]]:
    dwelling = guarded(
        "house_l = house_r AND (unit_l = unit_r OR unit_l IS NULL OR unit_r IS NULL)",
        "jaro_winkler_similarity(street_l, street_r) >= 0.9"
        " AND (postcode_l = postcode_r OR jaro_winkler_similarity(city_l, city_r) >= 0.9)",
    )
    district = guarded(
        "length(postcode_l) > 4 AND substr(postcode_l, 1, 2) = substr(postcode_r, 1, 2)",
        "substr(postcode_l, 1, length(postcode_l) - 3) = substr(postcode_r, 1, length(postcode_r) - 3)",
    )
    missing = f"({_missing(field)}) AND ({_missing('postcode')}) AND ({_missing('city')})"
    return missing, [
        ("same text", f"{field}_l = {field}_r", field),
        ("same dwelling", dwelling, None),
        ("near text", f"({field}_l IS NOT NULL AND {_near(field, 0.93)}) OR {_reordered(field)}", None),
        ("same postcode", "postcode_l = postcode_r", "postcode"),
        ("near postcode", f"({district}) OR {_edits('postcode_l', 'postcode_r', 1)}", None),
        ("same city", "city_l = city_r", "city"),
        ("near city", "jaro_winkler_similarity(city_l, city_r) >= 0.93", None),
    ]


def _reordered(field: str) -> str:
    """All words of one address, a number and two more at least, are words of the other, in whatever order."""
    left, right = f"string_split({field}_l, ' ')", f"string_split({field}_r, ' ')"
    shorter = f"if(length({field}_l) < length({field}_r), {field}_l, {field}_r)"
    inside = f"list_has_all({left}, {right}) OR list_has_all({right}, {left})"
    return guarded(f"regexp_matches({shorter}, ' .* ') AND regexp_matches({shorter}, '[0-9]')", inside)


_KINDS: dict[str, Callable[[str], tuple[str, list[Level]]]] = {
    "given_name": _given_name,
    "family_name": _family_name,
    "other_name": _other_name,
    "organisation_name": _organisation_name,
    "date": _date,
    "place": _place,
    "category": _category,
    "identifier": _identifier,
    "phone": _phone,
    "email": _email,
    "address": _address,
}
_READS: dict[str, tuple[str, ...]] = {
    "given_name": GIVEN_READS,
    "family_name": FAMILY_READS,
    "other_name": MIDDLE_READS,
    "organisation_name": ORGANISATION_READS,
    "address": ("address", "street", "house", "unit", "city", "postcode"),
}
