"""Every declared table can be made empty, written in its shape, read back and hashed."""

from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

from rules.contracts import TABLES
from store import tables
from store.duck import connect


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_contract_makes_an_empty_table(name: str, tmp_path: Path) -> None:
    schema = TABLES[name]
    with connect([tmp_path], tmp_path / "work", threads=1) as con:
        con.execute("CREATE TABLE key_map (record_key BIGINT, source VARCHAR, record_id VARCHAR)")
        con.execute(f"CREATE TABLE made AS {tables.empty_sql(schema)}")
        tables.write(con, "made", schema, tmp_path / "sub" / f"{name}.parquet")
        assert tables.describe(con, tmp_path / "sub" / f"{name}.parquet", schema) == ("0" * 32, 0)
    read = pl.read_parquet(tmp_path / "sub" / f"{name}.parquet")
    assert read.columns == schema.column_names()


class Sample(dy.Schema):
    name = dy.String(primary_key=True)
    amount = dy.Decimal(precision=24, scale=2, nullable=True)
    tags = dy.List(dy.String(), nullable=True)
    made_at = dy.Datetime(nullable=True)


def test_rows_are_cast_and_ordered_by_key(tmp_path: Path) -> None:
    rows = "('b', '1.10', ['x'], '2026-01-01 02:30:00'), ('a', '22', NULL, NULL)"
    with connect([tmp_path], tmp_path / "work", threads=2) as con:
        con.execute(f"CREATE TABLE given AS SELECT * FROM (VALUES {rows}) t(name, amount, tags, made_at)")
        tables.write(con, "given", Sample, tmp_path / "t.parquet")
    frame = Sample.validate(pl.read_parquet(tmp_path / "t.parquet"), cast=True)
    assert frame["name"].to_list() == ["a", "b"] and [str(v) for v in frame["amount"]] == ["22.00", "1.10"]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for order, threads in (("ASC", 1), ("DESC", 2)):
        with connect([tmp_path], tmp_path / "work", threads=threads) as con:
            con.execute(f"""
                CREATE TABLE t AS SELECT range::VARCHAR AS name, range AS amount, [] AS tags, NULL AS made_at
                FROM range(50000) ORDER BY 1 {order}""")
            tables.write(con, "t", Sample, tmp_path / "t.parquet")
        written.append((tmp_path / "t.parquet").read_bytes())
    assert written[0] == written[1]


def test_a_column_that_an_earlier_release_did_not_write_is_empty(tmp_path: Path) -> None:
    with connect([tmp_path], tmp_path / "work", threads=1) as con:
        added = tables.missing_sql(TABLES["golden_lineage"], ("client_number", "field"))
        found = con.sql(f"SELECT *{added} FROM (SELECT 'n' AS client_number, 'sex' AS field)").pl()
    assert set(found.columns) == set(TABLES["golden_lineage"].column_names())
    assert found["stale_since"].to_list() == [None] and found.schema["record_key"] == pl.Int64
