"""The standard form of one distinct person name.

Here: from raw parts to the columns of std_name. Not here: who is who among the words (splitting.py), organisations.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from quality.standardise import chinese
from quality.standardise.affixes import take_affixes, words_of
from quality.standardise.folding import fold, fold_family
from quality.standardise.keys import is_known, keys_of, native_key
from quality.standardise.name_lists import name_lists
from quality.standardise.scripts import ascii_word, cyrillic_language, latin_word, script_of
from quality.standardise.splitting import Split, Words, find_patronymic, split_words
from quality.standardise.text import CONTROL_REMOVED, clean, is_turkic, lower_case, title_case

_HAN = "Hans"


class RawName(NamedTuple):
    """One distinct row of raw name parts."""

    full: str | None
    given: str | None
    middle: str | None
    patronymic: str | None
    family: str | None
    suffix: str | None
    title: str | None
    order: str | None
    script: str | None
    party_type: str | None


class StandardName(NamedTuple):
    """One row of standard name columns; see rules/contracts/standard.py, StdName."""

    raw: str | None = None
    full: str | None = None
    given: str | None = None
    middle: str | None = None
    patronymic: str | None = None
    family: str | None = None
    suffix: str | None = None
    title: str | None = None
    org_core: str | None = None
    legal_form: str | None = None
    script: str | None = None
    latin: str | None = None
    ascii: str | None = None
    given_ascii: str | None = None
    middle_ascii: str | None = None
    family_ascii: str | None = None
    given_key: str | None = None
    middle_key: str | None = None
    family_key: str | None = None
    given_known: bool | None = None
    native_key: str | None = None
    org_key: str | None = None
    org_own: str | None = None
    org_initials: str | None = None
    valid: bool = True
    reason: str | None = None


def raw_text(name: RawName) -> str:
    """The raw value as one text: the full name, else the parts joined by a space."""
    parts = (name.full,) if name.full else (name.given, name.middle, name.patronymic, name.family, name.suffix)
    return " ".join(part for part in parts if part)


def standard_person(name: RawName) -> StandardName:
    """Standard form of one person name; never raises, `valid` and `reason` say what is wrong."""
    raw = raw_text(name)
    text, removed = clean(raw)
    script, turkic = script_of(text), is_turkic(text)
    language = cyrillic_language(text, name.script) if script == "Cyrl" else "ru"
    source, words = _parts(name, text, script)
    parts = _spelled(source, turkic)
    given, middle, family = _ascii_parts(parts, script, language)
    whole = " ".join(filter(None, (given, middle, family)))
    first, second, last = keys_of(given, middle, family, bool(parts.patronymic))
    shown = _full(parts, _spell(words, turkic), script)
    problem = problem_of(text, whole)
    return StandardName(
        raw=raw or None,
        full=(text if problem else shown) or None,
        given=_joined(parts.given, script),
        middle=_joined(parts.middle, script),
        patronymic=_joined(parts.patronymic, script),
        family=_joined(parts.family, script),
        suffix=parts.suffix,
        title=parts.title,
        script=script,
        latin=_latin(shown, parts, script, language) or None,
        ascii=whole or None,
        given_ascii=given or None,
        middle_ascii=middle or None,
        family_ascii=family or None,
        given_key=first or None,
        middle_key=second or None,
        family_key=last or None,
        given_known=is_known(given) if given else None,
        native_key=native_key(shown, script),
        valid=problem is None,
        reason="; ".join(filter(None, (problem, CONTROL_REMOVED if removed else None))) or None,
    )


def problem_of(text: str, whole: str, person: bool = True) -> str | None:
    """Why `text`, whose ASCII form is `whole`, is no name of a person or organisation; None when it may be one."""
    lists, letters = name_lists(), set(whole) - set(" 0123456789")
    if not text:
        return "empty"
    if not letters:
        return "digits only" if any(map(str.isdigit, text)) else "no letters"
    if len(letters) == 1 and person:
        return "placeholder" if len(whole) > 2 else "too short" if len(whole) == 1 and text.isascii() else None
    listed, words = lists.placeholder_words, text.lower().replace(",", " ").split()
    if whole in lists.placeholder_names or listed.issuperset(whole.split()) or listed.issuperset(words):
        return "placeholder"
    if person and len(words) < 4 and lists.titles.issuperset([word.rstrip(".") for word in words]):
        return "title only"
    return None


def _parts(name: RawName, text: str, script: str | None) -> tuple[Split, list[str]]:
    """The parts, and the words of the full name in source order (none when it must be put together from the parts)."""
    if name.given or name.family:
        return _declared_parts(name, script), []
    text, han_title = _take_han_title(text) if script == _HAN else (text, None)
    words, suffix, title = take_affixes(words_of(text))
    suffix, title = _suffix(name.suffix) or suffix, _clean_part(name.title) or title or han_title
    if script == _HAN:
        given, family = chinese.split_han(" ".join(words))
        return Split(_words(given), (), (), _words(family), suffix, title), []
    if script == "Kore" and len(words) == 1 and 1 < len(words[0]) < 5:
        return Split((words[0][1:],), (), (), (words[0][0],), suffix, title), words
    split = split_words(words, name.order)
    declared = tuple(words_of(_clean_part(name.patronymic) or ""))
    parts = split._replace(suffix=suffix, title=title, patronymic=split.patronymic or declared)
    return parts, [] if "," in words else words


def _declared_parts(name: RawName, script: str | None) -> Split:
    given, suffix, title = take_affixes(_part_words(name.given))
    family, family_suffix, family_title = take_affixes(_part_words(name.family))
    middle, patronymic = _part_words(name.middle), _part_words(name.patronymic)
    suffix = _suffix(name.suffix) or family_suffix or suffix
    title = _clean_part(name.title) or title or family_title
    if given and not family and len(given) > 1 and not patronymic:
        return split_words(given, name.order)._replace(suffix=suffix, title=title)
    names = given + middle
    found = None if patronymic or len(names) < 2 else find_patronymic(names, declared=True)
    if found and found[0] > 0:
        patronymic, names = names[slice(*found)], names[: found[0]] + names[found[1] :]
    if script == _HAN:
        return Split(_words("".join(names)), (), (), _words("".join(family)), suffix, title)
    return Split(tuple(names[:1]), tuple(names[1:]), tuple(patronymic), tuple(family), suffix, title)


def _part_words(part: str | None) -> list[str]:
    return [word for word in words_of(clean(part)[0]) if word != ","] if part else []


def _clean_part(part: str | None) -> str | None:
    return clean(part)[0].rstrip(".") or None if part else None


def _suffix(part: str | None) -> str | None:
    cleaned = _clean_part(part)
    return name_lists().suffixes.get(cleaned.lower(), cleaned) if cleaned else None


def _take_han_title(text: str) -> tuple[str, str | None]:
    found = next((title for title in _han_titles() if text.endswith(title) and text != title), None)
    return (text.removesuffix(found), found) if found else (text, None)


@cache
def _han_titles() -> tuple[str, ...]:
    return tuple(sorted(title for title in name_lists().titles if script_of(title) == _HAN))


def _words(text: str) -> Words:
    return (text,) if text else ()


def _spelled(parts: Split, turkic: bool) -> Split:
    given, middle, patronymic, family = (_spell(part, turkic) for part in parts[:4])
    return parts._replace(given=given, middle=middle, patronymic=patronymic, family=family)


def _spell(words: Iterable[str], turkic: bool) -> Words:
    return tuple([_spell_word(word, turkic) for word in words])


@lru_cache(maxsize=200_000)
def _spell_word(word: str, turkic: bool) -> str:
    lists = name_lists()
    if word.lower() in lists.patronymic_particles:
        return lower_case(word, turkic)
    return word if word in lists.family_particles else title_case(word, turkic)


def _ascii_parts(parts: Split, script: str | None, language: str) -> tuple[str, str, str]:
    if script == _HAN:
        given, family = "".join(parts.given), "".join(parts.family)
        return _ascii((chinese.pinyin(given),), language), "", _ascii((chinese.surname_pinyin(family),), language)
    particles = name_lists().patronymic_particles
    patronymic = tuple(word for word in parts.patronymic if word.lower() not in particles)
    family = _ascii(parts.family, language, family=True)
    given, middle = _ascii(parts.given, language), _ascii((*parts.middle, *patronymic), language)
    if (
        (middle or " " in given)
        and family in chinese.surname_rank()
        and all(map(chinese.is_syllable, f"{given} {middle}".split()))
    ):
        return fold(f"{given}{middle}".replace(" ", "")), "", family
    return given, middle, family


def _ascii(words: Words, language: str, family: bool = False) -> str:
    return " ".join(filter(None, [_ascii_word(word, language, family) for word in words]))


@lru_cache(maxsize=300_000)
def _ascii_word(word: str, language: str, family: bool) -> str:
    final = fold_family if family else fold
    return " ".join(final(token) for token in ascii_word(word, language).split())


def _full(parts: Split, words: Words, script: str | None) -> str:
    if script == _HAN:
        return _joined((*parts.family, *parts.given), script) or ""
    ordered = words or (*parts.given, *parts.middle, *parts.patronymic, *parts.family)
    return " ".join((*ordered, parts.suffix) if parts.suffix else ordered)


def _joined(words: Words, script: str | None) -> str | None:
    return ("" if script == _HAN else " ").join(words) or None


def _latin(shown: str, parts: Split, script: str | None, language: str) -> str:
    if script in {"Latn", None} and shown.isascii():
        return shown
    if script == _HAN:
        family, given = chinese.surname_pinyin("".join(parts.family)), chinese.pinyin("".join(parts.given))
        return " ".join(filter(None, (family.capitalize(), given.capitalize())))
    latin = (latin_word(word, language) for word in shown.split())
    return " ".join(latin if script in {"Latn", "Cyrl"} else map(title_case, latin))
