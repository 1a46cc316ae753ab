"""A truth file is Parquet or CSV, all text; anything else is refused with what to give."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from rules.errors import ConfigError
from stages import truth

ROWS = [("a", "007", "1"), ("a", "1|2", "1"), ("b", "x,y", "2")]


def read(path: Path) -> list[tuple[str, ...]]:
    with duckdb.connect() as con:
        truth.view(con, path)
        return con.execute("SELECT * FROM truth ORDER BY ALL").fetchall()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_csv_is_read_as_text(tmp_path: Path, separator: str) -> None:
    frame = pl.DataFrame(ROWS, schema=["source", "record_id", "entity_id"], orient="row")
    frame.with_columns(other=pl.lit("z")).write_csv(tmp_path / "t.csv", separator=separator)
    assert read(tmp_path / "t.csv") == ROWS


def test_parquet_is_read_as_text_whatever_its_name(tmp_path: Path) -> None:
    frame = pl.DataFrame({"entity_id": [1, 2], "source": ["a", "a"], "record_id": [7, 8]})
    frame.write_parquet(tmp_path / "t.data")
    assert read(tmp_path / "t.data") == [("a", "7", "1"), ("a", "8", "2")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"source,record,entity_id\na,1,2\n", "no column record_id"),
        (b"", "Parquet or CSV"),
        (b"PAR1 and no more", "cannot be read"),
        (b"source,record_id,entity_id\na,\xff\xfe,2\n", "cannot be read"),
        (b"\xff\xfe\x00\x01", "cannot be read"),
        (b"source,record_id,entity_id\na,1,\na,2,3\n", "1 rows have an empty"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(ConfigError, match=problem):
        read(tmp_path / "t.csv")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"does not exist.*CSV"):
        truth.present(tmp_path / "t.csv")
