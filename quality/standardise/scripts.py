"""Which script a text is in, its Latin form, and plain ASCII of one word.

Here: alphabets. Not here: spelling variants that are folded for comparison (folding.py), Chinese (chinese.py).
Romanisation of Russian follows the passport tables (ICAO 9303) with kh, zh, ts, ya; Ukrainian the resolution 55 of
2010; Azerbaijani Cyrillic is mapped letter by letter onto the Azerbaijani Latin alphabet.
"""

import re
from collections import Counter
from functools import lru_cache

import icu
from anyascii import anyascii

_ICU_NAMES = {"Hani": "Hans", "Hang": "Kore", "Hira": "Jpan", "Kana": "Jpan"}
_RUSSIAN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya".replace("_", "").split(" "),
        strict=True,
    )
) | {"і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "w", "қ": "q", "ң": "n", "ұ": "u", "ә": "ə", "ғ": "ğ"}
_UKRAINIAN = _RUSSIAN | {"г": "h", "и": "y", "і": "i", "ї": "i", "є": "ie", "й": "i", "ю": "iu", "я": "ia", "'": ""}
_UKRAINIAN_INITIAL = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_AZERBAIJANI = dict(
    zip(
        "абвгғдеәжзиыјкҝлмноөпрстуүфхһчҹшйёэюяцщьъ",
        "a b v q ğ d e ə j z i ı y k g l m n o ö p r s t u ü f x h ç c ş y yo e yu ya ts ş _ _".replace("_", "").split(
            " "
        ),
        strict=True,
    )
)
_TABLES = {
    language: str.maketrans(table | {letter.upper(): latin.capitalize() for letter, latin in table.items()})
    for language, table in {"ru": _RUSSIAN, "uk": _UKRAINIAN, "az": _AZERBAIJANI}.items()
}
# Letters of which ICU's choice differs from bank practice; carons come from ISO 9 romanisation of Cyrillic.
_SPECIAL = str.maketrans(
    {"ə": "a", "Ə": "a", "ı": "i", "İ": "i", "Š": "sh", "š": "sh", "Č": "ch", "č": "ch", "Ž": "zh", "ž": "zh"}
    | {"Ŝ": "shch", "ŝ": "shch", "'": "", '"': "", "`": "", "ʺ": ""}
)
_ISO9 = ((re.compile("(?<=[aeioAEIOlLnN'])[âÂ]|[âÂ](?=$)|^[âÂ]"), "ya"), (re.compile("[ûÛ]"), "yu"))
_TO_ASCII = icu.Transliterator.createInstance("Any-Latin; Latin-ASCII; Lower")
_TO_LATIN = icu.Transliterator.createInstance("Any-Latin; NFC")
_CYRILLIC_ONLY = re.compile("[ а-яА-ЯёЁіїєґІЇЄҐ'-]*[а-яА-ЯёЁ][ а-яА-ЯёЁіїєґІЇЄҐ'-]*")
_AZERBAIJANI_SIGN = re.compile("[әғҝҹһөүјӘҒҜҸҺӨҮЈ]")
_UKRAINIAN_SIGN = re.compile("[іїєґ]|[сцз]ьк|йович", re.IGNORECASE)
_SHORT_I = re.compile("й(?=[бвгджзклмнпрстфхцчшщ])")
_SOFT_E = re.compile("[ьъЬЪ](?=[еёЕЁ])")
_NOT_PLAIN = re.compile(r"[^a-z0-9 ]+")


@lru_cache(maxsize=20_000)
def _script_of_letter(letter: str) -> str:
    name = str(icu.Script.getScript(letter).getShortName()) if letter.isalpha() else ""
    return _ICU_NAMES.get(name, name if name not in {"Zyyy", "Zinh", "Zzzz"} else "")


def script_of(text: str) -> str | None:
    """ISO 15924 code of most letters (Latn, Cyrl, Hans, …; the smaller code on a tie), None when there is no letter."""
    if text.isascii():
        return "Latn" if any(map(str.isalpha, text)) else None
    if _CYRILLIC_ONLY.fullmatch(text):
        return "Cyrl"
    counts = Counter(filter(None, map(_script_of_letter, text)))
    return min(counts, key=lambda code: (-counts[code], code)) if counts else None


def cyrillic_language(text: str, hint: str | None = None) -> str:
    """`az`, `uk` or `ru` by the letters only that language has; else by `hint` (a tag such as az-Cyrl)."""
    if _AZERBAIJANI_SIGN.search(text):
        return "az"
    if _UKRAINIAN_SIGN.search(text):
        return "uk"
    declared = (hint or "").lower().split("-")[0]
    return declared if declared in _TABLES else "ru"


@lru_cache(maxsize=300_000)
def latin_word(word: str, language: str = "ru") -> str:
    """One word in Latin letters; Cyrillic by the table of `language`, other scripts by ICU."""
    if word.isascii():
        return word
    if language == "uk" and word[:1].lower() in _UKRAINIAN_INITIAL:
        first = _UKRAINIAN_INITIAL[word[0].lower()]
        word = (first.capitalize() if word[0].isupper() else first) + word[1:]
    word = _SHORT_I.sub("i", _SOFT_E.sub("y", word)) if language == "ru" else word
    latin = word.translate(_TABLES.get(language, _TABLES["ru"]))
    return latin if script_of(latin) in {"Latn", None} else str(_TO_LATIN.transliterate(latin))


@lru_cache(maxsize=300_000)
def ascii_word(word: str, language: str = "ru") -> str:
    """One word as lower-case ASCII letters, digits and inner spaces (from hyphens); apostrophes dropped."""
    latin = latin_word(word, language)
    if not latin.isascii():
        for pattern, plain in _ISO9:
            latin = pattern.sub(plain, latin)
        latin = str(_TO_ASCII.transliterate(latin.translate(_SPECIAL)))
        latin = latin if latin.isascii() else anyascii(latin)
    plain = _NOT_PLAIN.sub(" ", latin.lower().replace("'", "").replace("`", "").replace('"', ""))
    return " ".join(plain.split())
