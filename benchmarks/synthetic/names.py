"""Names of the synthetic people: composed word lists and draws from them.

Here: the vocabulary (each name once, in all spellings, by number) and who may bear which. Not here: families
(households.py) or errors (corrupt.py). A family name and a patronymic have two rows: 2·i for men, 2·i + 1 for women.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from benchmarks.synthetic.chances import LANGUAGES
from benchmarks.synthetic.draws import Ints, zipf
from benchmarks.synthetic.facts import column, table
from benchmarks.synthetic.scripts import FORMS, spellings

_HARMONY = ("aı", "eiə", "ou", "öü")
_VOWELS = "aeıioöuüə"


@dataclass(frozen=True)
class Vocabulary:
    """Word tables with the columns of FORMS, and the numbers of the words of each language."""

    given: pl.DataFrame
    nickname: pl.DataFrame
    family: pl.DataFrame
    patronymic: pl.DataFrame
    given_of: dict[tuple[str, str], Ints]
    family_of: dict[str, Ints]


@cache
def vocabulary() -> Vocabulary:
    """All names, made once from the fact tables."""
    given = table("given").with_row_index("id")
    families = [(lang, word, latin) for lang in LANGUAGES for word, latin in _family_names(lang)]
    langs = np.array([lang for lang, _, _ in families])
    return Vocabulary(
        given=_forms(list(given.select("lang", "native", "latin").iter_rows())),
        nickname=_forms(_nicknames(given)),
        family=_forms([(g, w, x) for g, word, x in families for w in (word, feminine(word, g))]),
        patronymic=_forms([(g, _patronymic(w, g, s), "") for g, w in _fathers(given) for s in "MF"]),
        given_of={
            (lang, sex): given.filter(lang=lang, sex=sex)["id"].to_numpy().astype(np.int64)
            for lang in LANGUAGES
            for sex in "MF"
        },
        family_of={lang: np.flatnonzero(langs == lang).astype(np.int64) for lang in LANGUAGES},
    )


def draw_given(rng: np.random.Generator, lang: Ints, female: Ints) -> Ints:
    """A given name number for each person of language number `lang` and sex."""
    out = np.zeros(len(lang), dtype=np.int64)
    for number, code in enumerate(LANGUAGES):
        for woman, sex in enumerate("MF"):
            at = np.flatnonzero((lang == number) & (female == woman))
            words = vocabulary().given_of[code, sex]
            out[at] = words[zipf(rng, len(words), len(at))]
    return out


def draw_family(rng: np.random.Generator, lang: Ints) -> Ints:
    """A family name number (of the male row) for each of `lang`."""
    out = np.zeros(len(lang), dtype=np.int64)
    for number, code in enumerate(LANGUAGES):
        at = np.flatnonzero(lang == number)
        words = vocabulary().family_of[code]
        out[at] = words[zipf(rng, len(words), len(at))]
    return out


def feminine(word: str, lang: str) -> str:
    """The family name as a woman bears it, in the languages that change it."""
    if lang == "az" and word.endswith(("ov", "ev")):
        return word + "a"
    if lang in ("ru", "uk"):
        if word.endswith(("ий", "ый")):
            return word[:-2] + ("ая" if lang == "ru" else "а")
        if word.endswith(("ов", "ев", "ёв", "ин", "ын", "ів")) and lang == "ru":
            return word + "а"
    return word


def _family_names(lang: str) -> list[tuple[str, str]]:
    whole = table("family").filter(lang=lang, part="whole").select("native", "latin").rows()
    stems = column("family", "native", lang=lang, part="stem")
    made = [(_join(stem, end, lang), "") for end in column("family_endings", "ending", lang=lang) for stem in stems]
    return list(dict.fromkeys(whole + made))


def _join(stem: str, ending: str, lang: str) -> str:
    if lang != "az":
        return stem + ending
    if ending == "ov":
        return stem + ("yev" if stem[-1] in _VOWELS else "ov")
    if ending == "lı":
        return stem + _harmony(stem, "lı", "li", "lu", "lü")
    return stem + ending


def _harmony(stem: str, *choices: str) -> str:
    """The ending whose vowel goes with the stem's last one."""
    last = next((letter for letter in reversed(stem.lower()) if letter in _VOWELS), "a")
    return choices[next(place for place, group in enumerate(_HARMONY) if last in group)]


def _fathers(given: pl.DataFrame) -> list[tuple[str, str]]:
    return given.select("lang", "native").rows()


def _patronymic(father: str, lang: str, sex: str) -> str:
    if lang == "az":
        return f"{father} {'oğlu' if sex == 'M' else 'qızı'}"
    if lang == "ru":
        return _slavic(father, ("ович", "евич", "ич") if sex == "M" else ("овна", "евна", "ична"))
    if lang == "uk":
        return _slavic(father, ("ович", "йович", "ович") if sex == "M" else ("івна", "ївна", "івна"))
    return ""


def _slavic(father: str, endings: tuple[str, str, str]) -> str:
    if father.endswith(("й", "ь")):
        return father[:-1] + endings[1]
    if father.endswith(("а", "я", "о")):
        return father[:-1] + endings[2]
    return father + endings[0]


def _nicknames(given: pl.DataFrame) -> list[tuple[str, str, str]]:
    known = {(lang, name): nick for lang, name, nick in reversed(table("nicknames").rows())}
    rows = given.select("lang", "native", "latin").rows()
    return [(lang, known.get((lang, n), n), "" if (lang, n) in known else latin) for lang, n, latin in rows]


def _forms(words: list[tuple[str, str, str]]) -> pl.DataFrame:
    made = [spellings(word, lang, latin) for lang, word, latin in words]
    return pl.DataFrame({form: [word[form] for word in made] for form in FORMS})
