"""Raw snapshots: kept once per source and day, found again, stale ones known as such."""

from collections.abc import Iterator
from datetime import date

import duckdb
import polars as pl
import pytest

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
