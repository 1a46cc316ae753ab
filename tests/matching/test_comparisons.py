"""Comparisons driven through DuckDB: literal input → level, the same with left and right exchanged.

Here: every kind of field but names, whose ladders have tests of their own (test_name_levels.py), and what given and
family name do together.
"""

from collections.abc import Sequence
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.comparisons import columns, comparison, labels
from matching.name_levels import FAMILY_READS, GIVEN_READS, MIDDLE_READS
from rules.matching import Comparison, is_list, load_matching

Record = dict[str, Any]
CON = duckdb.connect()


def levels(declared: Sequence[Comparison], left: Record, right: Record) -> list[str]:
    """The label of the first level that holds in each comparison, by the SQL that Splink is given."""
    read = sorted({name for c in declared for name in (c.field, *columns(c))})
    sides = [(name, side, record.get(name)) for name in read for side, record in (("l", left), ("r", right))]
    values = ", ".join(f"CAST(? AS {_type(name)}) AS {name}_{side}" for name, side, _ in sides)
    sql = f"SELECT [{', '.join(_case(c) for c in declared)}] FROM (SELECT {values})"
    return list(CON.execute(sql, [value for _, _, value in sides]).fetchall()[0][0])


def _type(column: str) -> str:
    return "BOOLEAN" if column.endswith("_known") else "VARCHAR[]" if is_list(column) else "VARCHAR"


def _case(declared: Comparison) -> str:
    ladder = comparison(declared)["comparison_levels"]
    whens = " ".join(f"WHEN {step['sql_condition']} THEN '{step['label_for_charts']}'" for step in ladder[:-1])
    return f"CASE {whens} ELSE 'different' END"


def level(declared: Comparison, left: Record, right: Record) -> str:
    return levels([declared], left, right)[0]


def of(field: str, kind: str) -> Comparison:
    return Comparison.model_validate({"field": field, "kind": kind})


GIVEN, FAMILY, MIDDLE = of("given", "given_name"), of("family", "family_name"), of("middle", "other_name")
NAME, DATE, PLACE = of("name", "organisation_name"), of("birth_date", "date"), of("birth_place", "place")
SEX, IDS, PHONES = of("sex", "category"), of("identifiers", "identifier"), of("phones", "phone")
EMAILS, ADDRESS = of("emails", "email"), of("address", "address")

SINGLE = [
    (GIVEN, None, "anna", "missing"),
    (FAMILY, "smith", None, "missing"),
    (MIDDLE, None, None, "missing"),
    (NAME, None, "acme", "missing"),
    (DATE, "1980-03-04", "1980-03-04", "same"),
    (DATE, "1980-03-04", "1980-04-03", "day and month swapped"),
    (DATE, "1980-03-04", "1980-03-05", "one digit"),
    (DATE, "1980-03-04", "1980-03-15", "one component"),
    (DATE, "1980-03-04", "1993-03-04", "one component"),
    (DATE, "1980-03-04", "1980-11-25", "same year"),
    (DATE, "1980-03-04", "1981-03-05", "two digits"),
    (DATE, "1980-03-04", "1955-11-25", "different"),
    (DATE, "1980", "1980-03-04", "same year"),
    (DATE, None, "1980-03-04", "missing"),
    (PLACE, "baku", "baku", "same"),
    (PLACE, "baku", "bakku", "near"),
    (PLACE, "new york", "york", "near"),
    (PLACE, "baku", "london", "different"),
    (SEX, "F", "F", "same"),
    (SEX, "F", "M", "different"),
    (SEX, "F", None, "missing"),
    (IDS, ["passport:AB123", "tax:9"], ["passport:AB123"], "same document"),
    (IDS, ["tax:123456789"], ["tax:123456780"], "one digit"),
    (IDS, ["tax:123456789"], ["tax:123456798"], "one digit"),
    (IDS, ["tax:123456789"], ["tax:123456700"], "two digits"),
    (IDS, ["tax:123456789"], ["tax:987"], "different"),
    (IDS, ["tax:123456789"], ["passport:123456789"], "missing"),
    (IDS, [], ["tax:1"], "missing"),
    (PHONES, ["6553537"], ["+3903526553537"], "same ending"),
    (PHONES, ["+13526553537"], ["+3903526553537"], "different"),
    (PHONES, ["+1", "+994501234567"], ["+994501234567"], "same"),
    (PHONES, ["+994501234567"], ["+994501234568"], "one digit"),
    (PHONES, ["+994501234567"], ["+442079460000"], "different"),
    (PHONES, [], ["+994501234567"], "missing"),
    (EMAILS, ["a.smith@x.com"], ["a.smith@x.com", "b@y.com"], "same"),
    (EMAILS, ["a.smith@x.com"], ["a.smith@y.org"], "same user"),
    (EMAILS, ["anna.smith@mail.com"], ["anna.smiht@mail.com"], "near"),
    (EMAILS, ["abcd@x.com"], ["zzz@qqq.org"], "different"),
    (EMAILS, None, ["zzz@qqq.org"], "missing"),
]


@pytest.mark.parametrize(("declared", "left", "right", "expected"), SINGLE)
def test_level_of_a_field(declared: Comparison, left: Any, right: Any, expected: str) -> None:
    records = {declared.field: left}, {declared.field: right}
    assert level(declared, *records) == expected
    assert level(declared, *reversed(records)) == expected


