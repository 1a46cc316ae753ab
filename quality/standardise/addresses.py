"""Addresses of distinct rows: full text and parts completed from each other, one normalised ASCII form.

Here: one address as a row. Not here: reading parts out of text (address_parse), what words mean (address_words).
"""

from collections.abc import Sequence

import polars as pl

from quality.standardise.address_parse import parse_address
from quality.standardise.address_parts import Parts
from quality.standardise.address_words import number_form, street_ascii, words
from quality.standardise.ascii import tidy, to_ascii
from quality.standardise.codes import country_code
from quality.standardise.places import city_ascii
from quality.standardise.postcodes import is_postcode, standard_postcode

VERSION = "1"
INPUT = ("full", "street", "house", "unit", "city", "district", "region", "postcode", "country")
_PARTS = INPUT[1:]
SCHEMA = {
    "raw": pl.String, **dict.fromkeys(INPUT, pl.String), "ascii": pl.String, "street_ascii": pl.String,
    "city_ascii": pl.String, "valid": pl.Boolean, "reason": pl.String,
}  # fmt: skip
Row = tuple[str | bool | None, ...]


def standardise_addresses(frame: pl.DataFrame) -> pl.DataFrame:
    """Standardise distinct rows with the columns INPUT; same height and order, columns as in SCHEMA.

    A part the source gave is kept; a missing one is read from `full`. House, unit, postcode are in standard form.
    `ascii` holds street, house, unit, district, city, region, postcode in that order, whatever the source's order.
    """
    rows = [_row(values) for values in frame.select(INPUT).iter_rows()]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _row(values: Sequence[str | None]) -> Row:
    raw = ", ".join(value for value in values[:-1] if value) or None
    given = [_said(value) for value in values]
    parts = _parts(given)
    if not any((parts.street, parts.house, parts.city, parts.district, parts.region, parts.postcode)):
        reason = "empty" if not tidy(raw) else "placeholder"
        return (raw, None, *[None] * 7, parts.country or None, None, None, None, False, reason)
    folded = _folded(parts)
    text = " ".join(part for part in folded if part)
    composed = given[0] or _composed(parts)
    fits = not parts.postcode or is_postcode(parts.postcode, parts.country)
    flag = None if fits else "postcode not of its country"
    standard = [getattr(parts, name) or None for name in _PARTS]
    return (raw, composed, *standard, text or None, folded[0] or None, folded[4] or None, True, flag)


def _said(value: str | None) -> str:
    text = tidy(value).strip(" ,;") if value else ""
    return "" if not text or to_ascii(text) in words()["nothing"] else text


def _parts(given: list[str]) -> Parts:
    """The source's parts, completed from its full text; a street that carries its number is taken apart."""
    own = Parts()
    for name, value in zip(_PARTS, given[1:], strict=True):
        setattr(own, name, value)
    country = country_code(own.country) if own.country else None
    if given[0] or not (own.house or own.city or own.region or own.postcode):
        read = parse_address(given[0] or own.street, country) if given[0] or own.street else Parts()
        own.street = own.street if given[0] else ""
    else:
        read = _street_line(own, country)
    for name in _PARTS:
        setattr(own, name, getattr(own, name) or getattr(read, name))
    own.country = country or read.country or ""
    own.house, own.unit = number_form(own.house), number_form(own.unit)
    own.postcode = standard_postcode(own.postcode, own.country or None)
    return own


def _street_line(own: Parts, country: str | None) -> Parts:
    """House and flat out of a street line, if they come off cleanly: words that land elsewhere belong to the name."""
    read = parse_address(own.street, country, line=True) if own.street and not own.house else Parts()
    if not read.street or any((read.city, read.district, read.region)):
        return Parts()
    own.street = ""
    return read


def _composed(parts: Parts) -> str:
    street = " ".join(part for part in (parts.street, parts.house) if part)
    order = (street, parts.unit, parts.district, parts.city, parts.region, parts.postcode, parts.country)
    return ", ".join(part for part in order if part)


def _folded(parts: Parts) -> list[str]:
    """street, house, unit, district, city, region, postcode in ASCII lower case."""
    city = city_ascii(parts.city, parts.country or None)
    loose = [" ".join(to_ascii(part).replace(".", " ").split()) for part in (parts.district, parts.region)]
    return [street_ascii(parts.street), parts.house, parts.unit, loose[0], city, loose[1], parts.postcode.lower()]
