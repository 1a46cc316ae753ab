"""Which canonical field a column holds: what its header says, and what its values show.

Here: that judgement over distinct values. Not here: words of headers (header_words.py), types (profile.py).
"""

import re
from collections.abc import Callable

import polars as pl

from pipelines.header_words import by_header

_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_PHONE = r"^\+\d[\d\s().-]{7,17}$"
_PHONE_LIKE = r"^[+(]?\d[\d\s().-]{4,19}$"
_MOST = 0.9
"""Share of values that must show a pattern."""
_MOST_SEXES = 10
_PHONES = {"contact.phone", "contact.mobile"}
_TYPES_OF_NUMBER = {"identifier.tax_number", "identifier.registration_number"}
"""Headers that name a number without its country: check digits that hold tell more."""
_DIGITS_MAY_BE = re.compile(
    r"identifier\..*|contact\.(mobile|phone)|address\.(house|unit|postcode)|sex|status|branch|marital_status|.*_(date|at)"
)
"""Fields that a column of numbers or dates may fill; never a name."""


def target_of(header: str, values: pl.Series) -> tuple[str | None, bool]:
    """The field that values or header name; what both say, or what only the values can say, is sure."""
    named, clear = by_header(header)
    shown = _by_value(values)
    if shown is None:
        return named, clear and not _shows_otherwise(named, values)
    numbers = {named or "", shown}
    both = numbers <= _PHONES or all(target.startswith("identifier.") for target in numbers)
    return (named if both and named not in _TYPES_OF_NUMBER else shown), True


def _shows_otherwise(target: str | None, values: pl.Series) -> bool:
    """True where values of such a field could be told, and these are not."""
    if target in _PHONES:
        return share_of(values, _PHONE_LIKE) < _MOST
    return target == "contact.email" or target in [name for name, _ in _checks()]


def fits(target: str, kind: str, values: pl.Series) -> bool:
    """Whether a column of this type can hold the field: no number or truth value is a name, no text a date."""
    if target.endswith(("_date", "_at")):
        return kind in ("date", "datetime")
    if kind == "list":
        return target.startswith(("contact.", "identifier."))
    if target == "sex" and values.len() > _MOST_SEXES:
        return False
    return kind == "text" or (kind != "bool" and bool(_DIGITS_MAY_BE.fullmatch(target)))


def share_of(values: pl.Series, pattern: str) -> float:
    """Share of the values that hold the pattern."""
    return int(values.str.contains(pattern).sum()) / values.len() if values.len() else 0.0


def _by_value(values: pl.Series) -> str | None:
    """Fields that give themselves away: e-mails, international phones, numbers with right check digits."""
    if share_of(values, _EMAIL) >= _MOST:
        return "contact.email"
    if share_of(values, _PHONE) >= _MOST:
        return "contact.phone"
    sample = values.head(200).to_list()
    for target, check in _checks():
        if len(sample) >= 5 and sum(check(value) for value in sample) >= _MOST * len(sample):
            return target
    return None


def _checks() -> list[tuple[str, Callable[[str], bool]]]:
    from stdnum import iban, lei
    from stdnum.cn import ric, uscc
    from stdnum.md import idno
    from stdnum.ro import cnp
    from stdnum.ru import inn

    packs = {"lei": lei, "iban": iban, "ro_cnp": cnp, "cn_ric": ric, "cn_uscc": uscc, "md_idno": idno, "ru_inn": inn}
    return [(f"identifier.{name}", pack.is_valid) for name, pack in packs.items()]
