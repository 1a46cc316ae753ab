"""Official or published examples of every identifier type, right and wrong."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.standardise.identifiers import SCHEMA, facts, standardise_identifiers
from quality.standardise.ids import DOCUMENTS, TYPE_OF, is_dummy, mrz_check_digit, mrz_line


def one(kind: str | None, number: str | None, country: str | None = None) -> dict:
    frame = pl.DataFrame({"type": [kind], "number": [number], "country": [country]}, schema=dict.fromkeys(("type", "number", "country"), pl.String))  # fmt: skip # noqa: E501
    return standardise_identifiers(frame).row(0, named=True)


RIGHT = [
    ("az_fin", "5xj2k8q", "5XJ2K8Q", None), ("az_voen", "140 155 5071", "1401555071", True),
    ("md_idno", "1008600038413", "1008600038413", True), ("md_idnp", "2004036060139", "2004036060139", True),
    ("ro_cnp", "1630615123457", "1630615123457", True), ("ro_cui", "RO 185 472 90", "18547290", True),
    ("ru_inn", "7707083893", "7707083893", True), ("ru_inn", "500100732259", "500100732259", True),
    ("ru_snils", "112-233-445 95", "11223344595", True), ("ru_ogrn", "1027700132195", "1027700132195", True),
    ("cn_ric", "11010519491231002x", "11010519491231002X", True),
    ("cn_ric", "110105491231002", "11010519491231002X", True),
    ("cn_uscc", "91110000600037341L", "91110000600037341L", True), ("gb_nino", "AB 12 34 56 C", "AB123456C", None),
    ("us_ssn", "536-90-4399", "536904399", None), ("lei", "HWUPKR0MPOU8FGXBT394", "HWUPKR0MPOU8FGXBT394", True),
    ("iban", "GB29 NWBK 6016 1331 9268 19", "GB29NWBK60161331926819", True),
    ("iban", "AZ21NABZ00000000137010001944", "AZ21NABZ00000000137010001944", True),
    ("iban", "MD24AG000225100013104168", "MD24AG000225100013104168", True),
    ("bic", "deutdeffxxx", "DEUTDEFF", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "raw", "number", "check_ok"), RIGHT)
def test_right_numbers(kind: str, raw: str, number: str, check_ok: bool | None) -> None:
    row = one(kind, raw)
    assert row["number"] == number and row["well_formed"]
    assert (row["check_ok"], row["valid"], row["reason"]) == (check_ok, True, None)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("az_voen", "1401555081"), ("md_idno", "1008600038412"), ("ro_cnp", "1630615123458"), ("ro_cui", "18547291"),
        ("ru_inn", "7707083894"), ("ru_inn", "500100732258"), ("ru_snils", "11223344594"), ("ru_ogrn", "1027700132194"),
        ("cn_ric", "110105194912310021"), ("cn_uscc", "91110000600037342L"), ("lei", "HWUPKR0MPOU8FGXBT395"),
        ("iban", "GB28NWBK60161331926819"),
    ],
)  # fmt: skip
def test_wrong_check_digit_is_flagged_and_kept(kind: str, raw: str) -> None:
    row = one(kind, raw)
    assert row["number"] == raw
    assert (row["well_formed"], row["check_ok"], row["valid"]) == (True, False, False)
    assert row["reason"] == f"wrong check digit for {kind}"


@pytest.mark.parametrize(
    ("kind", "raw"),
    [("az_fin", "5XJ2KIO"), ("az_fin", "12345"), ("gb_nino", "QQ123456C"), ("us_ssn", "666-12-3456"),
     ("ro_cnp", "1631315123457"), ("cn_ric", "110105194913310021"), ("lei", "HWUPKR0"), ("bic", "12AB")],
)  # fmt: skip
def test_malformed(kind: str, raw: str) -> None:
    row = one(kind, raw)
    assert (row["well_formed"], row["valid"]) == (False, False) and row["reason"]


def test_every_md_number_has_one_right_check_digit() -> None:
    frame = pl.DataFrame({"type": "md_idnp", "number": [f"200403606013{d}" for d in range(10)], "country": "MD"})
    assert standardise_identifiers(frame)["check_ok"].sum() == 1


@pytest.mark.parametrize(
    ("kind", "raw", "country"),
    [("passport", "0000000", "AZ"), ("az_fin", "1111111", None), ("us_ssn", "078-05-1120", None),
     ("passport", "AA1234567", "AZ"), ("other:card", "1111111", None), ("ru_snils", "00000000000", None)],
)  # fmt: skip
def test_dummies(kind: str, raw: str, country: str | None) -> None:
    assert (one(kind, raw, country)["valid"], one(kind, raw, country)["reason"]) == (False, "placeholder")


@pytest.mark.parametrize("raw", ["0R0PQJA", "00AB0CD", "A0B0C0D", "5XJ2K8Q"])
def test_zeros_among_letters_are_no_dummy(raw: str) -> None:
    assert (one("az_fin", raw)["valid"], one("az_fin", raw)["reason"]) == (True, None)


@pytest.mark.parametrize("number", ["", "0", "000", "0000000", "AAAAAAA", "AA0000000", "1234567", "AB7654321"])
def test_what_is_a_dummy(number: str) -> None:
    assert is_dummy(number)


@pytest.mark.parametrize(
    ("raw", "country", "formed"),
    [("AA 7654320", "AZ", True), ("АА 7654320", "AZ", True), ("05512345", "RO", True), ("E12345679", "CN", True),
     ("4509 123456", "RU", True), ("123", "GB", False), ("AB12345", None, True)],
)  # fmt: skip
def test_passport_form_by_country(raw: str, country: str | None, formed: bool) -> None:
    row = one("passport", raw, country)
    assert row["well_formed"] == formed and row["check_ok"] is None and not row["lifelong"]


def test_machine_readable_zone() -> None:
    line = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"  # ICAO 9303 part 4
    assert mrz_check_digit("L898902C3") == 6 and mrz_check_digit("740812") == 2
    assert one("passport", line)["number"] == "L898902C3" and one("passport", line)["check_ok"]
    assert one("passport", line.replace("L898902C36", "L898902C37"))["check_ok"] is False
    read = mrz_line(line)
    assert read and (read.sex, read.expires_on, read.nationality) == ("F", date(2012, 4, 15), "UTO")


def test_facts_encoded_in_numbers() -> None:
    assert facts("ro_cnp", "1630615123457") == (date(1963, 6, 15), "M")
    assert facts("cn_ric", "11010519491231002X") == (date(1949, 12, 31), "F")
    assert facts("cn_ric", "110105194912310021") == (None, None)
    assert facts("us_ssn", "536904399") == facts("passport", None) == (None, None)


def test_primary_by_country_pack_and_lifelong() -> None:
    assert one("passport", "E12345679", "CN")["primary"] is False
    assert one("cn_ric", "11010519491231002X")["primary"] is True
    assert one("passport", "AA7654320", "AZ")["primary"] is True
    assert {kind for kind in TYPE_OF if not TYPE_OF[kind].lifelong} == {"iban", "bic"}


def test_empty_and_unknown_types() -> None:
    assert (one("lei", " ")["number"], one("lei", None)["reason"]) == (None, "empty")
    assert one("libary_card", "AB123")["reason"] == "unknown type libary_card"
    assert one("other:library", "ab-123")["number"] == "AB123"


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([*TYPE_OF, *DOCUMENTS, "other:x"]), st.none() | st.text(max_size=24))))
def test_never_fails_keeps_rows_and_is_idempotent(rows: list[tuple[str, str | None]]) -> None:
    frame = pl.DataFrame(
        [(kind, number, None) for kind, number in rows],
        schema={"type": pl.String, "number": pl.String, "country": pl.String}, orient="row",
    )  # fmt: skip
    once = standardise_identifiers(frame)
    assert once.schema == SCHEMA and once["raw"].to_list() == frame["number"].to_list()
    again = standardise_identifiers(once.select("type", "number", "country"))
    assert again["number"].to_list() == once["number"].to_list()
