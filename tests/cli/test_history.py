"""The commands that look back: diff, and client, find and export of a date or version."""

import json
import stat

import polars as pl
import pytest

from rules.contracts.golden import CHANGES
from rules.contracts.history import MEMBERSHIP
from store.home import Home
from tests.tables import table


@pytest.fixture
def news(demo_home) -> pl.DataFrame:
    """What the second night changed."""
    return table(Home(demo_home), "change_event", 2)


def test_diff_as_text_and_json(registry, demo_home, news):
    shown = registry("diff", 1, 2, "--home", demo_home)
    assert shown.code == 0 and "party_changed" in shown.out and "Changed columns" in shown.out
    found = json.loads(registry("diff", 1, 2, "--rows", "--home", demo_home, "--json").out)
    assert list(found["events"]) == list(CHANGES) and list(found["records"]) == list(MEMBERSHIP)
    assert len(found["rows"]) == news.height
    assert "same clients" in registry("diff", 2, 2, "--home", demo_home).out
    assert registry("diff", 1, 7, "--home", demo_home).code == 1


def test_diff_shows_no_value_but_writes_them_for_its_owner_alone(registry, demo_home, news, tmp_path):
    file = tmp_path / "changes.csv"
    shown = registry("diff", 1, 2, "--rows", "--file", file, "--home", demo_home)
    name = json.loads(news.filter(pl.col("after").str.contains('"display_name":"'))["after"][0])["display_name"]
    assert name not in shown.out and name in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_client_of_another_date_says_which(registry, demo_home, news, days):
    number = news.filter(pl.col("event") == "party_changed")["client_number"][0]
    shown = registry("client", number, "--as-of", days.first, "--home", demo_home)
    assert f"on {days.first} as known at version 2" in " ".join(shown.out.split())
    found = json.loads(registry("client", number, "--known-at", 1, "--home", demo_home, "--json").out)
    assert (found["as_of"], found["known_at"]) == (str(days.first), 1)
    early = json.loads(registry("client", number, "--as-of", "2026-01-01", "--home", demo_home, "--json").out)
    assert "the first night of history" in early["error"]["problem"]


def test_find_and_export_of_another_date(registry, demo_home, days, tmp_path):
    walk = table(Home(demo_home), "crosswalk", 1)
    one = walk.row(0, named=True)
    asked = ("find", "--record", one["source"], one["record_id"], "--as-of", days.first, "--home", demo_home, "--json")
    assert json.loads(registry(*asked).out)[0]["client_number"] == one["client_number"]
    out = tmp_path / "out"
    found = json.loads(registry("export", out, "--kind", "csv", "--known-at", 1, "--home", demo_home, "--json").out)
    assert sorted(path.name for path in out.iterdir()) == found["files"] and found["known_at"] == 1
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in out.iterdir())
