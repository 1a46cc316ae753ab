"""Child units of small snapshots: types, problems, owners, rows that are gone."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from quality.children import feed_rows, standard_units
from rules.contracts.children import UNITS
from rules.feeds import Feed
from rules.sources import Source

DAY = date(2026, 3, 3)


def feed(*entries, columns, **options):
    return Feed.model_validate({
        "name": "f", "of": "core", "record": "client", "kind": "csv", "legal_entity": "bank_az",
        "read": {"path": "x.csv", "key": "no"}, "map": list(entries),
        "contract": {"columns": {"no": "text", "client": "text", **columns}}, **options,
    })  # fmt: skip


def snapshot(rows, **columns):
    count = len(next(iter(columns.values())))
    whole = {"row": list(range(count)), "record_id": [f"n{n}" for n in range(count)], **rows, **columns}
    types = {name: pl.String for name in whole if name not in ("row", "gone_since")}
    return pl.DataFrame(whole, schema_overrides=types)


def units(source, frame):
    return {table: rows.to_dicts() for table, rows in standard_units(source, frame)}


def test_texts_become_the_types_of_the_table_and_what_cannot_is_named():
    source = feed(
        {
            "holding": {
                "product": "p",
                "reference": "no",
                "balance": "b",
                "matures": "m",
                "days_past_due": "d",
                "currency": "c",
            }
        },
        columns={"p": "text", "b": "text", "m": {"date": ["%d.%m.%Y"]}, "d": "text", "c": "text"},
    )
    rows = snapshot({"client": ["A", "A"]}, no=["1", "2"], p=["Deposit", "gold bar"], b=["1 000.5", "much"],
                    m=["01.02.2027", "soon"], d=["7", None], c=["azn", "AZN"])  # fmt: skip
    good, bad = units(source, rows)["std_holding"]
    assert (good["product"], good["balance"], good["matures"], good["days_past_due"], good["currency"]) == (
        "deposit", Decimal("1000.50"), date(2027, 2, 1), 7, "AZN",
    )  # fmt: skip
    assert good["problems"] is None and good["legal_entity"] == "bank_az"
    assert (bad["product"], bad["balance"], bad["problems"]) == ("gold bar", None, "balance,matures,product")


def test_a_share_keeps_four_decimals_and_the_other_end_is_of_the_same_source():
    source = feed({"relationship": {"kind": {"constant": "owner"}, "other_record": "o", "share": "s"}},
                  columns={"o": "text", "s": "decimal"})  # fmt: skip
    [row] = units(source, snapshot({"client": ["A"]}, o=["B"], s=["24.9999"]))["std_relationship"]
    assert (row["share"], row["other_source"], row["source"], row["record_id"]) == (
        Decimal("24.9999"),
        "core",
        "core",
        "A",
    )


def test_times_flags_and_countries():
    source = feed({"consent": {"channel": "h", "purpose": {"constant": "marketing"}, "given": "g", "at": "t"}},
                  {"citizenship": {"country": "c"}},
                  columns={"h": "text", "g": "text", "t": "datetime", "c": "text"})  # fmt: skip
    found = units(source, snapshot({"client": ["A", "B"]}, h=["SMS", "fax"], g=["yes", "0"], c=["Azerbaijan", None],
                                   t=["2026-01-02T03:04:05", "2026-01-02"]))  # fmt: skip
    assert [(row["channel"], row["given"], row["at"], row["problems"]) for row in found["std_consent"]] == [
        ("sms", True, datetime(2026, 1, 2, 3, 4, 5), None), ("fax", False, datetime(2026, 1, 2), "channel"),
    ]  # fmt: skip
    assert [(row["item"], row["country"]) for row in found["std_citizenship"]] == [("n0", "AZ")]


def test_every_row_of_a_feed_is_told_of_also_the_refused():
    source = feed({"note": {"text": "t"}}, columns={"t": "text"})
    bad = pl.DataFrame({"source": ["f"], "row": [2], "record_id": ["n2"], "rule": ["r"], "reason": ["too short"]})
    usable = snapshot({"client": ["A", None]}, t=["hello", "nobody's"])
    told = feed_rows(source, usable, bad)
    assert told.select("row", "item", "record_id", "refused").rows() == [
        (0, "n0", "A", None), (1, "n1", None, "client names a record"), (2, "n2", None, "too short"),
    ]  # fmt: skip
    assert [row["item"] for row in units(source, usable)["std_note"]] == ["n0"]


def test_a_row_may_name_the_source_of_its_record():
    source = feed({"note": {"text": "t"}}, columns={"t": "text", "of": "text"}, of={"column": "of"})
    usable = snapshot({"client": ["A", "B", "C"]}, t=["one", "two", "three"], of=["core", "crm", None])
    assert [(row["source"], row["record_id"]) for row in units(source, usable)["std_note"]] == [
        ("core", "A"), ("crm", "B"),
    ]  # fmt: skip
    told = feed_rows(
        source, usable, pl.DataFrame(schema={"row": pl.Int64, "record_id": pl.String, "reason": pl.String})
    )
    assert told["refused"].to_list() == [None, None, "client|of names a record"]


@pytest.mark.parametrize(("when_gone", "status", "until"), [("close", "closed", DAY), ("keep", "open", None)])
def test_what_a_feed_lost_is_over_where_it_says_so(when_gone, status, until):
    source = feed({"holding": {"product": {"constant": "card"}, "reference": "no", "status": {"constant": "open"}}},
                  {"employment": {"employer_name": "e"}}, columns={"e": "text"}, when_gone=when_gone)  # fmt: skip
    found = units(source, snapshot({"client": ["A"], "gone_since": [DAY]}, no=["1"], e=["Mill"]))
    assert found["std_holding"][0]["status"] == status and found["std_holding"][0]["gone_since"] == DAY
    assert found["std_employment"][0]["to_date"] == until


def test_a_party_s_own_row_may_tell_of_what_hangs_on_it():
    source = Source.model_validate({
        "name": "crm", "kind": "csv", "read": {"path": "x.csv", "key": "no"},
        "contract": {"columns": {"no": "text", "boss": "text"}},
        "map": [{"party_type": "person"}, {"employment": {"employer_name": "boss"}}],
    })  # fmt: skip
    [row] = units(source, snapshot({}, no=["1"], boss=["Mill"]))["std_employment"]
    assert (row["feed"], row["item"], row["source"], row["record_id"], row["employer_name"]) == (
        "crm",
        "n0",
        "crm",
        "n0",
        "Mill",
    )
    assert list(row) == UNITS["employment"].column_names()
