"""Faults 17-21 and 24 of databases, on a real PostgreSQL and real SQLite files."""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import pytest

from pipelines.sources.extract import extract
from pipelines.sources.snapshot import snapshot
from rules.errors import ConfigError, ContractError, SourceError
from rules.sources import Source

MakeSource = Callable[..., Source]
DAY = date(2026, 11, 20)
HERE = Path()
COLUMNS = {
    "id": "text", "n": "integer", "amount": "decimal", "born": {"date": ["%d.%m.%Y"]},
    "at": {"datetime": ["%Y-%m-%dT%H:%M:%S"]}, "ok": "bool", "tags": "list", "ref": "text",
}  # fmt: skip


@pytest.fixture
def client(postgres: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DSN", postgres)
    run(
        postgres,
        "DROP TABLE IF EXISTS client",
        """CREATE TABLE client (id text, n int, amount numeric(12,2), born date, at timestamptz, ok bool, tags text[],
           ref uuid)""",
        """INSERT INTO client VALUES ('007', 3, 1.50, '1990-02-01', '2026-01-02 03:04:05+00', true, '{x,y}',
           '00000000-0000-0000-0000-000000000001'),
           ('8', NULL, NULL, NULL, '2026-01-03 00:00:00+00', NULL, NULL, NULL)""",
    )
    return postgres


def run(dsn: str, *statements: str) -> None:
    with closing(adbc.connect(dsn)) as con, closing(con.cursor()) as cursor:
        for statement in statements:
            cursor.execute(statement)
        con.commit()


def pg(make: MakeSource, table: str = "client", **changes: object) -> Source:
    read = {"table": table, "order_by": "id", **changes.pop("read", {})}  # type: ignore[dict-item]
    return make("postgresql", changes.pop("columns", COLUMNS), connection="${DSN}", read=read, **changes)


def test_postgresql_types_become_text_with_leading_zeros(make_source: MakeSource, client: str) -> None:
    read = extract(pg(make_source), HERE, DAY)
    ref = "00000000-0000-0000-0000-000000000001"
    assert read.frame.rows()[0] == (0, "007", "3", "1.50", "01.02.1990", "2026-01-02T03:04:05", "true", ["x", "y"], ref)
    assert read.frame.rows()[1] == (1, "8", None, None, None, "2026-01-03T00:00:00", None, None, None)


def test_type_change_is_a_contract_error(make_source: MakeSource, client: str) -> None:
    run(client, "ALTER TABLE client ALTER n TYPE numeric(12,2)")
    with pytest.raises(ContractError, match="'n' is declared integer and comes as Decimal"):
        extract(pg(make_source), HERE, DAY)


def test_new_column_is_a_contract_error(make_source: MakeSource, client: str) -> None:
    run(client, "ALTER TABLE client ADD extra text")
    with pytest.raises(ContractError, match="'extra' is new"):
        extract(pg(make_source), HERE, DAY)


def test_rows_that_change_while_reading_are_not_seen(make_source: MakeSource, client: str) -> None:
    query = "SELECT c.*, pg_sleep(0.2)::text AS slow FROM client c"
    source = pg(make_source, query, columns={**COLUMNS, "slow": "text"})
    insert = threading.Timer(0.25, run, (client, "INSERT INTO client (id) VALUES ('9')"))
    insert.start()
    read = extract(source, HERE, DAY)
    insert.join()
    assert read.frame.get_column("id").to_list() == ["007", "8"]


def test_hanging_query_times_out(make_source: MakeSource, client: str) -> None:
    columns = {"id": "text", "n": "integer", "s": "text"}
    query = "SELECT id, n, pg_sleep(9)::text AS s FROM client"
    source = pg(make_source, query, columns=columns, read={"timeout_seconds": 0.3})
    begun = time.monotonic()
    with pytest.raises(SourceError, match="timeout_seconds"):
        extract(source, HERE, DAY)
    assert time.monotonic() - begun < 5


def test_connection_cut_mid_fetch_is_retried_whole(make_source: MakeSource, client: str) -> None:
    query = "SELECT c.*, pg_sleep(0.4)::text AS slow FROM client c"
    source = pg(make_source, query, columns={**COLUMNS, "slow": "text"})
    kill = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE query LIKE '%pg_sleep(0.4)%' AND pid <> pg_backend_pid()"""
    cut = threading.Timer(0.3, run, (client, kill))
    cut.start()
    read = extract(source, HERE, DAY)
    cut.join()
    assert read.frame.height == 2


def test_wrong_user_is_an_error_without_the_secret(
    make_source: MakeSource, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSN", postgres.replace("postgres:@", "nobody:hunter2@"))
    with pytest.raises(SourceError, match="refused the user") as caught:
        extract(pg(make_source), HERE, DAY)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_unreachable_server_fails_after_its_retries(make_source: MakeSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSN", "postgresql://me:hunter2@127.0.0.1:1/x")
    with pytest.raises(SourceError, match="2 tries") as caught:
        extract(pg(make_source, read={"retries": 1}), HERE, DAY)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("table", ["client; DROP TABLE client", "client WHERE 1=1", 'cl"ient', "DELETE FROM client"])
def test_sql_in_a_table_name_is_refused(make_source: MakeSource, client: str, table: str) -> None:
    with pytest.raises(ConfigError, match=r"read\.table"):
        extract(pg(make_source, table), HERE, DAY)


def test_watermark_pulls_the_changed_and_keeps_the_rest(make_source: MakeSource, client: str) -> None:
    source = pg(make_source, read={"mode": "watermark", "watermark": "at"}, contract={"min_rows": 2})
    first = snapshot(source, HERE, DAY)
    run(
        client,
        "UPDATE client SET n = 5, at = '2026-02-01' WHERE id = '8'",
        "INSERT INTO client (id, at) VALUES ('9', '2026-02-02')",
    )
    second = snapshot(source, HERE, DAY, previous=first)
    assert second.frame.select("record_id", "n").rows() == [("007", "3"), ("8", "5"), ("9", None)]
    assert second.frame.get_column("row").to_list() == [0, 1, 2]


def sqlite_file(folder: Path, *rows: tuple[object, ...]) -> Path:
    with closing(sqlite3.connect(folder / "in.db")) as con:
        con.execute("CREATE TABLE client (id, n, tags)")
        con.executemany("INSERT INTO client VALUES (?, ?, ?)", rows)
        con.commit()
    return folder


def lite(make: MakeSource, **read: object) -> Source:
    read = {"path": "in.db", "table": "client", "order_by": "id", **read}
    return make("sqlite", {"id": "text", "n": "integer", "tags": "list"}, read=read)


def test_sqlite_is_read_as_text(make_source: MakeSource, tmp_path: Path) -> None:
    sqlite_file(tmp_path, ("007", 3, '["x","y"]'), ("6", None, None), ('a\n"b', 1, "[]"))
    rows = extract(lite(make_source), tmp_path, DAY).frame.rows()
    assert rows == [(0, "007", "3", ["x", "y"]), (1, "6", None, None), (2, 'a\n"b', "1", [])]


def test_sqlite_value_of_another_type_is_a_contract_error(make_source: MakeSource, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="'n' is declared integer and holds real values"):
        extract(lite(make_source), sqlite_file(tmp_path, ("1", 1.5, None)), DAY)


def test_sqlite_key_mode_pulls_later_keys(make_source: MakeSource, tmp_path: Path) -> None:
    source = lite(make_source, mode="key")
    first = snapshot(source, sqlite_file(tmp_path, ("1", 1, None)), DAY)
    with closing(sqlite3.connect(tmp_path / "in.db")) as con:
        con.execute("INSERT INTO client VALUES ('2', 2, NULL)")
        con.commit()
    assert snapshot(source, tmp_path, DAY, first).frame.get_column("record_id").to_list() == ["1", "2"]


def test_truncated_sqlite_fails_the_source(make_source: MakeSource, tmp_path: Path) -> None:
    sqlite_file(tmp_path, ("1", 1, None))
    (tmp_path / "in.db").write_bytes((tmp_path / "in.db").read_bytes()[:3000])
    with pytest.raises(SourceError, match="SQLite"):
        extract(lite(make_source), tmp_path, DAY)


def test_other_databases_by_url(make_source: MakeSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite_file(tmp_path, ("007", 3, None))
    monkeypatch.setenv("URL", f"sqlite:///{tmp_path / 'in.db'}")
    read = {"table": "SELECT id, n FROM client"}
    source = make_source("database", {"id": "text", "n": "integer"}, connection="${URL}", read=read)
    assert extract(source, HERE, DAY).frame.rows() == [(0, "007", "3")]


def test_unknown_kind_of_database_is_an_error_without_the_secret(
    make_source: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("URL", "nosuch://me:hunter2@host/x")
    source = make_source("database", connection="${URL}", read={"table": "client"})
    with pytest.raises(SourceError, match="no driver") as caught:
        extract(source, HERE, DAY)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("address", ["postgresql://me:hunter2[@host/x", "postgresql://me:hunter2\u2100@host/x"])
def test_a_connection_that_is_no_address_is_not_quoted(
    make_source: MakeSource, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DSN", address)
    with pytest.raises(SourceError, match="no address") as caught:
        extract(pg(make_source, read={"retries": 0}), HERE, DAY)
    assert "hunter2" not in str(caught.value)
