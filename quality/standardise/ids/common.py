"""What an identifier type is: how its number is compacted, judged, and which facts it encodes.

Here: the shape every type shares, and judgements common to several. Not here: any one type.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import ModuleType

from stdnum.exceptions import InvalidChecksum, ValidationError

from quality.standardise.ascii import tidy, to_ascii

Verdict = tuple[bool, bool | None]
"""(well formed, check digit right); the second is None for a type without a check digit."""
Facts = tuple[date | None, str | None]
"""(birth date, sex as M or F) as far as a number encodes them."""

# Series are printed with Cyrillic letters that look Latin and are typed either way: fold by look, the rest by sound.
_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS")
_SEPARATORS = re.compile(r"[^A-Z0-9]")


def compact(raw: str) -> str:
    """Upper case letters and digits only; leading zeros stay."""
    text = unicodedata.normalize("NFKC", tidy(raw)).upper().translate(_LOOK_ALIKE)
    return _SEPARATORS.sub("", text if text.isascii() else to_ascii(text).upper())


def without_prefix(*prefixes: str) -> Callable[[str], str]:
    """A compactor that also drops a printed prefix such as RO or VOEN."""

    def shorter(raw: str) -> str:
        number = compact(raw)
        found = next((p for p in prefixes if number.startswith(p) and number[len(p) :].isdigit()), "")
        return number[len(found) :]

    return shorter


def no_facts(number: str) -> Facts:
    """Most numbers say nothing about their holder."""
    return None, None


def by_stdnum(module: ModuleType) -> Callable[[str], Verdict]:
    """Judge with a python-stdnum module: its checksum error means well formed, any other means not."""

    def judge(number: str) -> Verdict:
        try:
            module.validate(number)
        except InvalidChecksum:
            return True, False
        except (ValidationError, ValueError, IndexError, KeyError):
            return False, False
        return True, True

    return judge


def by_form(pattern: str) -> Callable[[str], Verdict]:
    """Judge by form alone: a type that has no public check digit."""
    form = re.compile(pattern)
    return lambda number: (form.fullmatch(number) is not None, None)


def by_sum(pattern: str, right: Callable[[str], bool]) -> Callable[[str], Verdict]:
    """Judge by form, then by a check sum written here."""
    form = re.compile(pattern)

    def judge(number: str) -> Verdict:
        return (True, right(number)) if form.fullmatch(number) else (False, False)

    return judge


@dataclass(frozen=True)
class IdType:
    """One identifier type of the registry."""

    name: str
    judge: Callable[[str], Verdict]
    country: str | None = None
    lifelong: bool = False
    compact: Callable[[str], str] = compact
    facts: Callable[[str], Facts] = no_facts
    country_of: Callable[[str], str | None] = lambda number: None


def is_dummy(number: str) -> bool:
    """True for numbers nobody was issued: one character repeated, or six digits and more all equal or counted.

    A few zeros among letters are no sign: 0R0PQJA is a number like any other.
    """
    digits = "".join(filter(str.isdigit, number))
    if not number or len(set(number)) == 1:
        return True
    return len(digits) >= 6 and (len(set(digits)) == 1 or _counted(digits))


def _counted(digits: str) -> bool:
    up, down = "01234567890123456789", "98765432109876543210"
    return len(digits) >= 7 and (digits in up or digits in down)
