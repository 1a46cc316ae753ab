"""Tables staged whole or as changes: what one reads back, and the hash, must be those of the whole table."""

from datetime import date, timedelta

import pytest

from rules.contracts import TABLES
from rules.settings import Registry, Settings
from stages import staged
from stages.night import Night
from stages.plan import Plan
from store import tables, versions
from store.home import Home
from store.manifest import Manifest, RunEntry

CHANGES, EVERYTHING = Plan(), Plan("asked for", "asked for")
NAME, FIRST = "ledger_member", date(2026, 3, 2)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home").prepare()


def rows(numbers, moved=()):
    """SQL: one record a number; those in `moved` carry another client."""
    values = ", ".join(f"({n}, '{'M' if n in moved else 'C'}{n}')" for n in numbers)
    return f"""SELECT 's' AS source, 'r' || n AS record_id, c AS client_number, 1::BIGINT AS first_version,
                      NULL::BIGINT AS last_version FROM (VALUES {values}) t(n, c)"""


class Nights:
    """Nights over one table; each is promoted with what it staged of it."""

    def __init__(self, home, settings):
        self.home, self.settings, self.count = home, settings, 0

    def run(self, body, plan=CHANGES, lost=None):
        night = Night(self.home, self.settings, FIRST + timedelta(days=self.count))
        night.begin(plan)
        with night.open(parent=[NAME]) as con:
            con.execute(f"CREATE TABLE {NAME} AS {body}")
            if lost:
                night.save_changes(con, f"({lost})", NAME)
            else:
                night.save(con, NAME)
        [found] = staged.gathered(night, [NAME])
        entry = staged.adopt(night, found)
        self.count += 1
        versions.promote(self.home, Manifest(
            version=self.count, parent=self.count - 1 or None, business_date=night.business_date, inputs=(), models={},
            rules_hash="r", code_version="c", tables=(entry,), checks=(),
            run=RunEntry(started="2026-03-02T02:30:00", seconds={})))  # fmt: skip
        return entry

    def shown(self):
        with Night(self.home, self.settings, FIRST).open() as con:
            versions.attach(con, self.home, versions.manifest(self.home), [NAME])
            found = con.sql(f"FROM {NAME} ORDER BY ALL").fetchall()
            return found, tables.hashed(con, NAME, TABLES[NAME])


@pytest.fixture
def nights(home):
    return Nights(
        home, Settings(home.root / "registry.yaml", Registry(sources=("a.yaml",), memory="200MB", threads=1), ())
    )


def kinds(entry):
    return [file.kind for file in entry.files]


def test_a_small_difference_is_kept_as_changes_and_reads_and_hashes_as_the_whole(nights, tmp_path):
    assert kinds(nights.run(rows(range(100)))) == ["base"]
    changed = rows([*range(1, 100), 200], moved=[7])
    entry = nights.run(changed)
    assert kinds(entry) == ["base", "lost", "delta"] and [file.rows for file in entry.files] == [100, 2, 2]
    found, hashed = nights.shown()
    whole = Nights(Home(tmp_path / "other").prepare(), nights.settings)
    same = whole.run(changed)
    assert kinds(same) == ["base"] and whole.shown() == (found, hashed)
    assert (entry.content_hash, entry.rows) == (same.content_hash, same.rows) == hashed


def test_a_table_that_nothing_changed_is_the_parents_own_files(nights):
    first = nights.run(rows(range(100)))
    assert nights.run(rows(range(100))) == first
    none = "SELECT '' AS source, '' AS record_id LIMIT 0"
    assert nights.run(f"FROM ({rows([1])}) LIMIT 0", lost=none) == first


def test_what_a_step_says_it_touched_replaces_the_parents_rows(nights):
    nights.run(rows(range(100)))
    touched = "SELECT 's' AS source, 'r' || unnest([3, 4, 5]) AS record_id"
    entry = nights.run(rows([3, 4], moved=[3]), lost=touched)
    found, hashed = nights.shown()
    assert kinds(entry) == ["base", "lost", "delta"] and (entry.content_hash, entry.rows) == hashed
    assert len(found) == 99 and [row[2] for row in found if row[1] in ("r3", "r4", "r5")] == ["M3", "C4"]


def test_a_large_difference_and_a_full_night_are_written_whole(nights):
    nights.run(rows(range(100)))
    assert kinds(nights.run(rows(range(60)))) == ["base"]
    assert kinds(nights.run(rows(range(61)), plan=EVERYTHING)) == ["base"]


def test_after_many_changes_the_table_is_written_whole_again(nights):
    nights.run(rows(range(100)))
    lengths = [len(nights.run(rows(range(101 + night))).files) for night in range(staged.MOST_CHANGES + 1)]
    assert lengths == [*range(3, 2 * staged.MOST_CHANGES + 2, 2), 1]
    found, hashed = nights.shown()
    entry = versions.manifest(nights.home).table(NAME)
    assert len(found) == 101 + staged.MOST_CHANGES and (entry.content_hash, entry.rows) == hashed
