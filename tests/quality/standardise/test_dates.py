"""Dates: only declared formats, in their order; nothing guessed, nothing swapped."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.standardise.dates import standardise_dates

DOTTED = ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d")


def one(raw: str | None, *formats: str, **options) -> tuple:
    return standardise_dates(pl.Series([raw], dtype=pl.String), formats, **options).row(0)[1:]


@pytest.mark.parametrize(
    ("raw", "formats", "day"),
    [
        ("03.04.1985", ("%d.%m.%Y",), date(1985, 4, 3)), ("03.04.1985", ("%m.%d.%Y",), date(1985, 3, 4)),
        ("1985-04-03", (), date(1985, 4, 3)), ("19850403", (), date(1985, 4, 3)),
        ("1985-04-03 00:00:00", (), date(1985, 4, 3)), ("1985-04-03T10:20:30Z", (), date(1985, 4, 3)),
        ("3/4/1985", ("%m/%d/%Y", "%d/%m/%Y"), date(1985, 3, 4)), ("3 Apr 1985", ("%d %b %Y",), date(1985, 4, 3)),
        ("1862-01-01", (), date(1862, 1, 1)),
    ],
)  # fmt: skip
def test_declared_formats(raw: str, formats: tuple[str, ...], day: date) -> None:
    assert one(raw, *formats) == (day, True, None)


def test_day_and_month_are_never_swapped_to_make_a_date_possible() -> None:
    assert one("25.12.1985", "%m.%d.%Y") == (None, False, "no such date")
    assert one("12/25/1985", "%d/%m/%Y") == (None, False, "no such date")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [("31.02.1985", "no such date"), ("1985/04/03", "not in declared formats"), ("1985111", "not in declared formats"),
     ("00.00.0000", "placeholder"), ("n/a", "placeholder"), ("", "empty"), (None, "empty"),
     ("0085-01-01", "before 1000"), ("soon", "not in declared formats")],
)  # fmt: skip
def test_refused(raw: str | None, reason: str) -> None:
    assert one(raw, *DOTTED, pivot=2030)[1:] == (False, reason)


@pytest.mark.parametrize(
    ("raw", "pivot", "day"),
    [("01.02.30", 2030, date(2030, 2, 1)), ("01.02.31", 2030, date(1931, 2, 1)), ("29.02.00", 2030, date(2000, 2, 29)),
     ("29.02.00", 1999, None), ("01.02.85", 26, date(1985, 2, 1))],
)  # fmt: skip
def test_two_digit_years_by_pivot(raw: str, pivot: int, day: date | None) -> None:
    assert one(raw, *DOTTED, pivot=pivot)[0] == day


def test_two_digit_year_without_pivot_is_not_guessed() -> None:
    assert one("01.02.85", *DOTTED) == (None, False, "two-digit year without a declared pivot")


@pytest.mark.parametrize("raw", ["01.01.1900", "1900-01-01", "1901-01-01", "9999-12-31"])
def test_dummy_dates_keep_their_standard_value(raw: str) -> None:
    day, valid, reason = one(raw, *DOTTED)
    assert day is not None and (valid, reason) == (False, "placeholder")


def test_bounds_of_births_and_freedom_of_events() -> None:
    assert one("2027-01-01", as_of=date(2026, 1, 1))[2] == "in the future"
    assert one("2036-01-01", kind="event", as_of=date(2026, 1, 1)) == (date(2036, 1, 1), True, None)
    assert one("0690-05-05")[2] == "before 1000"


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.lists(st.none() | st.text(max_size=12) | st.dates().map(str)))
def test_never_fails_keeps_rows_and_is_idempotent(values: list[str | None]) -> None:
    once = standardise_dates(pl.Series(values, dtype=pl.String), DOTTED, 2030)
    assert once["raw"].to_list() == values
    again = standardise_dates(once["standard"].cast(pl.String), DOTTED, 2030)
    assert again["standard"].to_list() == once["standard"].to_list()
