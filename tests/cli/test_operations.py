"""Operation requests and management reports from the command line."""

import json

import pytest

from store.home import Home
from store.opening import opened


@pytest.fixture
def card(demo_home):
    """(client number, reference) of an open card."""
    with opened(Home(demo_home)) as con:
        return con.execute("""
            SELECT client_number, reference FROM view_holding WHERE product = 'card' AND status <> 'closed'
            ORDER BY ALL LIMIT 1""").fetchall()[0]  # fmt: skip


def test_a_request_is_asked_listed_and_told_when_asked_again(registry, home_copy, demo_home, card):
    place = ("--config", demo_home / "bank" / "registry.yaml", "--home", home_copy)
    asked = ("operation", "ask", card[0], "card", card[1], "block", "--field", "reason=lost", "--as", "ann", *place)
    first = registry(*asked)
    assert first.code == 0 and "handed over to cards" in first.out
    assert "already" in registry(*asked).out
    told = json.loads(registry("operation", "list", "--home", home_copy, "--json").out)
    assert [(one["operation"], one["status"], one["asked_by"]) for one in told] == [("block", "handed over", "ann")]


def test_what_is_no_pair_is_refused_without_repeating_it(registry, home_copy, demo_home, card):
    shown = registry("operation", "ask", card[0], "card", card[1], "block", "--field", "secret",
                     "--config", demo_home / "bank" / "registry.yaml", "--home", home_copy)  # fmt: skip
    assert shown.code != 0 and "NAME=VALUE" in shown.err and "secret" not in shown.err


def test_the_management_reports_are_written(registry, demo_home, tmp_path):
    shown = registry("report", "--folder", tmp_path, "--home", demo_home)
    assert shown.code == 0
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".html", ".xlsx"]
