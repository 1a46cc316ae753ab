"""The words of the pages: English in the templates, other languages in a table beside this module.

Here: which language a request gets, and how a word is found in it. Not here: the words (labels.csv, a column a
language). What the table lacks is shown in English; sentences that explain a case are English so far.
"""

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

from matching.model import MICRO

FILE = Path(__file__).with_name("labels.csv")
ENGLISH = "en"
NAMES = {"en": "English", "az": "Azərbaycanca", "ro": "Română", "ru": "Русский", "zh": "中文"}
"""Languages by the name that their speakers know."""
_BETWEEN = " · "
Translate = Callable[[str], str]


@cache
def table() -> dict[str, dict[str, str]]:
    """By language the text for each English one."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return {language: {row[ENGLISH]: row[language] for row in rows} for language in NAMES}


def chosen(accepted: str, asked: str = "") -> str:
    """The language asked for, else the first of an Accept-Language header that there is."""
    if asked in NAMES:
        return asked
    wanted = (part.partition(";")[0].strip().lower().partition("-")[0] for part in accepted[:200].split(","))
    return next((language for language in wanted if language in NAMES), ENGLISH)


def translator(language: str) -> Translate:
    """Text of the language for an English one; of a name of several parts for each part, where the whole has none."""
    known = table()[language]
    return lambda english: (
        known.get(english) or _BETWEEN.join(known.get(part, part) for part in english.split(_BETWEEN))
    )


def bits(weight: int) -> str:
    """A weight, in millionths of a bit, as bits with its sign as typeset."""
    return f"{weight / MICRO:+.1f}".replace("-", "−")


def plain(name: str) -> str:
    """The name of a column or kind as words."""
    return name.replace("_", " ").replace(".", _BETWEEN)
