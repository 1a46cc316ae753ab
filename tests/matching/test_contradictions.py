"""Contradictions: two records as literals → whether they contradict."""

from pathlib import Path
from typing import Any

import pytest

from matching.contradictions import CONTRADICTIONS
from tests.matching.clustered import records
from tests.matching.conftest import open_with

ANN = {"given": "anna", "family": "koch", "birth_date": "1980-03-05", "sex": "F"}


def contradict(kind: str, left: dict[str, Any], right: dict[str, Any], folder: Path) -> bool:
    """Whether the two contradict, the same in both orders."""
    with open_with(records({"l": left, "r": right}), folder) as con:
        pair = "match_input_person l JOIN match_input_person r ON l.record_key <> r.record_key"
        found = con.execute(f"SELECT DISTINCT {CONTRADICTIONS[kind]()} FROM {pair}").fetchall()
    assert len(found) == 1
    return bool(found[0][0])


@pytest.mark.parametrize(
    ("left", "right", "far"),
    [
        ("1980-03-05", "1980-03-05", False),
        ("1980-03-05", "1980-05-03", False),
        ("1980-03-05", "1980-03-28", False),
        ("1980-03-05", "1980-11-05", False),
        ("1980-03-05", "1957-03-05", False),
        ("1980-03-05", "1981-03-06", False),
        ("1980-03-05", "1980-01-01", False),
        ("1980-03-05", "1980", False),
        ("1980-03-05", None, False),
        ("1980-03-05", "1980-11-28", True),
        ("1980-03-05", "1981-05-03", True),
        ("1980-03-05", "1962-03-28", True),
        ("1980-03-05", "1957-01-01", True),
    ],
)
def test_dates_that_no_single_error_explains(left: str, right: str | None, far: bool, tmp_path: Path) -> None:
    assert contradict("birth_date", {"birth_date": left}, {"birth_date": right}, tmp_path) is far


@pytest.mark.parametrize(
    ("change", "contradicts"),
    [
        ({"phones": ["+1"], "birth_date": "1990-11-28"}, False),
        ({"house": "7", "street": "elm streat", "birth_date": "1990-11-28"}, False),
        ({"phones": ["+1"], "birth_date": "1995-11-28"}, True),
        ({"phones": ["+2"], "birth_date": "1990-11-28"}, True),
        ({"phones": ["+1"], "birth_date": "1990-11-28", "given": "otto"}, True),
    ],
)
def test_a_shared_phone_or_dwelling_excuses_a_far_date_within_a_generation(
    change: dict[str, Any], contradicts: bool, tmp_path: Path
) -> None:
    left = ANN | {"phones": ["+1"], "street": "elm street", "house": "7"}
    assert contradict("birth_date", left, ANN | change, tmp_path) is contradicts


def test_a_shared_document_outweighs_a_far_date_but_not_another_name_as_well(tmp_path: Path) -> None:
    left = ANN | {"identifiers": ["passport:A1"]}
    assert not contradict("birth_date", left, left | {"birth_date": "1999-11-28"}, tmp_path / "a")
    other = left | {"birth_date": "1999-11-28", "given": "otto"}
    assert contradict("birth_date", left, other, tmp_path / "b")
    assert not contradict("names", left, left | {"given": "otto", "sex": "M"}, tmp_path / "c")


@pytest.mark.parametrize(
    ("change", "contradicts"),
    [
        ({"given": "otto"}, False),
        ({"given": "otto", "birth_date": "1980-03-06"}, False),
        ({"given": "otto", "birth_date": None}, False),
        ({"given": "otto", "sex": "M"}, True),
        ({"given": "otto", "sex": None}, False),
        ({"given": "otto", "lifelong": ["fin:22222222"]}, True),
        ({"given": "otto", "lifelong": ["nino:2222222"]}, False),
        ({"family": "lang", "sex": "M"}, True),
        ({"sex": "M"}, False),
        ({"given": "a", "sex": "M"}, False),
        ({"given": "ann", "sex": "M"}, False),
        ({"given": "enne", "sex": "M"}, False),
        ({"given": "maria anna", "sex": "M"}, False),
        ({"given": "nyura", "given_key": "ana", "sex": "M"}, False),
        ({"given": "nyura", "given_key": "niura", "sex": "M"}, True),
        ({"given": None, "sex": "M"}, False),
        ({"given": "koch", "family": "anna", "sex": "M"}, False),
        ({"given": "koch", "family": "otto", "sex": "M"}, True),
    ],
)
def test_names_contradict_only_together_with_something_else(
    change: dict[str, Any], contradicts: bool, tmp_path: Path
) -> None:
    left = ANN | {"lifelong": ["fin:11111111"], "given_key": "ana"}
    assert contradict("names", left, ANN | change, tmp_path) is contradicts


@pytest.mark.parametrize(
    ("left", "right", "two"),
    [
        ({"suffix": "Jr"}, {"suffix": "Sr"}, True),
        ({"suffix": "II"}, {"suffix": "III"}, True),
        ({"suffix": "Jr"}, {"suffix": "II"}, False),
        ({"suffix": "Jr"}, {}, False),
        ({"middle": "i"}, {"suffix": "II"}, True),
        ({"middle": "i"}, {"suffix": "Jr"}, False),
        ({"middle": "i"}, {}, False),
    ],
)
def test_suffixes_of_two_generations(left: dict[str, Any], right: dict[str, Any], two: bool, tmp_path: Path) -> None:
    assert contradict("generation", ANN | left, ANN | right, tmp_path) is two
