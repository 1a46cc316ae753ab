"""The standard form of one distinct organisation name.

Here: legal forms (own table first, then rigour's at the end of the name) and the core name. Not here: persons.
Codes: LLC, JSC, LP, LLP, IE (individual entrepreneur), SUE (state enterprise), NPO, COOP; the same in all languages,
so that OOO, MMC, SRL and 有限公司 agree.
"""

import re
from functools import cache, lru_cache

from rigour.names import extract_org_types
from rigour.text import levenshtein

from quality.standardise import chinese
from quality.standardise.folding import fold
from quality.standardise.name_lists import table
from quality.standardise.organisation_words import organisation_keys
from quality.standardise.persons import RawName, StandardName, problem_of, raw_text
from quality.standardise.scripts import ascii_word, cyrillic_language, latin_word, script_of
from quality.standardise.text import CONTROL_REMOVED, MARKS, clean, is_turkic

_QUOTES = re.compile("[«»“”„‟‹›\"]|(?<!\\w)'|'(?!\\w)")
_DOTTED = re.compile(r"(?<=\w)\.(?=\w\b)|(?<=\b\w)\.(?=\W|$)")
_NOT_WORD = re.compile(rf"[^\w'&+{MARKS}]+|_")
_HAN_NOISE = re.compile(r"[\W_]+")
_AND = {"&": "and", "+": "plus"}
_GENERIC = {"llc": "LLC", "jsc": "JSC", "lp": "LP", "llp": "LLP", "sp": "IE"}
_LONGEST = 8
_ENGLISH_LEADS = ("jsc", "llc", "llp")
_GLUED = re.compile(r"(?<=[a-z]{3})(?=(?:AG|GmbH|LLC|LLP|JSC|MMC|ASC|QSC|OOO|OAO|SRL)$)")


def standard_organisation(name: RawName) -> StandardName:
    """Standard form of one organisation name; never raises, `valid` and `reason` say what is wrong."""
    raw = raw_text(name)
    text, removed = clean(raw)
    script = script_of(text)
    language = cyrillic_language(text, name.script) if script == "Cyrl" else "ru"
    unquoted = " ".join(_QUOTES.sub(" ", text).split())
    core, code = split_han_form(unquoted) if script == "Hans" else split_form(unquoted)
    plain = _plain(core, script, language)
    whole = " ".join(filter(None, (plain, (code or "").lower()))) or None
    keys = organisation_keys(plain or whole or "")
    problem = problem_of(text, plain, person=False) if plain or not code else "legal form only"
    reasons = "; ".join(filter(None, (problem, CONTROL_REMOVED if removed else None)))
    return StandardName(
        raw=raw or None,
        full=unquoted or text or None,
        org_core=plain or whole,
        legal_form=code,
        script=script,
        latin=_latin(unquoted, script, language) or None,
        ascii=whole,
        org_key=keys.key,
        org_own=keys.own,
        org_initials=keys.initials,
        valid=problem is None,
        reason=reasons or None,
    )


def split_form(text: str) -> tuple[list[str], str | None]:
    """(words of the core name, legal form code) of a name in an alphabetic script."""
    words = _words(_GLUED.sub(" ", text))
    left, code = _take(words)
    if code is None and (found := extract_org_types(text.casefold(), generic=True)):
        alias, generic = found[-1]
        size = len(_words(alias))
        if generic in _GENERIC and words[-size:] == _words(alias) and len(words) > size:
            return words[:-size], _GENERIC[generic]
    return left, code


def split_han_form(text: str) -> tuple[list[str], str | None]:
    """(dictionary words of the core name, legal form code) of a Chinese name."""
    joined = _HAN_NOISE.sub("", text)
    for alias, code in _han_forms():
        if joined.endswith(alias):
            return [joined.removesuffix(alias)], code
    return [joined], None


def _words(text: str) -> list[str]:
    lowered = text.replace("İ", "i").replace("I", "ı").lower() if is_turkic(text) else text.lower()
    return [word for word in _NOT_WORD.sub(" ", _DOTTED.sub("", lowered)).replace("&", " & ").split() if word != "'"]


