"""Promotion, rollback, damage."""

import json
import stat
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from rules.contracts import TABLES
from rules.errors import IntegrityError, NotFound, StoreError
from store import versions
from store.home import Home
from store.manifest import FileEntry, Manifest, TableEntry

Make = Callable[..., Manifest]


@pytest.fixture
def three(home: Home, make: Make) -> Home:
    for text in ("one", "two", "three"):
        versions.promote(home, make(home, text))
    return home


def test_a_new_home_has_no_version(home: Home) -> None:
    assert versions.live(home) is None and versions.numbers(home) == [] and versions.next_number(home) == 1
    with pytest.raises(NotFound, match="registry run"):
        versions.manifest(home)


def test_promoted_versions_are_read_back(three: Home) -> None:
    assert versions.numbers(three) == [1, 2, 3]
    assert versions.manifest(three).version == 3 and versions.manifest(three).parent == 2
    assert versions.manifest(three, 1).content_hashes["clusters"].endswith("one")
    assert versions.damaged(three, versions.manifest(three)) == []


def test_versions_stay_monotone_after_a_rollback(three: Home, make: Make) -> None:
    assert versions.rollback(three, 1).version == 1
    assert versions.manifest(three).version == 1
    assert versions.next_number(three) == 4
    versions.promote(three, make(three, "four"))
    assert versions.manifest(three).parent == 1
    assert versions.numbers(three) == [1, 2, 3, 4]


def test_rollback_forward_again_and_its_old_hashes(three: Home) -> None:
    before = versions.manifest(three).content_hashes
    versions.rollback(three, 2)
    versions.rollback(three, 3)
    assert versions.manifest(three).content_hashes == before


@pytest.mark.parametrize("unknown", [0, 4, 99])
def test_rollback_to_a_version_that_never_was(three: Home, unknown: int) -> None:
    with pytest.raises(NotFound, match=f"no version {unknown}"):
        versions.rollback(three, unknown)


def test_a_stale_parent_is_refused(three: Home, make: Make) -> None:
    late = make(three, "late", parent=2)
    with pytest.raises(StoreError, match="no longer live"):
        versions.promote(three, late)
    assert versions.manifest(three).version == 3


def test_a_promoted_version_is_never_promoted_over(three: Home, make: Make) -> None:
    again = make(three, "again", version=2, parent=3)
    with pytest.raises(StoreError, match="4 comes next"):
        versions.promote(three, again)
    assert versions.manifest(three, 2).content_hashes["clusters"].endswith("two")


def test_a_damaged_file_is_found_and_stops_a_rollback(three: Home) -> None:
    [entry] = versions.manifest(three, 1).tables
    path = three.root / entry.files[0].path
    path.write_bytes(b"onf")
    assert versions.damaged(three, versions.manifest(three, 1)) == [entry.files[0].path]
    with pytest.raises(IntegrityError, match="damaged"):
        versions.rollback(three, 1)
    path.unlink()
    assert versions.damaged(three, versions.manifest(three, 1)) == [entry.files[0].path]
    assert versions.live(three).version == 3


def test_running_again_heals_a_damaged_object(three: Home, make: Make) -> None:
    [entry] = versions.manifest(three, 1).tables
    (three.root / entry.files[0].path).write_bytes(b"bad")
    make(three, "one")
    assert versions.damaged(three, versions.manifest(three, 1)) == []


@pytest.mark.parametrize("version", [1, 3])
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_damaged_manifest_is_refused(three: Home, version: int, damage: str) -> None:
    path = versions.manifest_path(three, version)
    text = path.read_text()
    path.write_text(text.replace('"rows": 1', '"rows": 2') if damage == "changed" else text[:-20])
    if damage == "gone":
        path.unlink()
    with pytest.raises((IntegrityError, NotFound)):
        versions.manifest(three, version)
    assert versions.rollback(three, 2).version == 2


def test_a_live_version_without_manifest_is_damage_not_absence(three: Home) -> None:
    versions.manifest_path(three, 3).unlink()
    with pytest.raises(IntegrityError):
        versions.manifest(three)


@pytest.mark.parametrize("text", ["", "{", '{"version": 3}'])
def test_a_damaged_pointer_is_refused(three: Home, text: str) -> None:
    three.pointer.write_text(text)
    with pytest.raises(IntegrityError, match="pointer"):
        versions.live(three)


