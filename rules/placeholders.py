"""What the bank declares as placeholder values, and the limits for learning more of them.

Here: the typed shape of `placeholders.yaml`. Not here: finding them in data (quality.standardise.placeholders).
"""

from datetime import date
from functools import lru_cache
from pathlib import Path

from rules.fingerprint import fingerprint
from rules.load import DEFAULTS, Declared, parse


class PlaceholderLimits(Declared):
    """From when on a shared value counts as a placeholder; the YAML explains each limit."""

    contact_records: int
    contact_share: float
    contact_parties: int
    identifier_parties: int
    birth_date_ratio: float
    birth_date_window: int
    birth_date_share: float
    birth_date_records: int
    birth_date_years: int


class Placeholders(Declared):
    """Declared placeholder values by kind; texts are ASCII lower case, phones E.164, identifiers standard numbers."""

    birth_dates: tuple[date, ...]
    event_dates: tuple[date, ...]
    earliest_birth: date
    words: tuple[str, ...]
    names: tuple[str, ...]
    phones: tuple[str, ...]
    email_locals: tuple[str, ...]
    email_domains: tuple[str, ...]
    identifiers: tuple[str, ...]
    limits: PlaceholderLimits

    def fingerprint(self) -> str:
        """Short hash of everything declared: part of a cache's version, so that an edit makes old forms stale."""
        return fingerprint(self)


@lru_cache
def load_placeholders(overlay: Path | None = None) -> Placeholders:
    """The shipped list, overlaid by the bank's own `placeholders.yaml`."""
    return parse(Placeholders, DEFAULTS / "placeholders.yaml", overlay)
