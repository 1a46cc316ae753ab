"""Feeds replayed: the events of some nights, applied to where they began, give the tables where they ended."""

from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from golden_record.changes import diff, diff_members
from golden_record.replay_feed import replay
from rules.contracts import TABLES
from store.hashing import content_hash

Fill = Callable[..., None]
Night = dict[str, tuple[str, str | None]]
"""Record id → (client number, sex of the client)."""
TABLE = ("golden_party", "crosswalk")
FEEDS = {"party_feed": "change_event", "member_feed": "member_event"}
RECORDS = "abcdef"

NIGHTS: list[Night] = [
    {"a": ("1", "F"), "b": ("2", "M"), "c": ("3", None), "d": ("3", None)},
    {"a": ("1", None), "b": ("1", None), "c": ("3", "F"), "d": ("4", "M"), "e": ("5", "M"), "f": ("6", "M")},
    {"b": ("2", "F"), "c": ("3", "F"), "d": ("3", "F"), "e": ("5", "F")},
]
"""A merge, a split and a new client; then the merge undone without record a, another merge, a client gone."""


@pytest.fixture
def home(con: duckdb.DuckDBPyConnection, put: Fill) -> duckdb.DuckDBPyConnection:
    keys = [{"record_key": n, "source": "s", "record_id": r} for n, r in enumerate(RECORDS)]
    put("keys", keys, "crosswalk")
    con.execute("CREATE VIEW key_map AS SELECT record_key, source, record_id FROM keys")
    return con


def fill(put: Fill, prefix: str, night: Night, moment: Any) -> None:
    """Tables of a night; `updated_at` follows the first record, so that some clients are touched only."""
    of: dict[str, str] = {}
    for record, (number, _) in sorted(night.items(), reverse=True):
        of[number] = record
    sex = dict(night.values())
    parties = [
        {"client_number": n, "party_type": "person", "sex": sex[n], "updated_at": moment(1 + RECORDS.index(r)),
         "records": sum(number == n for number, _ in night.values()), "sources": "s"}
        for n, r in of.items()
    ]  # fmt: skip
    put(f"{prefix}golden_party", parties, "golden_party")
    rows = [{"record_key": RECORDS.index(r), "source": "s", "record_id": r, "party_type": "person", "client_number": n}
            for r, (n, _) in night.items()]  # fmt: skip
    put(f"{prefix}crosswalk", rows, "crosswalk")


def feed(con: duckdb.DuckDBPyConnection, put: Fill, nights: list[Night], moment: Any) -> None:
    """`party_feed` and `member_feed` of all nights; the tables of the last stay in place."""
    for version, (before, now) in enumerate(zip([{}, *nights], nights, strict=False), start=1):
        fill(put, "parent_", before, moment)
        fill(put, "", now, moment)
        diff(con)
        diff_members(con)
        for name, events in FEEDS.items():
            TABLES[events].validate(con.sql(f"FROM {events}").pl(), cast=True)
            create = f"CREATE OR REPLACE TABLE {name} AS" if version == 1 else f"INSERT INTO {name}"
            con.execute(f"{create} SELECT {version} AS version, * FROM {events}")


def hashes(con: duckdb.DuckDBPyConnection, prefix: str) -> list[tuple[str, int]]:
    return [content_hash(con, f"{prefix}{name}", TABLES[name]) for name in TABLE]


def test_three_nights_replayed_from_nothing(home: duckdb.DuckDBPyConnection, put: Fill, moment: Any) -> None:
    feed(home, put, NIGHTS, moment)
    fill(put, "base_", {}, moment)
    replay(home)
    assert hashes(home, "replayed_") == hashes(home, "")
    kinds = {row[0] for row in home.execute("SELECT event FROM party_feed").fetchall()}
    assert kinds >= {"party_created", "party_changed", "parties_merged", "party_split", "party_retired"}


def test_the_feeds_of_the_last_night_alone_on_its_parent(
    home: duckdb.DuckDBPyConnection, put: Fill, moment: Any
) -> None:
    feed(home, put, NIGHTS, moment)
    fill(put, "base_", NIGHTS[1], moment)
    for name in FEEDS:
        home.execute(f"DELETE FROM {name} WHERE version < 3")
    replay(home)
    assert hashes(home, "replayed_") == hashes(home, "")


def test_a_change_says_before_and_after(home: duckdb.DuckDBPyConnection, put: Fill, moment: Any) -> None:
    feed(home, put, [{"a": ("1", None)}, {"a": ("1", "F")}], moment)
    found = home.execute("SELECT event, fields, before, after FROM party_feed WHERE version = 2").fetchall()
    assert found == [("party_changed", "sex", '{"sex":null}', '{"sex":"F"}')]


def test_a_newer_record_alone_touches_a_client(home: duckdb.DuckDBPyConnection, put: Fill, moment: Any) -> None:
    feed(home, put, [{"b": ("1", "F")}, {"c": ("1", "F")}], moment)
    found = home.execute("SELECT event, fields FROM party_feed WHERE version = 2").fetchall()
    assert found == [("party_touched", "updated_at")]
    assert home.execute("SELECT event, record_id FROM member_feed WHERE version = 2").fetchall() == [
        ("record_joined", "c"), ("record_left", "b"),
    ]  # fmt: skip


nights = st.lists(
    st.dictionaries(st.sampled_from(RECORDS), st.tuples(st.sampled_from("123"), st.none())), min_size=1, max_size=3
)


@pytest.mark.slow
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights)
def test_any_nights_replay(home: duckdb.DuckDBPyConnection, put: Fill, moment: Any, of: list[Night]) -> None:
    feed(home, put, of, moment)
    fill(put, "base_", {}, moment)
    replay(home)
    assert hashes(home, "replayed_") == hashes(home, "")
