"""The example queries of the data dictionary, asked on the demo's extract: every engine gives the same rows."""

from pathlib import Path

import duckdb
import polars as pl
import pytest
import sqlglot

from cli import examples
from cli.examples import EXAMPLES


@pytest.fixture
def extract(demo_home, monkeypatch):
    folder = Path(demo_home) / "published" / "parquet" / "000002"
    monkeypatch.chdir(folder)
    return folder


def plain(rows) -> list[tuple]:
    return [tuple(None if value is None else str(value) for value in row) for row in rows]


def asked(sql: str) -> list[tuple]:
    with duckdb.connect() as con:
        return plain(con.execute(sql).fetchall())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.asks)
def test_polars_and_duckdb_answer_alike(extract, example):
    found = asked(examples.duckdb(example.sql))
    said = {"pl": pl, "t": lambda table: pl.read_parquet(f"{table}.parquet")}
    answer = eval(f"({example.polars.strip()})", said)
    assert found and plain(answer.rows()) == found


@pytest.mark.parametrize("name", ["spark", "postgres"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.asks)
def test_the_sql_of_other_engines_says_the_same(extract, example, name):
    """sqlglot reads it back, and DuckDB answers what was read as it answers the question itself."""
    [back] = sqlglot.transpile(examples.dialect(example.sql, name), read=name, write="duckdb")
    assert asked(examples.duckdb(back)) == asked(examples.duckdb(example.sql)) != []


@pytest.mark.slow
def test_spark_answers_alike(extract):
    pyspark = pytest.importorskip("pyspark.sql")
    spark = pyspark.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        for example in EXAMPLES:
            for table in examples.tables(example.sql):
                spark.read.parquet(str(extract / f"{table}.parquet")).createOrReplaceTempView(table)
            found = spark.sql(examples.dialect(example.sql, "spark")).collect()
            assert plain(map(tuple, found)) == asked(examples.duckdb(example.sql)), example.asks
    finally:
        spark.stop()
