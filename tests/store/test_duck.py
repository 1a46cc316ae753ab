"""The connection: no file outside the allowed folders, no change of configuration, no spill left behind."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from store.duck import connect, cursor, each, exists, quote, scalar


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.csv").write_text("a\n1\n")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link.csv").symlink_to(tmp_path / "outside" / "secret.csv")
    with connect([tmp_path / "inside"], tmp_path / "work", threads=1) as opened:
        yield opened


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{out}/secret.csv')",
        "SELECT * FROM '{out}/secret.csv'",
        "SELECT * FROM read_csv('{inside}/../outside/secret.csv')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('{out}/*')",
        "COPY (SELECT 1) TO '{out}/new.csv'",
        "ATTACH '{out}/new.duckdb' AS other",
        "INSTALL httpfs",
    ],
)
def test_nothing_outside_the_allowed_folders_is_opened(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, sql: str
) -> None:
    with pytest.raises(duckdb.Error):
        con.execute(sql.format(out=tmp_path / "outside", inside=tmp_path / "inside")).fetchall()
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["secret.csv"]


def test_allowed_folders_are_read_and_written(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    con.execute(f"COPY (SELECT 5 AS a) TO {quote(str(tmp_path / 'inside' / 'new.parquet'))} (FORMAT parquet)")
    assert scalar(con, f"SELECT a FROM read_parquet({quote(str(tmp_path / 'inside' / 'new.parquet'))})") == 5


@pytest.mark.parametrize(
    "sql",
    [
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET memory_limit = '1TB'",
        "SET threads = 64",
        "SET allowed_directories = ['/']",
        "RESET temp_directory",
        "PRAGMA memory_limit='1TB'",
    ],
)
def test_configuration_cannot_be_changed(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        con.execute(sql)


def test_spill_goes_under_work_and_is_removed(tmp_path: Path) -> None:
    work = tmp_path / "work"
    with connect([tmp_path], work, memory="24MB", threads=1) as con:
        con.execute("CREATE TABLE t AS SELECT range AS n, md5(range::VARCHAR) AS h FROM range(900000)")
        assert scalar(con, "SELECT count(*) FROM (SELECT * FROM t ORDER BY h LIMIT 10)") == 10
        assert [path for path in work.rglob("*") if path.is_file()]
    assert list(work.iterdir()) == []


def test_spill_is_removed_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(duckdb.Error), connect([], tmp_path / "work") as con:
        con.execute("SELECT nothing")
    assert list((tmp_path / "work").iterdir()) == []


def test_threads_memory_and_time_zone_are_set(tmp_path: Path) -> None:
    with connect([], tmp_path / "work", memory="512MB", threads=2) as con:
        got = "SELECT current_setting('threads'), current_setting('memory_limit'), current_setting('TimeZone')"
        assert con.execute(got).fetchall() == [(2, "488.2 MiB", "UTC")]


def test_small_helpers(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TABLE t AS SELECT 'it''s' AS word")
    assert exists(con, "t") and not exists(con, "nothing")
    assert scalar(con, f"SELECT count(*) FROM t WHERE word = {quote(chr(105) + 't' + chr(39) + 's')}") == 1
    assert scalar(con, "SELECT NULL") == scalar(con, "SELECT 1 WHERE false") == 0


def test_a_database_begins_empty_and_its_cursors_see_it_alone(tmp_path: Path) -> None:
    with connect([], tmp_path / "work") as first:
        first.execute("CREATE TABLE left_over AS SELECT 1 AS a")
    with connect([], tmp_path / "work") as con, connect([], tmp_path / "work") as other, cursor(con) as fresh:
        con.execute("CREATE TABLE t AS SELECT 2 AS a")
        assert scalar(fresh, "SELECT a FROM t") == 2
        assert not exists(con, "left_over") and not exists(other, "t")
    assert list((tmp_path / "work").iterdir()) == []


def test_several_at_once_keep_the_order_of_what_is_asked_and_the_first_error_ends_them(tmp_path: Path) -> None:
    with connect([], tmp_path / "work", threads=3) as con:
        con.execute("CREATE TABLE t AS SELECT 10 AS a")
        found = each(con, range(20), lambda own, number: scalar(own, f"SELECT a + {number} FROM t"))
        assert found == list(range(10, 30)) and each(con, [], lambda own, _: own) == []
        begun: list[str] = []

        def count(own: duckdb.DuckDBPyConnection, name: str) -> int:
            begun.append(name)
            return scalar(own, f"SELECT count(*) FROM {name}")

        with pytest.raises(duckdb.CatalogException):
            each(con, ("nothing", *["t"] * 10_000), count)
        assert len(begun) < 10_000, "after an error nothing more is begun"
