"""Scalar fields of records: what is kept beside the record of a birth date that is none."""

from datetime import date

import polars as pl

from quality.standardise.driver import Cache
from rules.placeholders import load_placeholders
from rules.source_map import RECORD_FIELDS, DateFormat
from stages.scalars import standardise_scalars

AS_OF = date(2026, 3, 2)


def births(folder, *raw: str):
    blank = pl.DataFrame({"row": range(len(raw)), "record_id": [str(row) for row in range(len(raw))]})
    records = blank.with_columns(pl.lit(None, pl.String).alias(field) for field in RECORD_FIELDS)
    records = records.with_columns(birth_date=pl.Series(raw), party_type=pl.lit("person"))
    formats = {"records.birth_date": DateFormat(formats=("%Y-%m-%d",))}
    record, value = standardise_scalars(records, formats, Cache(folder), load_placeholders(), AS_OF)
    return record["birth_date"].to_list(), value.select("row", "standard", "valid", "reason").rows()


def test_a_birth_date_that_is_none_keeps_its_digits_beside_the_record(tmp_path):
    dates, values = births(tmp_path, "1921-95-03", "1983-4-", "2148-12-27", "1983-04-18")
    assert dates == [None, None, None, date(1983, 4, 18)]
    assert values == [
        (0, "1921-95-03", False, "no such date"),
        (1, "1983-04-00", False, "not in declared formats"),
        (2, "2148-12-27", False, "in the future"),
    ]


def test_a_placeholder_keeps_no_digits_and_neither_does_another_format(tmp_path):
    _, values = births(tmp_path, "0000-00-00", "18.04.1983")
    assert values == [(0, None, False, "placeholder"), (1, None, False, "not in declared formats")]