DWELLING = {"street": "main street", "house": "5", "unit": "2", "city": "baku", "postcode": "AZ1000"}
SEVERAL = [
    (ADDRESS, {"address": "5 main street baku"}, {"address": "5 main street baku"}, "same text"),
    (ADDRESS, DWELLING, {**DWELLING, "street": "main stret", "unit": None}, "same dwelling"),
    (ADDRESS, DWELLING, {**DWELLING, "postcode": None, "street": "main stret"}, "same dwelling"),
    (ADDRESS, DWELLING, {**DWELLING, "unit": "3"}, "same postcode"),
    (ADDRESS, {"address": "5 main street baku"}, {"address": "5 main stret baku"}, "near text"),
    (ADDRESS, {"address": "block b main street 5 baku"}, {"address": "5 main street baku"}, "near text"),
    (ADDRESS, {"address": "block b main street 5 baku"}, {"address": "7 main street baku"}, "different"),
    (ADDRESS, {"address": "main street baku"}, {"address": "street main old baku"}, "different"),
    (ADDRESS, {"postcode": "AZ1000"}, {"postcode": "AZ1000"}, "same postcode"),
    (ADDRESS, {"postcode": "AZ1000"}, {"postcode": "AZ1001"}, "near postcode"),
    (ADDRESS, {"postcode": "SW1A1AA"}, {"postcode": "SW1A2BB"}, "near postcode"),
    (ADDRESS, {"postcode": "AB123", "city": "baku"}, {"postcode": "CD999", "city": "baku"}, "same city"),
    (ADDRESS, {"city": "baku"}, {"city": "bakuu"}, "near city"),
    (ADDRESS, {"city": "baku"}, {"city": "london"}, "different"),
    (ADDRESS, {"city": "baku"}, {"postcode": "AZ1000"}, "missing"),
    (ADDRESS, {}, DWELLING, "missing"),
]


@pytest.mark.parametrize(("declared", "left", "right", "expected"), SEVERAL)
def test_level_of_several_fields(declared: Comparison, left: Record, right: Record, expected: str) -> None:
    assert level(declared, left, right) == level(declared, right, left) == expected


NAMES = ("given_name", "family_name", "other_name", "organisation_name")


def test_every_level_is_met_by_some_example() -> None:
    met = {(declared.kind, expected) for declared, *_, expected in (*SINGLE, *SEVERAL)}
    every = {(c.kind, label) for c in _shipped() for label in labels(c) if c.kind not in NAMES}
    assert every and every <= met


LI_WEI = {"given": "li", "family": "wei", "given_key": "li", "family_key": "vei"}
EXCHANGES = [
    ({"given": "wei", "family": "li"}, ["exchanged with family name", "missing"]),
    ({"given": "weii", "family": "li"}, ["exchanged with family name", "missing"]),
    ({"given": "li", "family": "wei"}, ["same", "same"]),
    ({"given": "li", "family": "li"}, ["same", "different"]),
    ({"given": "wei", "family": None}, ["different", "missing"]),
    ({"given": "wei", "family": "zhang"}, ["different", "different"]),
]


@pytest.mark.parametrize(("other", "expected"), EXCHANGES)
def test_exchanged_names_count_once_in_the_given_name(other: Record, expected: list[str]) -> None:
    assert levels([GIVEN, FAMILY], LI_WEI, other) == levels([GIVEN, FAMILY], other, LI_WEI) == expected


def _shipped() -> tuple[Comparison, ...]:
    declared = load_matching()
    return (*declared.person.comparisons, *declared.organisation.comparisons)


words = st.text("abc ", max_size=7).map(lambda text: " ".join(text.split()) or None) | st.none()
dates = st.sampled_from(["1980-03-04", "1980-04-03", "1980-03-05", "1981-12-05", "1980", "2011-11-11"])
lists = st.lists(st.sampled_from(["a:1234", "a:1243", "b:1234", "b:99", "a:12"]), max_size=3).map(sorted) | st.none()
mails = st.lists(st.sampled_from(["ab@c.d", "abcde@c.d", "abcde@x.y", "abcdf@c.d"]), max_size=2) | st.none()
codes = st.sampled_from([None, "AB123", "AB1234", "AB12", "A", "AB124"])


ALL = (GIVEN, FAMILY, MIDDLE, DATE, PLACE, SEX, IDS, PHONES, EMAILS, ADDRESS)
TEXT = (*GIVEN_READS, *FAMILY_READS, *MIDDLE_READS, *columns(ADDRESS), "birth_place", "sex")
FIELDS = dict.fromkeys(TEXT, words) | {"given_known": st.booleans() | st.none()}
record = st.fixed_dictionaries(
    FIELDS | {"birth_date": dates, "postcode": codes, "identifiers": lists, "phones": lists, "emails": mails}
)


@settings(max_examples=20, derandomize=True, deadline=None)
@given(record, record)
@pytest.mark.slow
def test_levels_are_equal_with_left_and_right_exchanged(left: Record, right: Record) -> None:
    assert levels(ALL, left, right) == levels(ALL, right, left)


@settings(max_examples=10, derandomize=True, deadline=None)
@given(record)
def test_a_record_agrees_with_itself_wherever_it_says_anything(same: Record) -> None:
    assert set(levels(ALL, same, same)) <= {"same", "same document", "same text", "same postcode", "same city",
                                            "same dwelling", "missing"}  # fmt: skip


def test_labels_go_from_different_to_strongest() -> None:
    assert labels(SEX) == ["different", "same"]
    assert labels(IDS) == ["different", "two digits", "one digit", "same document"]


def test_only_rare_agreement_is_weighed_by_frequency() -> None:
    adjusted = {
        (c.field, step["label_for_charts"], step["tf_adjustment_column"])
        for c in (GIVEN, FAMILY, DATE, PLACE, SEX, ADDRESS)
        for step in comparison(c)["comparison_levels"]
        if "tf_adjustment_column" in step
    }
    assert ("given", "same", "given") in adjusted and ("address", "same postcode", "postcode") in adjusted
