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
_BOUNDED = re.compile(r"(?:\[[A-Z0-9\-]+\]|\\d|[A-Z0-9]|\{\d+(?:,\d+)?\}|[()|?])+")


def _bounded(pattern: str) -> str:
    if not _BOUNDED.fullmatch(pattern):
        raise ValueError("may use only classes such as [A-Z0-9] and \\d, bounded repeats {2,8}, groups and |")
    re.compile(pattern)
    return pattern


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
