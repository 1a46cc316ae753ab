"""Identity documents as the country packs declare them: primary ones, and the form of a number.

Here: the typed shape of `documents.yaml`. Not here: check digits and facts (quality.standardise.ids).
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from rules.load import DEFAULTS, Declared, parse

ANYWHERE = "*"
_BOUNDED = re.compile(r"(?:\[[A-Z0-9\-]+\]|\\d|[A-Z0-9]|\{\d{1,2}(?:,\d{1,2})?\}|[()|?])+")
_CHOICE = re.compile(r"[()|?]|\{(\d+),(\d+)\}")
_MOST_WAYS = 10_000
_REPEATED_GROUP = re.compile(r"\)\??\{")


def _bounded(pattern: str) -> str:
    if not _BOUNDED.fullmatch(pattern):
        raise ValueError("may use only classes such as [A-Z0-9] and \\d, bounded repeats {2,8}, groups and |")
    if _REPEATED_GROUP.search(pattern):
        raise ValueError("must not repeat a group: bounded repeats stand after a class or a sign")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        raise ValueError("is no pattern: check brackets and bounded repeats") from None
    if _ways(pattern) > _MOST_WAYS:
        raise ValueError(f"can be matched in more than {_MOST_WAYS} ways: use fewer ranges such as {{2,8}}, ? and |")
    return pattern


def _ways(pattern: str) -> int:
    """In how many ways a pattern of bounded parts can be tried: parts multiply, alternatives add up."""
    open_groups = [[0, 1]]
    for part in _CHOICE.finditer(pattern):
        sign, level = part[0], open_groups[-1]
        if sign == "(":
            open_groups.append([0, 1])
        elif sign == ")":
            open_groups.pop()
            open_groups[-1][1] *= sum(level)
        elif sign == "|":
            level[:] = [sum(level), 1]
        else:
            level[1] *= 2 if sign == "?" else int(part[2]) - int(part[1]) + 1
    return sum(open_groups[0])


class Documents(Declared):
    """`primary`: document types by country; `forms`: pattern by document type and country; "*" is any other."""

    primary: dict[str, tuple[str, ...]]
    forms: dict[str, dict[str, Annotated[str, AfterValidator(_bounded)]]]

    def is_primary(self, kind: str, country: str | None) -> bool:
        """True if `kind` is a primary document in the country's pack."""
        return kind in self.primary.get(country or ANYWHERE, self.primary[ANYWHERE])

    def form(self, kind: str, country: str | None) -> str | None:
        """Pattern of the number, or None for a type without declared form."""
        by_country = self.forms.get(kind, {})
        return by_country.get(country or ANYWHERE, by_country.get(ANYWHERE))


@lru_cache
def load_documents(overlay: Path | None = None) -> Documents:
    """The shipped country packs, overlaid by the bank's own `documents.yaml`."""
    return parse(Documents, DEFAULTS / "documents.yaml", overlay)
