"""Files sorted by a key: every row of a key is found, also over batches, and nothing of another."""

import duckdb
import pytest

from store import sorted as sorted_file
from store.sorted import Sorted, write


@pytest.fixture
def con():
    with duckdb.connect() as made:
        yield made


def test_rows_of_a_key_over_several_batches(con, tmp_path, monkeypatch):
    monkeypatch.setattr(sorted_file, "ROWS", 2048)
    write(con, ["SELECT (i % 3)::VARCHAR AS key, i FROM range(9000) t(i)"], tmp_path / "file")
    found = Sorted(tmp_path / "file")
    assert [row["i"] for row in found.rows("1")] == list(range(1, 9000, 3))
    assert found.rows("") == found.rows("00") == found.rows("3") == []


def test_every_key_is_found_and_its_neighbours_are_not(con, tmp_path):
    words = ["", "a", "aa", "b", "\u0451", "\u00e9", "\U0001f600", "z"]
    con.execute("CREATE TABLE word AS SELECT unnest(?) AS word", [[w for w in words for _ in range(3)]])
    write(con, ["SELECT word, row_number() OVER () AS place FROM word"], tmp_path / "file")
    found = Sorted(tmp_path / "file")
    assert {word: len(found.rows(word)) for word in words} == dict.fromkeys(words, 3)
    assert found.rows("ab") == found.rows("~") == []


def test_many_keys_give_one_table_in_their_order(con, tmp_path):
    write(con, ["SELECT i AS key, i * i AS square FROM range(100) t(i)"], tmp_path / "file")
    assert Sorted(tmp_path / "file").table([7, 3, 200, 5])["square"].to_pylist() == [49, 9, 25]


def test_an_empty_table_has_its_columns_and_no_rows(con, tmp_path):
    write(con, ["SELECT 1 AS key, 'x' AS value WHERE false"], tmp_path / "file")
    found = Sorted(tmp_path / "file")
    assert found.rows(1) == [] and found.table([1]).column_names == ["key", "value"]


def test_rows_behind_a_key_come_in_order_and_no_more_than_asked(con, tmp_path, monkeypatch):
    monkeypatch.setattr(sorted_file, "ROWS", 2048)
    halves = [f"SELECT i AS key, 1 AS one FROM range({first}, {first + 3000}) t(i)" for first in (0, 3000)]
    write(con, halves, tmp_path / "file")
    found = Sorted(tmp_path / "file")
    assert [row["key"] for row in found.after(2045, 5)] == [2046, 2047, 2048, 2049, 2050]
    assert [row["key"] for row in found.after(5997, 5)] == [5998, 5999] and found.after(5999, 5) == []
    assert len(found.after(-1, 10_000)) == 6000
