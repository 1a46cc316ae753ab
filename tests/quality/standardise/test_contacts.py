"""Phones and e-mails: literal cases, and properties."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.standardise.emails import standardise_emails
from quality.standardise.phones import standardise_phones

PHONE = {"value": pl.String, "country": pl.String}


def phone(raw: str | None, country: str | None = None) -> tuple:
    return standardise_phones(pl.DataFrame([(raw, country)], schema=PHONE, orient="row")).row(0)[1:]


def email(raw: str | None) -> tuple:
    return standardise_emails(pl.DataFrame({"value": [raw]}, schema={"value": pl.String})).row(0)[1:]


@pytest.mark.parametrize(
    ("raw", "country", "value", "kind"),
    [
        ("(050) 212-34-56", "AZ", "+994502123456", "mobile"), ("+994 50 212 34 56", None, "+994502123456", "mobile"),
        ("00994502123456", None, "+994502123456", "mobile"), ("994502123456", "AZ", "+994502123456", "mobile"),
        ("012 493 21 00", "AZ", "+994124932100", "phone"), ("0721 234 569", "RO", "+40721234569", "mobile"),
        ("8 (916) 212-34-56", "RU", "+79162123456", "mobile"), ("07911 123456", "GB", "+447911123456", "mobile"),
        ("(415) 555-2671 ext. 12", "US", "+14155552671", "phone"), ("138 0013 8000", "CN", "+8613800138000", "mobile"),
        ("022 21-43-65", "Moldova", "+37322214365", "phone"), ("７０２-919-1300", None, "7029191300", "phone"),
    ],
)  # fmt: skip
def test_phones(raw: str, country: str | None, value: str, kind: str) -> None:
    assert phone(raw, country) == (value, kind, True, None)


@pytest.mark.parametrize(
    ("raw", "country", "reason"),
    [("0000000", "AZ", "placeholder"), ("050 111 11 11", "AZ", "placeholder"), ("050 123 45 67", "AZ", "placeholder"),
     ("1234567", None, "placeholder"), ("12345", None, "shorter than 6 digits"), ("none", "AZ", "no digits"),
     (None, "AZ", "empty"), ("050 21", "AZ", "not a number of its country's plan")],
)  # fmt: skip
def test_refused_phones(raw: str | None, country: str | None, reason: str) -> None:
    assert phone(raw, country)[2:] == (False, reason)


@pytest.mark.parametrize(
    ("raw", "value"),
    [(" John.Doe+bank@Gmail.COM ", "john.doe+bank@gmail.com"), ("mailto:a.b@bank.az", "a.b@bank.az"),
     ("Aysel <aysel@mail.az>", "aysel@mail.az"), ("иван@пример.рф", "иван@пример.рф"), ("o'neil@x.ie", "o'neil@x.ie")],
)  # fmt: skip
def test_emails(raw: str, value: str) -> None:
    assert email(raw) == (value, True, None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [("test@test.com", "placeholder"), ("noemail@bank.az", "placeholder"), ("a@example.com", "placeholder"),
     ("none", "placeholder"), ("aaa@mail.ru", "placeholder"), ("a..b@x.az", "not an e-mail address"),
     ("foo", "not an e-mail address"), ("x@y", "not an e-mail address"), ("", "empty"), (None, "empty")],
)  # fmt: skip
def test_refused_emails(raw: str | None, reason: str) -> None:
    assert email(raw)[1:] == (False, reason)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.none() | st.text(max_size=20) | st.from_regex(r"\+?[\d ()-]{5,14}", fullmatch=True),
                          st.sampled_from(["AZ", "RU", "GB", None, "??"]))))  # fmt: skip
def test_phones_never_fail_and_are_idempotent(rows: list[tuple[str | None, str | None]]) -> None:
    once = standardise_phones(pl.DataFrame(rows, schema=PHONE, orient="row"))
    assert once["raw"].to_list() == [raw for raw, _ in rows]
    good = once.filter("valid")
    again = standardise_phones(good.select("value", country=pl.lit(None, pl.String)))
    assert again["value"].to_list() == good["value"].to_list()


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.lists(st.none() | st.text(max_size=30) | st.emails()))
def test_emails_never_fail_and_are_idempotent(values: list[str | None]) -> None:
    once = standardise_emails(pl.DataFrame({"value": values}, schema={"value": pl.String}))
    assert once["raw"].to_list() == values
    good = once.filter("valid")
    assert standardise_emails(good.select("value"))["value"].to_list() == good["value"].to_list()
