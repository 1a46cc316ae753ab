"""Each form of a map entry on tiny snapshots."""

from typing import Any

import polars as pl

from quality.mapping import Mapped, map_snapshot
from rules.contracts.standard import SCALARS
from rules.sources import Source


def mapped(entries: list[dict[str, Any]], columns: dict[str, Any], **values: list[Any]) -> Mapped:
    if not any("party_type" in entry for entry in entries):
        entries = [{"party_type": "person"}, *entries]
    source = Source.model_validate(
        {
            "name": "s",
            "kind": "csv",
            "legal_entity": "bank_az",
            "read": {"path": "x.csv", "key": "id"},
            "contract": {"columns": {"id": "text", **columns}},
            "map": entries,
        }
    )
    rows = len(next(iter(values.values())))
    ids = [str(i) for i in range(rows)]
    types = {name: pl.List(pl.String) if kind == "list" else pl.String for name, kind in columns.items()}
    frame = pl.DataFrame({"row": range(rows), "record_id": ids, "id": ids, **values}, schema_overrides=types)
    return map_snapshot(source, frame)


def test_records_hold_every_scalar_as_text() -> None:
    got = mapped([{"birth_date": "b"}, {"country": "AZ"}], {"b": "text"}, b=["01.02.1990", None])
    assert set(SCALARS) < set(got.records.columns)
    assert got.records.select("birth_date", "country", "legal_entity").rows() == [
        ("01.02.1990", "AZ", "bank_az"),
        (None, "AZ", "bank_az"),
    ]
    assert set(got.records.drop("row").dtypes) == {pl.String}


def test_value_map_with_and_without_a_default() -> None:
    entries: list[dict[str, Any]] = [
        {"sex": {"column": "g", "values": {"male": "M"}}},
        {"pep": {"column": "g", "values": {"male": "true"}, "default": "false"}},
    ]
    got = mapped(entries, {"g": "text"}, g=["male", "odd", None])
    assert got.records.get_column("sex").to_list() == ["M", "odd", None]
    assert got.records.get_column("pep").to_list() == ["true", "false", "false"]


def test_several_columns_become_one() -> None:
    entry = {"birth_place": {"columns": ["t", "d"], "join": ", "}}
    got = mapped([entry], {"t": "text", "d": "text"}, t=["A", "B", None, None], d=["C", None, "D", None])
    assert got.records.get_column("birth_place").to_list() == ["A, C", "B", "D", None]


def test_a_missing_part_of_a_date_keeps_its_place() -> None:
    entry = {"birth_date": {"columns": ["y", "m", "d"], "join": "-", "date": ["%Y-%m-%d"]}}
    got = mapped(
        [entry], dict.fromkeys("ymd", "text"),
        y=["1990", "1991", None, "1992", None], m=["02", None, "4", "5", None], d=["3", "18", "5", None, None],
    )  # fmt: skip
    dates = got.records.get_column("birth_date").to_list()
    assert dates == ["1990-02-3", "1991--18", "-4-5", "1992-5-", None]
    assert got.date_formats["records.birth_date"].formats == ("%Y-%m-%d",)


def test_parts_in_one_entry_make_one_name_and_empty_names_are_left_out() -> None:
    entries = [
        {"name.given": "f", "name.family": "l", "order": "given family"},
        {"name": {"full": "o", "kind": "alias"}},
    ]
    columns = {"f": "text", "l": "text", "o": "text"}
    got = mapped(entries, columns, f=["A", None], l=["B", None], o=["C", None])
    assert got.names.select("row", "ordinal", "kind", "full", "given", "family", "order", "party_type").rows() == [
        (0, 0, "current", None, "A", "B", "given family", "person"),
        (0, 1, "alias", "C", None, None, None, "person"),
    ]


def test_lists_in_cells_and_lists_of_columns_become_contacts_in_mapping_order() -> None:
    entries: list[dict[str, Any]] = [
        {"contact": {"kind": "phone", "value": ["p", "q"], "country": "AZ"}},
        {"contact": {"kind": "email", "value": "e", "split": ";"}},
        {"contact": {"kind": "messenger", "value": "t"}},
    ]
    columns = {"p": "text", "q": "text", "e": "text", "t": "list"}
    got = mapped(entries, columns, p=["1", None], q=["2", "3"], e=["a; b;", None], t=[["x"], []])
    assert got.contacts.select("row", "ordinal", "kind", "value", "country").rows() == [
        (0, 0, "phone", "1", "AZ"), (0, 1, "phone", "2", "AZ"), (0, 2, "email", "a", None), (0, 3, "email", "b", None),
        (0, 4, "messenger", "x", None), (1, 0, "phone", "3", "AZ"),
    ]  # fmt: skip


def test_identifier_type_from_a_column_and_dates_with_their_formats() -> None:
    number = {"type": {"column": "k", "values": {"P": "passport"}}, "number": "n", "issued_on": "d"}
    columns = {"k": "text", "n": "text", "d": {"date": ["%d.%m.%Y"], "pivot": 2030}}
    got = mapped([{"identifier": number}], columns, k=["P", "P"], n=["1", None], d=["01.02.1990", None])
    assert got.identifiers.select("type", "number", "issued_on").rows() == [("passport", "1", "01.02.1990")]
    assert got.date_formats["identifiers.issued_on"].pivot == 2030


def test_a_country_alone_is_no_identifier_and_no_contact_but_an_address() -> None:
    country = {"column": "c"}
    entries = [
        {"identifier": {"type": "registration_number", "number": "n", "country": country}},
        {"contact": {"kind": "phone", "value": "n", "country": country}},
        {"address": {"kind": "registered", "full": "n", "country": country}},
    ]
    got = mapped(entries, {"n": "text", "c": "text"}, n=["1", None], c=["AZ", "AZ"])
    assert got.identifiers.select("row", "country").rows() == [(0, "AZ")]
    assert got.contacts.height == 1 and got.addresses.height == 2


def test_unmapped_party_type_goes_to_quarantine_and_nowhere_else() -> None:
    entries = [{"party_type": {"column": "k", "values": {"P": "person", "B": "bank"}}}, {"name.full": "n"}]
    got = mapped(entries, {"k": "text", "n": "text"}, k=["P", "X", None, "B"], n=["a", "b", "c", "d"])
    assert got.records.get_column("row").to_list() == [0, 3]
    assert got.names.select("row", "party_type").rows() == [(0, "person"), (3, "bank")]
    assert got.quarantine.select("row", "rule").rows() == [(1, "party_type"), (2, "party_type")]


def test_an_address_needs_more_than_a_constant_country() -> None:
    got = mapped([{"address": {"kind": "registered", "full": "a", "country": "AZ"}}], {"a": "text"}, a=["x", None])
    assert got.addresses.select("row", "kind", "full", "country").rows() == [(0, "registered", "x", "AZ")]


def test_nothing_mapped_gives_empty_frames() -> None:
    got = mapped([], {"a": "text"}, a=["x"])
    assert got.names.height == got.contacts.height == 0 and got.records.height == 1
