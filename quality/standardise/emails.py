"""E-mail addresses of distinct values: lower case, syntax checked, dummies flagged.

Here: the judgement of one address as a row, without asking DNS. Not here: whether mail arrives, shared addresses
learned from data (quality.standardise.placeholders).
"""

import re
from typing import NamedTuple

import polars as pl
from email_validator import EmailNotValidError, validate_email

from quality.standardise.ascii import tidy
from rules.placeholders import Placeholders, load_placeholders

VERSION = "1"
SCHEMA = {"raw": pl.String, "value": pl.String, "valid": pl.Boolean, "reason": pl.String}
# The plain case, 50 times faster than the validator and no wider than it: two labels or more, no dot at an edge.
_PLAIN = re.compile(
    r"[a-z0-9_][a-z0-9_+%'-]*(?:\.[a-z0-9_+%'-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)
_LONGEST_LOCAL, _LONGEST = 64, 254


class Email(NamedTuple):
    """One row of the result, columns as in SCHEMA."""

    raw: str | None
    value: str | None
    valid: bool
    reason: str | None


def standardise_emails(frame: pl.DataFrame, declared: Placeholders | None = None) -> pl.DataFrame:
    """Judge distinct rows [value]; same height and order, columns as in SCHEMA. Plus addressing is kept."""
    declared = declared or load_placeholders()
    return pl.DataFrame([judge(raw, declared) for raw in frame["value"].to_list()], schema=SCHEMA, orient="row")


def judge(raw: str | None, declared: Placeholders) -> Email:
    """Judge one address; never fails."""
    text = _bare(tidy(raw))
    if not text:
        return Email(raw, None, False, "empty")
    if text in declared.words:
        return Email(raw, text, False, "placeholder")
    local, _, domain = text.rpartition("@")
    if local in declared.email_locals or domain in declared.email_domains or _repeated(local):
        return Email(raw, text, False, "placeholder")
    if _PLAIN.fullmatch(text) and len(local) <= _LONGEST_LOCAL and len(text) <= _LONGEST:
        return Email(raw, text, True, None)
    return _validated(raw, text)


def _bare(text: str) -> str:
    angled = re.search(r"<([^<>]+@[^<>]+)>", text)
    text = (angled.group(1) if angled else text).lower().removeprefix("mailto:")
    return text.strip(" \t.,;:<>\"'")


def _repeated(local: str) -> bool:
    return len(local) >= 3 and len(set(local)) == 1


def _validated(raw: str | None, text: str) -> Email:
    try:
        checked = validate_email(text, check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        return Email(raw, text, False, "not an e-mail address")
    return Email(raw, checked.normalized.lower(), True, None)
