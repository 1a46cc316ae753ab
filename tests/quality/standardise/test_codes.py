"""Coded fields: many spellings, one code; unknown ones flagged."""

from decimal import Decimal

import polars as pl
import pytest

from quality.standardise import codes
from rules.reference import load_codes


def column(function, values: list[str | None]) -> list:
    result = function(pl.Series(values, dtype=pl.String))
    assert result.columns == ["raw", "standard", "valid", "reason"] and result["raw"].to_list() == values
    assert result["valid"].to_list() == result["reason"].is_null().to_list()
    return result["standard"].to_list()


def test_sex() -> None:
    men = ["Kişi", "муж.", "Male", "1", "m", "Bărbat", "Erkek", "男", "Чоловіча"]
    women = ["QADIN", "женский", "female", "2", "F", "femeie", "kadın", "女", "ж"]
    assert column(codes.standardise_sex, men) == ["M"] * 9
    assert column(codes.standardise_sex, women) == ["F"] * 9
    assert column(codes.standardise_sex, ["0", "9", "?", None, ""]) == [None] * 5


def test_no_spelling_means_two_things() -> None:
    for field in ("sex", "boolean", "language", "country"):
        declared = getattr(load_codes(), field)
        forms = [
            (codes.to_ascii(form), standard) for standard, forms in declared.items() for form in {standard, *forms}
        ]
        assert len({form for form, _ in set(forms)}) == len(set(forms)), field


@pytest.mark.parametrize(
    ("raw", "code"),
    [("804", "UA"), ("31", "AZ"), ("031", "AZ"), ("aze", "AZ"), ("az", "AZ"), ("Azərbaycan", "AZ"), ("Россия", "RU"),
     ("中国", "CN"), ("UK", "GB"), ("U.S.A.", "US"), ("România", "RO"), ("Молдова", "MD"), ("Türkiye", "TR"),
     ("Deutschland", "DE"), ("xyz", None), ("999", None)],
)  # fmt: skip
def test_country(raw: str, code: str | None) -> None:
    assert column(codes.standardise_country, [raw]) == [code]


def test_language_booleans_roles_marital_status() -> None:
    assert column(codes.standardise_language, ["AZE", "русский", "English", "??"]) == ["az", "ru", "en", None]
    assert column(codes.standardise_booleans, ["bəli", "нет", "1", "maybe", None]) == [True, False, True, None, None]
    assert column(codes.standardise_roles, ["Owner; müştəri", "client", "king"]) == ["client,owner", "client", None]
    assert column(codes.standardise_passthrough, ["Evli ", "n/a"]) == ["evli", None]


def test_decimals_by_declared_sign() -> None:
    assert column(codes.standardise_decimals, ["1 234.56", "1,234", "-5", "1234,56", "1e5", None]) == [
        Decimal("1234.56"), Decimal("1234.00"), Decimal("-5.00"), None, None, None,
    ]  # fmt: skip
    german = codes.standardise_decimals(pl.Series(["1.234,5", "1234,56", "12.34"]), decimal=",")
    assert german["standard"].to_list() == [Decimal("1234.50"), Decimal("1234.56"), None]
