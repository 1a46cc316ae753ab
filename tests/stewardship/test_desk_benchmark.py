"""The benchmark of the desk answers cases as a steward does: every answer is a decision, every page the next case's."""

from contextlib import closing

import pytest

from benchmarks.desk import tabs, work
from tests.stewardship.browsing import Site
from tests.stewardship.conftest import NAMES, PASSWORD


@pytest.mark.slow
def test_a_steward_at_work_decides_each_case_that_is_timed(app, desk):
    site, before = Site(app), len(desk.decisions())
    with closing(work.log_in(site.url, NAMES["steward"], PASSWORD)) as browser:
        taken = work.answer(browser, cases=3, reading=0)
    site.close()
    made = [decision.entry for decision in list(desk.decisions().values())[before:]]
    assert len(taken) == len(made) == 3 and min(taken) > 0
    assert {entry.author for entry in made} == {NAMES["steward"]}


@pytest.mark.slow
def test_every_tab_of_clients_that_may_be_opened_is_timed(app, desk):
    site, numbers = Site(app), tabs.clients(desk.home, 3)
    with closing(work.log_in(site.url, NAMES["auditor"], PASSWORD)) as browser:
        found = tabs.measure(browser, numbers)
    site.close()
    assert len(set(numbers)) == 3 and found["tab_slowest"] in {tab.name for tab in tabs.TABS}
    assert found["tab_p95_ms"] > 0 and found["tab_slowest_p95_ms"] > 0