def test_sweep_takes_staging_and_unpromoted_versions_only(three: Home) -> None:
    (three.staging / "2026-01-04" / "tables").mkdir(parents=True)
    (three.staging / "loose").write_text("x")
    (three.versions / "000004").mkdir()
    versions.sweep(three)
    assert list(three.staging.iterdir()) == []
    assert versions.numbers(three) == [1, 2, 3] and not (three.versions / "000004").exists()
    assert versions.damaged(three, versions.manifest(three, 1)) == []


def test_equal_content_is_kept_once(three: Home, make: Make) -> None:
    before = set(three.objects.rglob("*.parquet"))
    versions.promote(three, make(three, "one"))
    assert set(three.objects.rglob("*.parquet")) == before
    assert not (three.staging / "clusters.parquet").exists()


def test_files_of_a_home_are_private(three: Home) -> None:
    files = [path for path in three.root.rglob("*") if path.is_file()]
    assert files and all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in files)


def test_a_home_that_cannot_be_written(home: Home) -> None:
    (home.root / "file").write_text("")
    with pytest.raises(StoreError, match="another --home"):
        Home(home.root / "file" / "home").prepare()


def test_attached_tables_are_read_from_the_version(home: Home, make: Make) -> None:
    staged = home.staging / "t.parquet"
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT 7 AS answer) TO '{staged}' (FORMAT parquet)")
        entry = TableEntry(name="answers", rows=1, content_hash=text_of(7), files=(versions.adopt(home, staged, 1),))
        of = make(home, "one").model_copy(update={"tables": (entry,)})
        versions.attach(con, home, of, prefix="live_")
        assert con.execute("SELECT answer FROM live_answers").fetchall() == [(7,)]
        versions.attach(con, home, of, ["other"])
        assert con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall() == [("live_answers",)]


def test_a_table_of_an_older_release_has_its_later_columns_empty(home: Home, make: Make) -> None:
    staged = home.staging / "t.parquet"
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT 7 AS record_key) TO '{staged}' (FORMAT parquet)")
        entry = TableEntry(name="crosswalk", rows=1, content_hash=text_of(7), files=(versions.adopt(home, staged, 1),))
        versions.attach(con, home, make(home, "one").model_copy(update={"tables": (entry,)}))
        assert con.table("crosswalk").columns == list(TABLES["crosswalk"].columns())
        assert con.execute("SELECT record_key, client_number FROM crosswalk").fetchall() == [(7, None)]


def test_rows_are_taken_away_by_keys_of_several_columns_and_of_several_kinds(home: Home) -> None:
    def kept(name: str, body: str, **more: Any) -> FileEntry:
        with duckdb.connect() as con:
            con.execute(f"COPY ({body}) TO '{home.staging / name}' (FORMAT parquet)")
        return versions.adopt(home, home.staging / name, 1, **more)

    files = [
        kept("base", "SELECT * FROM (VALUES (1, 'x', 0), (1, 'y', 0), (2, 'x', 0), (3, 'x', 0)) t(a, b, night)"),
        kept("one", "SELECT 1 AS a, 'x' AS b", kind="lost", key=("a", "b")),
        kept("new", "SELECT 1 AS a, 'x' AS b, 1 AS night", kind="delta"),
        kept("two", "SELECT 3 AS a", kind="lost", key=("a",)),
    ]
    assert [(file.kind, file.key) for file in files] == [
        ("base", ()), ("lost", ("a", "b")), ("delta", ()), ("lost", ("a",)),
    ]  # fmt: skip
    assert all(home.root / file.path == home.objects / file.sha256[:2] / f"{file.sha256}.parquet" for file in files)
    with duckdb.connect() as con:
        found = con.execute(f"SELECT * FROM ({versions.rows_sql(home, files)}) ORDER BY ALL").fetchall()
    assert found == [(1, "x", 1), (1, "y", 0), (2, "x", 0)]
    assert versions.rows_sql(home, []) == ""


def test_a_manifest_is_hashed_as_it_lies(three: Home) -> None:
    for number in (1, 3):
        kept = versions.manifest_path(three, number).with_suffix(".sha256").read_text(encoding="ascii")
        assert versions.manifest_sha256(three, number) == kept


