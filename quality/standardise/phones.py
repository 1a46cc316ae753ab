"""Phone numbers of distinct (value, country): E.164, mobile or fixed, dummies flagged.

Here: the judgement of one number as a row, by Google's numbering plans. Not here: whether anyone answers, shared
numbers learned from data (quality.standardise.placeholders).
"""

import re
from typing import NamedTuple

import phonenumbers
import polars as pl
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from quality.standardise.ascii import tidy
from quality.standardise.codes import country_code
from rules.placeholders import Placeholders, load_placeholders

VERSION = "1"
SCHEMA = {"raw": pl.String, "value": pl.String, "kind": pl.String, "valid": pl.Boolean, "reason": pl.String}
SHORTEST = 6
_EXTENSION = re.compile(r"(?:ext|extn|доб|daxili|dax|int|вн|x|#)\.?\s*\d{1,6}\s*$", re.IGNORECASE)
_NOISE = re.compile(r"[^\d+]")


class Phone(NamedTuple):
    """One row of the result, columns as in SCHEMA."""

    raw: str | None
    value: str | None
    kind: str
    valid: bool
    reason: str | None


def standardise_phones(frame: pl.DataFrame, declared: Placeholders | None = None) -> pl.DataFrame:
    """Judge distinct rows [value, country]; same height and order, columns as in SCHEMA.

    A number without + and without a country keeps its digits and is valid from six digits on: it can still be equal
    to another, and nothing more is known of it.
    """
    declared = declared or load_placeholders()
    dummies = frozenset(declared.phones)
    rows = frame.select("value", "country").iter_rows()
    return pl.DataFrame([judge(raw, country, dummies) for raw, country in rows], schema=SCHEMA, orient="row")


def judge(raw: str | None, country: str | None, dummies: frozenset[str]) -> Phone:
    """Judge one number; never fails."""
    text = _dialled(tidy(raw))
    region = (country_code(country) or "") if country else ""
    if not text.strip("+"):
        return Phone(raw, None, "phone", False, "empty" if not tidy(raw) else "no digits")
    if not text.startswith("+") and region not in phonenumbers.SUPPORTED_REGIONS:
        return _bare(raw, text)
    number = _parsed(text, region)
    if number is None:
        return Phone(raw, text, "phone", False, "not a phone number")
    value = str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
    if value in dummies or is_dummy(str(number.national_number)):
        return Phone(raw, value, "phone", False, "placeholder")
    if not phonenumbers.is_valid_number(number):
        return Phone(raw, value, "phone", False, "not a number of its country's plan")
    mobile = phonenumbers.number_type(number) == PhoneNumberType.MOBILE
    return Phone(raw, value, "mobile" if mobile else "phone", True, None)


def is_dummy(digits: str) -> bool:
    """True if the subscriber digits are one digit repeated, counted up or down, or the whole number is."""
    last = digits[-7:]
    return len(set(digits)) == 1 or len(set(last)) == 1 or last in ("1234567", "7654321", "0123456", "2345678")


def _dialled(text: str) -> str:
    digits = _NOISE.sub("", _EXTENSION.sub("", text))
    plus = "+" if digits.startswith("+") else ""
    digits = digits.replace("+", "")
    # 00 is the international prefix of every country here but the United States (011).
    return f"+{digits[2:]}" if not plus and digits.startswith("00") and digits.strip("0") else plus + digits


def _bare(raw: str | None, digits: str) -> Phone:
    if is_dummy(digits):
        return Phone(raw, digits, "phone", False, "placeholder")
    short = len(digits) < SHORTEST
    return Phone(raw, digits, "phone", not short, f"shorter than {SHORTEST} digits" if short else None)


def _parsed(text: str, region: str) -> PhoneNumber | None:
    tries = [text] if text.startswith("+") else [text, f"+{text}"]
    parsed = [number for number in (_parse(attempt, region) for attempt in tries) if number is not None]
    return next((number for number in parsed if phonenumbers.is_valid_number(number)), parsed[0] if parsed else None)


def _parse(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
