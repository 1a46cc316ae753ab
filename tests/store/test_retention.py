"""What is removed at the end of its term, and what never is."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from rules.calendar import Retention
from rules.errors import NotFound
from store import retention, snapshots, versions
from store.duck import connect
from store.home import Home
from store.manifest import Manifest

Make = Callable[..., Manifest]
RULE = Retention(nightly_days=10, month_ends_years=1, snapshots_days=20)
START = date(2026, 1, 1)


@pytest.fixture
def days(home: Home, make: Make) -> Home:
    """Versions of a night every five days over two months: 2026-01-01 (1) to 2026-03-02 (13)."""
    for place in range(13):
        made = make(home, f"night {place}")
        versions.promote(home, made.model_copy(update={"business_date": START + timedelta(days=5 * place)}))
    return home


def test_nightly_versions_go_and_month_ends_stay_with_all_their_files(days: Home) -> None:
    found = retention.clean(days, RULE)
    assert versions.kept(days) == [7, 12, 13] and len(found.versions) == len(found.objects) == 10
    assert all(not versions.damaged(days, versions.manifest(days, number)) for number in versions.kept(days))
    assert len(list(days.objects.glob("*/*.parquet"))) == 3
    assert retention.clean(days, RULE).versions == ()


def test_a_removed_version_is_told_and_not_read(days: Home) -> None:
    retention.clean(days, RULE)
    assert versions.numbers(days) == list(range(1, 14)) and versions.manifest(days, 3).version == 3
    with pytest.raises(NotFound, match="its term is over"):
        versions.rollback(days, 3)
    with connect([days.root], days.staging) as con, pytest.raises(NotFound, match="its term is over"):
        versions.attach(con, days, versions.manifest(days, 3))


def test_month_ends_end_too(days: Home) -> None:
    retention.clean(days, RULE.model_copy(update={"month_ends_years": 0}))
    assert versions.kept(days) == [12, 13]


def test_the_live_version_and_what_it_was_built_on_stay_after_a_rollback(days: Home) -> None:
    versions.rollback(days, 3)
    retention.clean(days, Retention(nightly_days=1, month_ends_years=0))
    assert {2, 3, 12, 13} <= set(versions.kept(days))
    assert versions.newest(days).version == 13


def test_without_a_rule_and_in_a_new_home_nothing_goes(days: Home, tmp_path: Path) -> None:
    assert retention.clean(days, None).versions == () and len(versions.kept(days)) == 13
    assert retention.clean(Home(tmp_path / "new").prepare(), RULE).versions == ()


def test_a_dry_run_removes_nothing_and_knows_how_much(days: Home) -> None:
    found = retention.plan(days, RULE)
    assert len(found.versions) == 10 and found.bytes == sum(path.stat().st_size for path in found.objects) > 0
    assert len(versions.kept(days)) == 13


def test_a_version_that_another_process_reads_stays_until_it_ends(days: Home) -> None:
    code = "import sys; from pathlib import Path; from store import reading; from store.home import Home\n" \
           "class Reader: pass\n" \
           "one = Reader(); reading.hold(Home(Path(sys.argv[1])), 3, one); print('reads', flush=True); " \
           "input()"  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", code, str(days.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None and reader.stdout.readline() == "reads\n"
        found = retention.clean(days, RULE)
        assert found.in_use == (3,) and 3 in versions.kept(days)
        assert not versions.damaged(days, versions.manifest(days, 3))
        reader.communicate("\n")
    assert retention.clean(days, RULE).versions == (3,)


def test_an_open_connection_holds_its_version(days: Home) -> None:
    with connect([days.root], days.staging) as con:
        versions.attach(con, days, versions.manifest(days, 3), tables=())
        assert retention.plan(days, RULE).in_use == (3,)
    del con
    assert retention.plan(days, RULE).in_use == ()


def test_snapshots_go_but_for_the_last_good_one_of_a_source_and_the_live_versions(days: Home) -> None:
    rows = pl.DataFrame({"record_id": ["1"]})
    with connect([days.root], days.staging) as con:
        for source, day, taken in (
            ("crm/a", START, START), ("crm/a", date(2026, 2, 20), date(2026, 2, 20)), ("old/b", START, START),
            ("old/b", date(2026, 1, 2), date(2026, 1, 2)), ("old/b", date(2026, 1, 3), date(2026, 1, 2)),
        ):  # fmt: skip
            snapshots.keep(con, days, (source, day, taken, 0), rows, rows.clear())
    snapshots.set_aside(days, "old/b", date(2026, 1, 3))
    found = [str(path.relative_to(days.snapshots)) for path in retention.clean(days, RULE).snapshots]
    assert found == ["crm/a/2026-01-01", "old/b/2026-01-01", "old/b/2026-01-03.replaced-1"]
    assert snapshots.read_facts(days, "old/b", date(2026, 1, 2)) is not None