def text_of(value: int) -> str:
    return f"{value:032d}"


def test_a_lost_pointer_never_costs_a_version(three: Home) -> None:
    three.pointer.unlink()
    with pytest.raises(IntegrityError, match="version 3, which was live"):
        versions.sweep(three)
    assert len(list(three.versions.iterdir())) == 3


def test_a_pointer_from_an_old_backup_is_refused(three: Home, make: Make) -> None:
    old = three.pointer.read_bytes()
    versions.promote(three, make(three, "four"))
    three.pointer.write_bytes(old)
    with pytest.raises(IntegrityError, match="older than version 4"):
        versions.next_number(three)


def test_without_the_newest_ledger_no_number_can_be_given(three: Home) -> None:
    versions.rollback(three, 1)
    assert versions.newest(three).version == 3
    lost = versions.manifest_path(three, 3)
    lost.unlink()
    with pytest.raises(IntegrityError) as told:
        versions.newest(three)
    assert (told.value.place, told.value.next_step) == (str(lost), "restore it from a backup")
    assert told.value.expected == "is missing, and with it the newest ledger"


def test_a_home_without_a_version_has_no_newest_one_and_is_swept(home: Home) -> None:
    with pytest.raises(NotFound, match="registry run"):
        versions.newest(home)
    (home.versions / "000001").mkdir()
    (home.staging / "2026-03-02" / "tables").mkdir(parents=True)
    versions.sweep(home)
    assert list(home.versions.iterdir()) == list(home.staging.iterdir()) == []


@pytest.mark.parametrize("number", [2, 3])
def test_a_revised_version_takes_the_place_of_the_old_one_live_or_not(three: Home, number: int) -> None:
    before, live = versions.manifest(three, number), versions.live(three)
    revised = before.model_copy(update={"rules_hash": "revised"})
    versions.revise(three, revised)
    after = versions.live(three)
    assert live and after and (after.version, after.promoted) == (live.version, live.promoted) == (3, 3)
    assert versions.manifest(three, number) == revised and versions.newest(three).version == 3
    assert (after.manifest_sha256 == live.manifest_sha256) == (number != 3)
    path = versions.manifest_path(three, number)
    assert sorted(file.name for file in path.parent.iterdir() if file.name.startswith("manifest")) == [
        "manifest.json", "manifest.sha256",
    ]  # fmt: skip
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(before.to_bytes())
    with pytest.raises(IntegrityError):
        versions.manifest(three, number)


def test_a_table_of_many_changes_is_read_right_and_its_size_is_foreseen(home: Home) -> None:
    """DuckDB once took such a table for a few rows, and joined it with itself row by row."""
    rows, expected, files = 20_000, dict.fromkeys(range(20000), 0), []
    with duckdb.connect() as con:
        for place in range(7):
            changed = range(place, rows, 50) if place else range(rows)
            expected |= dict.fromkeys(changed, place)
            path = home.staging / f"{place}.parquet"
            body = f"SELECT unnest(range({changed.start}, {rows}, {changed.step})) AS number"
            if place:
                con.execute(f"COPY ({body}) TO '{path}.lost' (FORMAT parquet)")
                files.append(FileEntry(path=f"{path}.lost", sha256="", rows=0, kind="lost", key=("number",)))
            con.execute(f"COPY (SELECT number, {place} AS night FROM ({body})) TO '{path}' (FORMAT parquet)")
            files.append(FileEntry(path=str(path), sha256="", rows=0, kind="delta" if place else "base"))
        con.execute(f"CREATE VIEW whole AS {versions.rows_sql(home, files)}")
        assert dict(con.execute("SELECT number, night FROM whole").fetchall()) == expected
        assert con.table("whole").columns == ["number", "night"]
        [plan] = json.loads(con.execute("EXPLAIN (FORMAT json) SELECT * FROM whole").fetchall()[0][1])
        assert _foreseen(plan) > rows / 10


def _foreseen(plan: dict[str, Any]) -> int:
    """Rows that DuckDB expects of the first step of a plan that says so."""
    told = plan["extra_info"].get("Estimated Cardinality")
    return int(told) if told else _foreseen(plan["children"][0])
