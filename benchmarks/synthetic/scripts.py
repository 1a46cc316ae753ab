"""One word in several spellings: native, national Latin, passport, ISO 9, informal, ASCII.

Here: the spelling rules, applied to distinct words only. Not here: which source writes which (sources/).
Rules: ISO 9:1995 (diacritics), ICAO Doc 9303 transliteration of Cyrillic, and what people type.
"""

import unicodedata

FORMS = ("native", "latin", "ascii", "iso9", "informal")

_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ"
_PASSPORT = "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y  e iu ia i i ie g"
_ISO9 = "a b v g d e ë ž z i j k l m n o p r s t u f h c č š ŝ ʺ y ʹ è û â ì ï ê g̀"
_INFORMAL = "a b v g d e yo j z i y k l m n o p r s t u f h c ch sh sch  y  e yu ya i yi ye g"
_SCHEMES = {
    name: dict(zip(_CYRILLIC, written.split(" "), strict=True))
    for name, written in (("passport", _PASSPORT), ("iso9", _ISO9), ("informal", _INFORMAL))
}
_FOLD = str.maketrans({"ə": "a", "Ə": "A", "ı": "i", "İ": "I", "ø": "o", "ł": "l", "ʹ": "", "ʺ": ""})
_AZ_INFORMAL = str.maketrans({"ə": "e", "Ə": "E", "ş": "sh", "Ş": "Sh", "ç": "ch", "Ç": "Ch", "ğ": "g", "x": "kh"})


def spellings(word: str, lang: str, latin: str = "") -> dict[str, str]:
    """Every form of FORMS of one native `word`; `latin` gives the reading of a Chinese one."""
    if latin:
        return {"native": word, "latin": latin, "ascii": latin, "iso9": latin, "informal": latin}
    if lang in ("ru", "uk"):
        passport = _spell(word, "passport")
        return {
            "native": word,
            "latin": passport,
            "ascii": passport,
            "iso9": _spell(word, "iso9"),
            "informal": _spell(word, "informal"),
        }
    informal = fold(word.translate(_AZ_INFORMAL)) if lang == "az" else fold(word)
    return {"native": word, "latin": word, "ascii": fold(word), "iso9": word, "informal": informal}


def fold(text: str) -> str:
    """Latin text without marks: ə a, ş s, ğ g, ț t."""
    flat = unicodedata.normalize("NFKD", text.translate(_FOLD))
    return "".join(letter for letter in flat if not unicodedata.combining(letter))


def _spell(word: str, scheme: str) -> str:
    table = _SCHEMES[scheme]
    return "".join(_cased(letter, table.get(letter.lower(), letter)) for letter in word)


def _cased(letter: str, written: str) -> str:
    return written.capitalize() if letter.isupper() else written
