"""Raw snapshots: kept once per source and day, found again, stale ones known as such."""

import json
from collections.abc import Iterator
from datetime import date

import duckdb
import polars as pl
import pytest

from rules.errors import IntegrityError
from store import snapshots
from store.duck import connect
from store.home import Home

ROWS = pl.DataFrame({"record_id": ["1", "2"], "name": ["a", None]})
REFUSED = pl.DataFrame({"row": [2], "reason": ["key missing"]})
FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)


@pytest.fixture
def con(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect([home.root], home.staging, threads=1) as opened:
        yield opened


def test_a_snapshot_is_kept_and_read_back(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    facts = snapshots.keep(con, home, ("crm", FIRST, FIRST, 5), ROWS, REFUSED)
    assert (facts.rows, facts.usable, facts.cleaned, facts.stale) == (3, 2, 5, False)
    assert snapshots.read_facts(home, "crm", FIRST) == facts
    rows, refused = snapshots.read(home, "crm", FIRST)
    assert rows.equals(ROWS) and refused.equals(REFUSED)
    assert [path.name for path in (home.snapshots / "crm").iterdir()] == ["2026-01-01"]


def test_its_hash_is_of_its_content(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    first = snapshots.keep(con, home, ("crm", FIRST, FIRST, 0), ROWS, REFUSED)
    same = snapshots.keep(con, home, ("crm", SECOND, SECOND, 0), ROWS.reverse(), REFUSED)
    other = snapshots.keep(con, home, ("crm", THIRD, THIRD, 0), ROWS, REFUSED.clear())
    assert first.content_hash == same.content_hash != other.content_hash


def test_the_last_good_one_is_found_stale_and_half_written_ones_are_not(
    con: duckdb.DuckDBPyConnection, home: Home
) -> None:
    assert snapshots.latest_before(home, "crm", THIRD) is None
    good = snapshots.keep(con, home, ("crm", FIRST, FIRST, 0), ROWS, REFUSED)
    assert snapshots.keep(con, home, ("crm", SECOND, FIRST, 0), ROWS, REFUSED).stale
    (home.snapshots / "crm" / "2026-01-02.tmp").mkdir()
    assert snapshots.latest_before(home, "crm", THIRD) == good
    assert snapshots.latest_before(home, "crm", FIRST) is None
    assert snapshots.read_facts(home, "crm", THIRD) is None


def test_a_changed_snapshot_is_refused(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    snapshots.keep(con, home, ("crm/ab12", FIRST, FIRST, 0), ROWS, REFUSED)
    ROWS.with_columns(pl.lit("tampered").alias("name")).write_parquet(
        snapshots.folder(home, "crm/ab12", FIRST) / "rows.parquet"
    )
    with pytest.raises(IntegrityError, match="not as it was kept"):
        snapshots.read(home, "crm/ab12", FIRST)


def test_a_snapshot_taken_again_leaves_the_earlier_one_beside_it(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    snapshots.keep(con, home, ("crm/ab12", FIRST, FIRST, 0), ROWS, REFUSED)
    snapshots.set_aside(home, "crm/ab12", FIRST)
    assert snapshots.read_facts(home, "crm/ab12", FIRST) is None
    assert (home.snapshots / "crm" / "ab12" / "2026-01-01.replaced-1" / "rows.parquet").exists()


def test_the_place_of_a_row_is_not_its_content(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    numbered = ROWS.with_row_index("row")
    first = snapshots.keep(con, home, ("crm", FIRST, FIRST, 0), numbered, REFUSED)
    moved = numbered.with_columns(pl.col("row") + 7)
    assert snapshots.keep(con, home, ("crm", SECOND, SECOND, 0), moved, REFUSED).content_hash == first.content_hash


def test_two_snapshots_tell_which_rows_they_do_not_share(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    def kept(day: date, **names: str | None) -> None:
        rows = pl.DataFrame({"row": range(len(names)), "record_id": list(names), "name": list(names.values())})
        snapshots.keep(con, home, ("crm", day, day, 0), rows, REFUSED)

    kept(FIRST, a="Ann", b="Bob", c=None, d="Dan")
    kept(SECOND, b="Bob", c="", e="Eve", d="Dan")
    assert snapshots.changed(con, home, "crm", FIRST, SECOND)
    assert sorted(con.sql("FROM changed").fetchall()) == [("a",), ("c",), ("e",)]
    assert not snapshots.changed(con, home, "crm", FIRST, THIRD), "a day without snapshot"


def test_a_snapshot_kept_without_hashes_shares_no_row(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    for day in (FIRST, SECOND):
        snapshots.keep(con, home, ("crm", day, day, 0), ROWS, REFUSED)
    told = snapshots.folder(home, "crm", FIRST) / "snapshot.json"
    facts = json.loads(told.read_text())
    del facts["files"][snapshots.HASHES]
    told.write_text(json.dumps(facts))
    assert not snapshots.changed(con, home, "crm", FIRST, SECOND)