@lru_cache(maxsize=200_000)
def _key(word: str) -> str:
    """Spelling for looking up a legal form: ASCII for Latin words, else as it is; misspelt words mended."""
    return _mended(_plain_word(word))


def _mended(word: str) -> str:
    """The word of a legal form that a misspelt word stands for (joynt stock compan, aktiengeselschaft), else itself."""
    known = _form_words()
    if len(word) < 5 or word in known:
        return word
    near = (form for form in known if form[0] == word[0] and abs(len(form) - len(word)) < 2)
    return next((form for form in near if levenshtein(form, word) == 1), word)


@cache
def _form_words() -> tuple[str, ...]:
    """Words of legal forms worth mending: five letters or more inside a longer form, nine or more alone."""
    forms = [alias.split() for _, alias, _ in table("legal_forms.csv")]
    return tuple(sorted({w for form in forms for w in map(_plain_word, form) if len(w) > (4 if len(form) > 1 else 8)}))


def _plain_word(word: str) -> str:
    return ascii_word(word) or word if script_of(word) == "Latn" else word


@cache
def _forms() -> dict[tuple[str, ...], tuple[str, str]]:
    return {
        tuple(map(_plain_word, _words(alias))): (code, language) for code, alias, language in table("legal_forms.csv")
    }


@cache
def _edges() -> tuple[frozenset[str], frozenset[str]]:
    """First and last words of all legal forms: most names are settled by one look."""
    return frozenset(form[0] for form in _forms()), frozenset(form[-1] for form in _forms())


@cache
def _han_forms() -> tuple[tuple[str, str], ...]:
    rows = [
        (alias, code) for code, alias, language in table("legal_forms.csv") if language == "zh" and not alias.isascii()
    ]
    return tuple(sorted(rows, key=lambda row: (-len(row[0]), row[0])))


def _take(words: list[str]) -> tuple[list[str], str | None]:
    """Take legal forms off the end, then off the beginning, until none is left; the first one found gives the code."""
    keys, code = [_key(word) for word in words], None
    starts, ends = _edges()
    while keys:
        at_end = _longest(keys, end=True) if keys[-1] in ends else None
        found = at_end or (_longest(keys, end=False) if keys[0] in starts else None)
        if found is None:
            break
        size, code = found[0], code or found[1]
        words, keys = (words[:-size], keys[:-size]) if at_end else (words[size:], keys[size:])
    # S.C., societate comercială, stands before Romanian names that end in a form of their own
    return (words[1:] if code and keys[:1] == ["sc"] and len(keys) > 1 else words), code


def _longest(keys: list[str], end: bool) -> tuple[int, str] | None:
    for size in range(min(_LONGEST, len(keys)), 0, -1):
        form = tuple(keys[-size:] if end else keys[:size])
        code, language = _forms().get(form, (None, ""))
        if code and (end or _leads(form, language)):
            return size, code
    return None


def _leads(form: tuple[str, ...], language: str) -> bool:
    """A form may begin a name, save two Latin letters (AS Roma) and English ones that are words (Limited Brands)."""
    text = "".join(form)
    if language == "en":
        return len(form) > 2 or text.endswith(_ENGLISH_LEADS)
    return len(text) > 2 or not text.isascii()


def _plain(words: list[str], script: str | None, language: str) -> str:
    if script == "Hans":
        words = [part for word in words for part in chinese.pinyin_words(word).split()]
    plain = [fold(token) for word in words for token in (_AND.get(word) or ascii_word(word, language)).split()]
    return " ".join(plain[1:] if len(plain) > 1 and plain[0] == "the" else plain)


def _latin(text: str, script: str | None, language: str) -> str:
    if script in {"Latn", None}:
        return text
    if script == "Hans":
        return " ".join(word.capitalize() for word in chinese.pinyin_words(_HAN_NOISE.sub("", text)).split())
    return " ".join(latin_word(word, language) for word in text.split())
