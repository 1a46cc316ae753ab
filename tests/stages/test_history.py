"""History on the demo's two nights: invariants broken on purpose, feeds replayed, answers of the past."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from golden_record.as_of import rebuild
from golden_record.history_invariants import HISTORY_INVARIANTS
from golden_record.invariants import results
from golden_record.replay_feed import replay
from rules.calendar import Retention
from rules.contracts import TABLES
from rules.errors import NotFound, StoreError
from stages import as_of, lookup
from stages.as_of import When
from stages.diff import between
from stages.history import chain, replay_nights, replayed
from stages.verify import verify
from stages.version_invariants import FEED
from store import keymap, retention, versions
from store.duck import connect
from store.hashing import content_hash
from store.home import Home
from tests.tables import table


@pytest.fixture
def home(demo_home: Path) -> Home:
    return Home(demo_home)


@pytest.fixture
def opened(home: Home):
    found = versions.manifest(home, 2)
    with connect([home.root], home.staging) as con:
        keymap.attach(con, home)
        versions.attach(con, home, found)
        yield con, found


def test_feeds_replayed_from_the_first_version_give_the_second(home: Home):
    hashes = versions.manifest(home, 2).content_hashes
    assert replayed(home, 2) == {table: hashes[table] for table in ("golden_party", "crosswalk")}


@pytest.mark.parametrize(
    ("breach", "broken"),
    [
        ("UPDATE history_value SET value = 'x' WHERE field = 'display_name'", {"history.value"}),
        ("UPDATE history_member SET client_number = '1'", {"history.member"}),
        ("UPDATE history_member SET valid_to = valid_from", {"history.order", "history.member"}),
        (
            "INSERT INTO history_member BY NAME SELECT * REPLACE (valid_from - 1 AS valid_from, '1' AS client_number, "
            "known_from + 9 AS known_from, NULL::BIGINT AS known_to) FROM history_member",
            {"history.intervals", "history.member"},
        ),
    ],
)
def test_broken_history_is_found(opened, breach: str, broken: set[str]):
    con, _ = opened
    for name in ("history_member", "history_value"):
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM {name}")
    assert all(result.ok for result in results(con, HISTORY_INVARIANTS))
    con.execute(breach)
    assert {result.id for result in results(con, HISTORY_INVARIANTS) if not result.ok} == broken


def test_a_feed_that_leaves_an_event_out_is_found(home: Home, opened):
    con, found = opened
    con.execute("CREATE TABLE erased_client (client_number VARCHAR)")
    replay_nights(con, home, found.parent, [found])
    assert results(con, (FEED,))[0].ok
    con.execute("CREATE OR REPLACE TEMP VIEW party_feed AS SELECT 2 AS version, * FROM change_event LIMIT 0")
    con.execute("CREATE OR REPLACE TEMP VIEW member_feed AS SELECT 2 AS version, * FROM member_event LIMIT 0")
    replay(con)
    assert results(con, (FEED,))[0].rows > 0


def test_an_earlier_version_comes_back_exactly_from_the_history_of_a_later_one(home: Home, opened, days):
    con, _ = opened
    first = versions.manifest(home, 1)
    for name in as_of.REBUILT:
        con.execute(f"DROP VIEW {name}")
    rebuild(con, days.first, 1)
    for name in as_of.REBUILT:
        assert content_hash(con, name, TABLES[name])[0] == first.content_hashes[name], name


def test_what_was_believed_then_and_what_is_believed_now_of_then(home: Home, days):
    changed = table(home, "change_event", 2).filter(pl.col("event") == "party_changed")
    number = changed["client_number"][0]
    then, now = (lookup.client(home, number, When(day)) for day in (days.first, days.second))
    assert then["party"] != now["party"] and now["party"] == lookup.client(home, number)["party"]
    believed = lookup.client(home, number, When(days.second, 1))
    assert believed["party"] == then["party"] and (believed["as_of"], believed["known_at"]) == (days.second, 1)
    assert now["lineage"] == lookup.client(home, number)["lineage"] and then["lineage"] == []


def test_find_and_export_answer_of_the_past(home: Home, days, tmp_path):
    left = table(home, "member_event", 2).filter(pl.col("event") == "record_joined").row(0, named=True)
    asked = (left["source"], left["record_id"])
    assert lookup.find_record(home, *asked, When(days.first)) == [] != lookup.find_record(home, *asked, When())
    found = as_of.export(home, When(days.first), tmp_path / "out", "parquet")
    assert found["known_at"] == 2 and found["as_of"] == days.first.isoformat()
    assert pl.read_parquet(tmp_path / "out" / "golden_party.parquet").height == table(home, "golden_party", 1).height


@pytest.mark.parametrize(
    ("when", "message"),
    [
        (When(date(2000, 1, 1)), "date 2000-01-01: lies before 2026-03-02, the first night of history"),
        (When(None, 9), "there is no version 9"),
        (When(None, 0), "there is no version 0"),
    ],
)
def test_what_history_cannot_know_is_an_error(home: Home, when: When, message: str):
    with pytest.raises(NotFound, match=message), as_of.opened(home, when):
        pass


def test_a_number_given_later_is_an_error_with_its_date(home: Home, days):
    new = table(home, "change_event", 2).filter(pl.col("event").is_in(["party_created", "party_split"]))
    with pytest.raises(NotFound, match=f"was first given on {days.second}, after {days.first}"):
        lookup.client(home, new.filter(pl.col("other_number").is_null())["client_number"][0], When(days.first))


def test_a_version_that_is_no_longer_kept_is_answered_by_one_that_descends_from_it(home_copy: Path, days):
    home = Home(home_copy)
    number = table(home, "golden_party", 1)["client_number"][0]
    before = lookup.client(home, number, When(None, 1))
    assert clean_later(home) == (1,) and versions.kept(home) == [2, 3]
    after = lookup.client(home, number, When(None, 1))
    assert after == before | {"lineage": []} and after["as_of"] == days.first
    with as_of.opened(home, When(None, 1)) as (_, moment):
        assert moment.answered_by == 3


@pytest.mark.slow
def test_without_the_version_that_the_feed_begins_at_the_feed_is_not_checked(home_copy: Path):
    home = Home(home_copy)
    assert "history.feed" in {found["id"] for found in verify(home, 2)["invariants"]}
    clean_later(home)
    found = verify(home, 2)
    assert found["ok"] and "history.feed" not in {one["id"] for one in found["invariants"]}
    with pytest.raises(NotFound, match="version 1: its term is over"):
        replayed(home, 2)


def clean_later(home: Home) -> tuple[int, ...]:
    """Remove what is past its term in a month, when a night was made that found nothing new."""
    last = versions.newest(home)
    later = {"version": last.version + 1, "parent": last.version, "business_date": last.business_date + timedelta(31)}
    versions.promote(home, last.model_copy(update=later))
    return retention.clean(home, Retention(nightly_days=1, month_ends_years=0)).versions


def test_diff_in_both_directions(home: Home, tmp_path):
    there, back = between(home, 1, 2, rows=True), between(home, 2, 1)
    assert there["events"]["party_created"] + there["events"]["party_split"] == (
        back["events"]["party_retired"] + back["events"]["parties_merged"]
    )
    assert there["fields"] == back["fields"] and there["events"]["party_changed"] > 0
    assert sum(there["events"].values()) == len(there["rows"]) and "before" not in there["rows"][0]
    assert not any(between(home, 2, 2)["events"].values())
    between(home, 1, 2, file=tmp_path / "sub" / "d.parquet")
    written = pl.read_parquet(tmp_path / "sub" / "d.parquet")
    assert written.drop("position").equals(table(home, "change_event", 2).drop("position"))
    with pytest.raises(StoreError, match="must end in"):
        between(home, 1, 2, file=tmp_path / "d.txt")


def test_a_date_after_the_last_night_shows_what_is_known(home: Home, days):
    number = table(home, "golden_party", 2)["client_number"][0]
    assert lookup.client(home, number, When(days.second + timedelta(30)))["party"]["client_number"] == number


@pytest.mark.slow
def test_after_a_rollback_history_and_feed_follow_the_branch_that_lives(small_live, compute, days):
    home = small_live.home
    second = compute(small_live, days.second)
    versions.rollback(home, 1)
    third = compute(small_live, days.second)
    assert [night.version for night in chain(home, 3)] == [1, 3]
    for made in (second, third):
        hashes = made.content_hashes
        assert replayed(home, made.version) == {name: hashes[name] for name in ("golden_party", "crosswalk")}
        assert verify(home, made.version)["ok"]
    assert table(home, "history_night", 3)["version"].to_list() == [1, 3]
    with as_of.opened(home, When(None, 2)) as (con, moment):
        assert (moment.known_at, moment.answered_by) == (2, 2)
    del con  # while there is a connection to a version, it is being read and stays
    assert 2 in clean_later(home)
    gone = pytest.raises(NotFound, match="version 2: is no longer kept, nor any that descends")
    with gone, as_of.opened(home, When(None, 2)):
        pass
