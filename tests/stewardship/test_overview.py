"""The overview counts what the log holds, by day and by person."""

from dataclasses import replace
from datetime import date

import pytest

from stewardship import overview
from store.decisions.entries import Entry, Payload
from store.decisions.state import decisions

TODAY = date(2026, 3, 10)


@pytest.fixture
def known():
    """Ann proposes three merges: one approved, one rejected by Bob, one waits; Bob ends Ann's cannot-link."""
    rows = [
        ("merge", "Ann", None, "08"), ("merge", "Ann", None, "09"), ("merge", "Ann", None, "10"),
        ("cannot_link", "Ann", None, "10"), ("approve", "Bob", 1, "09"), ("end", "Bob", 2, "10"),
        ("end", "Bob", 4, "10"),
    ]  # fmt: skip
    entries = [Entry(place, f"2026-03-{day}T10:00:00+00:00", kind, who, about=about)
               for place, (kind, who, about, day) in enumerate(rows, 1)]  # fmt: skip
    return decisions(entries, dict.fromkeys(range(1, 8), Payload("s")))


def test_throughput_counts_each_day_once(known):
    found = {row["day"]: (row["entered"], row["approved"], row["ended"]) for row in overview.throughput(known, TODAY)}
    assert len(found) == overview.DAYS
    assert {day: row for day, row in found.items() if any(row)} == {
        "2026-03-10": (2, 0, 2), "2026-03-09": (1, 1, 0), "2026-03-08": (1, 0, 0),
    }  # fmt: skip


def test_people_see_what_became_of_their_decisions(known):
    assert overview.stewards(known, TODAY) == [{"name": "Ann", "decided": 4, "waiting": 1, "ended by others": 2}]
    assert overview.agreement(known, TODAY) == {"approved": 1, "rejected": 1}
    assert [one.id for one in overview.waiting(known, TODAY)] == [3]
    assert overview.stewards({}, TODAY) == []


def test_undoing_ones_own_is_no_disagreement(known):
    own = known | {2: replace(known[2], ended_by="Ann")}
    assert overview.agreement(own, TODAY)["rejected"] == 0
    assert overview.stewards(own, TODAY)[0]["ended by others"] == 1


def test_the_page_shows_nights_and_open_issues(visit, desk):
    page = visit("auditor").get("/overview").text
    assert "2026-03-03" in page and "2026-03-02" in page and "What sources should mend" in page
    issues = overview.issues(desk.home)
    assert issues and all(row["resolved"] is None for row in issues) and issues[0]["owner"] in page
