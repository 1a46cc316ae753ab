"""Identifiers of distinct (type, number, country): standard form, form, check digit, lifelong, primary.

Here: the judgement of one number as a row. Not here: what each type is (ids/), outside verification, who holds it.
*Well formed*, *check digit right* and *verified outside* are three things; this room knows the first two.
"""

from typing import NamedTuple

import polars as pl

from quality.standardise.ascii import tidy
from quality.standardise.codes import country_code
from quality.standardise.ids import DOCUMENTS, TYPE_OF, Facts, is_dummy, judge_document, mrz_line
from quality.standardise.ids.common import compact
from rules.documents import Documents, load_documents
from rules.placeholders import Placeholders, load_placeholders

VERSION = "1"
SCHEMA = {
    "raw": pl.String, "number": pl.String, "type": pl.String, "country": pl.String, "lifelong": pl.Boolean,
    "primary": pl.Boolean, "well_formed": pl.Boolean, "check_ok": pl.Boolean, "valid": pl.Boolean, "reason": pl.String,
}  # fmt: skip


class Judged(NamedTuple):
    """One row of the result, columns as in SCHEMA."""

    raw: str | None
    number: str | None
    type: str
    country: str | None
    lifelong: bool
    primary: bool
    well_formed: bool
    check_ok: bool | None
    valid: bool
    reason: str | None


def standardise_identifiers(
    frame: pl.DataFrame, documents: Documents | None = None, declared: Placeholders | None = None
) -> pl.DataFrame:
    """Judge distinct rows [type, number, country]; same height and order, columns as in SCHEMA.

    A number is valid when it is well formed, its check digit (if its type has one) is right, and it is no dummy.
    """
    documents, declared = documents or load_documents(), declared or load_placeholders()
    rows = frame.select("type", "number", "country").iter_rows()
    judged = [judge(kind, number, country, documents, declared) for kind, number, country in rows]
    return pl.DataFrame(judged, schema=SCHEMA, orient="row")


def judge(
    kind: str | None, raw: str | None, country: str | None, documents: Documents, declared: Placeholders
) -> Judged:
    """Judge one number; never fails."""
    name = tidy(kind).lower() or "other:unknown"
    known = TYPE_OF.get(name)
    number, mrz_ok = _number(name, raw)
    country = known.country if known and known.country else _country(country)
    if not number:
        return Judged(raw, None, name, country, False, documents.is_primary(name, country), False, None, False, "empty")
    if known:
        formed, check_ok = known.judge(number)
        country = country or (known.country_of(number) if formed else None)
    else:
        formed, check_ok = judge_document(name, number, country, documents)
        check_ok = mrz_ok
    dummy = is_dummy(number) or number in declared.identifiers
    reason = _reason(name, dummy, formed, check_ok)
    usable = formed and check_ok is not False and not dummy
    lifelong, primary = bool(known and known.lifelong), documents.is_primary(name, country)
    return Judged(raw, number, name, country, lifelong, primary, formed, check_ok, usable, reason)


def facts(kind: str, number: str | None) -> Facts:
    """(birth date, sex) that a right number encodes (ro_cnp, cn_ric); (None, None) otherwise."""
    known = TYPE_OF.get(tidy(kind).lower())
    standard = known.compact(number) if known and number else ""
    return known.facts(standard) if known and standard and known.judge(standard) == (True, True) else (None, None)


def _country(text: str | None) -> str | None:
    return (country_code(text) or tidy(text).upper() or None) if text else None


def _number(name: str, raw: str | None) -> tuple[str, bool | None]:
    if name in TYPE_OF:
        return TYPE_OF[name].compact(raw or ""), None
    line = mrz_line(tidy(raw)) if name == "passport" else None
    return (line.number, line.check_ok) if line else (compact(raw or ""), None)


def _reason(name: str, dummy: bool, formed: bool, check_ok: bool | None) -> str | None:
    if dummy:
        return "placeholder"
    if not formed:
        return f"not the form of {name}"
    if check_ok is False:
        return f"wrong check digit for {name}"
    return None if name in TYPE_OF or name in DOCUMENTS or name.startswith("other:") else f"unknown type {name}"
