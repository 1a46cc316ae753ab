"""Addresses in the languages of the bank: parts from text, text from parts, one ASCII form."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.standardise.addresses import INPUT, SCHEMA, standardise_addresses
from quality.standardise.ascii import tidy, to_ascii


def one(**parts: str | None) -> dict:
    frame = pl.DataFrame([{name: parts.get(name) for name in INPUT}], schema=dict.fromkeys(INPUT, pl.String))
    return standardise_addresses(frame).row(0, named=True)


CASES = [
    ("Bakı şəhəri, Nizami küçəsi, ev 12, mənzil 4, AZ1000", "AZ", "nizami st 12 4 baku az1000"),
    ("Bakı ş., Nizami küç. 12-A, m. 4", "AZ", "nizami st 12a 4 baku"),
    ("Баку, ул. Низами 12а кв 4", "AZ", "nizami st 12a 4 baku"),
    ("28 May küçəsi 15, Bakı", "AZ", "28 may st 15 baku"),
    ("AZ1025, Bakı, Xətai rayonu, Ə.Cavad küç., ev 5, mən. 10", "AZ", "a cavad st 5 10 xatai baku az1025"),
    ("г. Москва, ул. Ленина, д. 5, корп. 2, кв. 7, 101000", "RU", "lenina st 5k2 7 moscow 101000"),
    ("str. Mihai Eminescu 5, ap. 3, mun. Chișinău, MD-2001", "MD", "mihai eminescu st 5 3 chisinau md2001"),
    ("Bulevardul Unirii nr. 10, ap. 15, Sector 3, București, 030167", "RO",
     "unirii blvd 10 15 sector 3 bucharest 030167"),
    ("12 Main Road, London SW1A 1AA, United Kingdom", None, "main rd 12 london sw1a1aa"),
    ("Flat 3, 22 Baker Street, London", "GB", "baker st 22 3 london"),
    ("1304 Poppy Hills Dr, Blacklick, OH 43004", "US", "poppy hills pas 1304 blacklick oh 43004"),
    ("Atatürk Caddesi No:15 Daire:4, Çankaya, Ankara 06420", "TR", "ataturk av 15 4 cankaya ankara 06420"),
    ("вул. Хрещатик, буд. 22, кв. 3, м. Київ, 01001", "UA", "hresatik st 22 3 kyiv 01001"),
    ("北京市朝阳区建国路88号1203室", "CN", "jian guo rd 88 1203 chao yang qu beijing"),
    ("St Kilda Road 5, Melbourne", "AU", "st kilda rd 5 melbourne"),
]  # fmt: skip


@pytest.mark.parametrize(("full", "country", "ascii_form"), CASES)
def test_full_text_to_normalised_text(full: str, country: str | None, ascii_form: str) -> None:
    row = one(full=full, country=country)
    assert (row["ascii"], row["valid"], row["reason"]) == (ascii_form, True, None)
    assert row["full"] == full


def test_parts_of_one_text() -> None:
    row = one(full="Bakı şəhəri, Nizami küçəsi, ev 12, mənzil 4, AZ1000", country="AZE")
    assert [row[name] for name in INPUT[1:]] == ["Nizami küçəsi", "12", "4", "Bakı", None, None, "AZ1000", "AZ"]
    assert (row["street_ascii"], row["city_ascii"]) == ("nizami st", "baku")


def test_parts_and_text_meet_in_one_form() -> None:
    by_parts = one(street="küç. Nizami", house="12 A", unit="4", city="Баку", postcode="1000", country="31")
    by_text = one(full="Bakı, Nizami küçəsi 12-a, mənzil 4, AZ 1000", country="AZ")
    assert by_parts["ascii"] == by_text["ascii"] == "nizami st 12a 4 baku az1000"
    assert by_parts["full"] == "küç. Nizami 12a, 4, Баку, AZ1000, AZ"


def test_street_part_that_carries_its_number() -> None:
    row = one(street="7 CHURCH LANE", postcode="hr5 29ll")
    assert (row["street_ascii"], row["house"], row["postcode"]) == ("church ln", "7", "HR529LL")


def test_given_parts_stand_and_missing_ones_are_read() -> None:
    row = one(full="Nizami küç. 12, Sumqayıt", city="Bakı", country="AZ")
    assert (row["city_ascii"], row["house"]) == ("baku", "12")


@pytest.mark.parametrize(
    ("full", "reason"), [("n/a", "placeholder"), ("yoxdur", "placeholder"), ("", "empty"), (None, "empty")]
)
def test_nothing_said(full: str | None, reason: str) -> None:
    row = one(full=full, country="AZ")
    assert (row["valid"], row["reason"], row["ascii"], row["country"]) == (False, reason, None, "AZ")


@pytest.mark.parametrize(
    ("country", "code"),
    [("PL", "00-950"), ("CA", "M1S 1T4"), ("SE", "113 30"), ("JP", "100-0001"), ("BR", "01310-100"), ("NL", "1012 AB"),
     ("IE", "D02 AF30"), ("CZ", "110 00"), ("GG", "GY10 1AA")],
)  # fmt: skip
def test_codes_are_written_with_separators_and_judged_without(country: str, code: str) -> None:
    assert one(street="Main", house="1", postcode=code, country=country)["reason"] is None
    assert one(street="Main", house="1", postcode=code[:-1], country=country)["reason"] == "postcode not of its country"


def test_postcode_of_another_country_is_flagged_and_still_usable() -> None:
    row = one(street="Main Road", house="1", postcode="12", country="GB")
    assert (row["valid"], row["reason"]) == (True, "postcode not of its country")


def test_control_and_bidi_characters_are_cleaned() -> None:
    assert tidy("\u202eNizami\x00 \u200bküçəsi\t5") == "Nizami küçəsi 5"
    assert to_ascii("Əliyev ŞIĞ") == "aliyev sig"


WORDS = st.sampled_from(
    "Nizami küçəsi ev 12 mənzil 4 г. ул. Ленина д. 5 str. AZ1000 , London 22 北京市 路 # St 12-A".split()  # noqa: SIM905
)
TEXT = st.none() | st.text(max_size=25) | st.lists(WORDS).map(" ".join)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(st.none() | st.text(max_size=25) | st.lists(WORDS).map(" ".join), st.none() | st.text(max_size=5))
    )
)
def test_never_fails_keeps_rows_and_is_idempotent(rows: list[tuple[str | None, str | None]]) -> None:
    frame = pl.DataFrame([{**dict.fromkeys(INPUT), "full": full, "country": country} for full, country in rows],
                         schema=dict.fromkeys(INPUT, pl.String))  # fmt: skip
    once = standardise_addresses(frame)
    assert once.schema == SCHEMA and once.height == len(rows)
    again = standardise_addresses(once.select(INPUT))
    assert again.filter("valid")["ascii"].to_list() == once.filter("valid")["ascii"].to_list()


@pytest.mark.parametrize(
    ("street", "ascii_form"),
    [
        ("12396 Austin Rd", "austin rd 12396 sacramento"), ("7 ST. JOHNS ROAD", "st johns rd 7 sacramento"),
        ("19 GROVE ROAD", "grove rd 19 sacramento"), ("9 KINGSWAY", "kingsway 9 sacramento"),
        ("Grove House, Mill Lane", "grove house mill ln sacramento"),
    ],
)  # fmt: skip
def test_street_lines(street: str, ascii_form: str) -> None:
    assert one(street=street, city="Sacramento")["ascii"] == ascii_form


def test_street_line_that_is_a_whole_address() -> None:
    row = one(street="3212 W. 32nd St Palm Harbor, FL 60527")
    assert row["ascii"] == "w 32nd st 3212 palm harbor fl 60527"
