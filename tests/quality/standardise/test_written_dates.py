"""Dates that are none: their digits, by declared formats only."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.standardise.dates import standardise_dates
from quality.standardise.written_dates import written_dates


def written(raw: str | None, *formats: str) -> str | None:
    return written_dates(pl.Series([raw], dtype=pl.String), formats)[0]


@pytest.mark.parametrize(
    ("raw", "formats", "text"),
    [
        ("1921-95-03", (), "1921-95-03"), ("19219503", (), "1921-95-03"), ("31.2.1985", ("%d.%m.%Y",), "1985-02-31"),
        ("1983-4-", (), "1983-04-00"), ("-4-18", (), "0000-04-18"), ("1983--18", (), "1983-00-18"),
        ("1983--", (), "1983-00-00"), ("1983-00-00", (), "1983-00-00"),
        ("04/1983", ("%d/%m/%Y", "%m/%Y"), "1983-04-00"), (" 1983 ", ("%Y",), "1983-00-00"),
    ],
)  # fmt: skip
def test_digits_are_put_in_order_and_missing_parts_are_noughts(raw, formats, text):
    assert written(raw, *formats) == text


@pytest.mark.parametrize(
    ("raw", "formats"),
    [
        (None, ()), ("", ()), ("--", ()), ("-4-", ()), ("--18", ()), ("0000-00-00", ()), ("4-18", ()), ("1983-4", ()),
        ("198304", ()), ("18.4.83", ("%d.%m.%y",)), ("3 Apr 1985", ("%d %b %Y",)),
        ("1985-02-31 10:00", ("%Y-%m-%d %H:%M",)),
    ],
)  # fmt: skip
def test_nothing_is_guessed(raw, formats):
    assert written(raw, *formats) is None


@given(st.dates())
def test_a_real_date_is_written_as_it_is(day):
    raw = pl.Series([f"{day.day}.{day.month}.{day.year:04d}"])
    assert written_dates(raw, ("%d.%m.%Y",))[0] == day.isoformat()
    assert standardise_dates(raw, ("%d.%m.%Y",), kind="event")["standard"][0] == day
