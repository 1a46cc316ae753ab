"""The words of the pages: English in the templates, other languages in catalogues beside this module.

Here: which catalogue a request gets, and how a word is found in it. Not here: the words. What a catalogue lacks is
shown in English; names of columns and kinds are data and are shown as words.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from rules.load import read_yaml

FOLDER = Path(__file__).parent / "catalogues"
ENGLISH = "en"
Translate = Callable[[str], str]


def languages() -> list[str]:
    """English and every language with a catalogue."""
    return [ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.yaml"))]


@cache
def catalogue(language: str) -> dict[str, str]:
    """English text → text of a language; empty for English."""
    found = {} if language == ENGLISH else read_yaml(FOLDER / f"{language}.yaml")[0]
    return {str(english): str(said) for english, said in found.items()}


def chosen(accepted: str, asked: str = "") -> str:
    """The language asked for, else the first of an Accept-Language header that there is."""
    known = languages()
    if asked in known:
        return asked
    wanted = (part.partition(";")[0].strip().lower().partition("-")[0] for part in accepted[:200].split(","))
    return next((language for language in wanted if language in known), ENGLISH)


def translator(language: str) -> Translate:
    """Text of the language for an English one."""
    known = catalogue(language)
    return lambda english: known.get(english, english)


def plain(name: str) -> str:
    """The name of a column or kind as words."""
    return name.replace("_", " ").replace(".", " · ")
