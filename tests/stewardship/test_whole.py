"""From a key press to a changed number and back: decided, approved, applied by a night, undone, restored."""

import threading
from datetime import date

import pytest
from fastapi.testclient import TestClient

from stages import decide
from stages.lookup import most_sourced
from stewardship import accounts, sessions
from stewardship.app import create
from store import versions
from store.desk import Database
from store.home import Home
from tests.stewardship.browsing import Person, Site, browser
from tests.stewardship.conftest import NAMES, PASSWORD

__all__ = ["browser"]
pytestmark = pytest.mark.slow
IDENTITY = ("golden_party", "crosswalk", "clusters")


@pytest.fixture
def bank(small_live, days, compute):
    """Two sources of the demo's bank after their first night, and `night()`: another of the same business date."""
    for role in ("steward", "approver"):
        accounts.add(Database(small_live.home), NAMES[role], role, PASSWORD)
    return small_live.home, lambda: compute(small_live, days.first)


def hashes(home: Home) -> dict[str, str]:
    found = versions.manifest(home).content_hashes
    return {table: found[table] for table in IDENTITY}


def test_decided_at_the_desk_applied_by_a_night_undone_and_restored(bank, browser):
    home, night = bank
    app = create(home)
    site, before = Site(app), hashes(home)
    steward, approver = (Person(browser, site, NAMES[role]) for role in ("steward", "approver"))
    steward.page.locator("#cases a.row").first.click()
    steward.page.wait_for_selector("#answer")
    numbers = steward.page.locator("[aria-labelledby=records-title] thead a").all_inner_texts()
    steward.press("y", "/cases/")
    approver.go("/decisions")
    approver.page.locator("button.yes").click()
    approver.page.wait_for_load_state("networkidle")
    night()
    approver.go(f"/clients/{numbers[1]}")
    live, retired = numbers if numbers[0] in approver.page.url else numbers[::-1]
    assert f"/clients/{live}" in approver.page.url, "the retired number leads to the live one, without a restart"
    table = approver.page.locator("#numbers-title ~ table").inner_text()
    assert retired in table and "merged" in table and "Version 2" in approver.page.inner_text("footer")
    moved = approver.context.request.get(f"{site.url}/api/v1/parties/{retired}", max_redirects=0)
    assert (moved.status, moved.headers["location"]) == (301, f"/api/v1/parties/{live}")
    steward.go("/decisions?state=counting")
    steward.page.click("text=Undo")
    steward.page.wait_for_load_state("networkidle")
    approver.go("/decisions")
    approver.page.click('button:text-is("End")')
    approver.page.wait_for_load_state("networkidle")
    night()
    assert hashes(home) == before
    approver.go(f"/clients/{retired}")
    assert retired in approver.page.url and steward.complaints == approver.complaints == []
    for person in (steward, approver):
        person.context.close()
    site.close()
    app.state.desk.explanations.close()
    app.state.desk.served.close()


def test_it_answers_while_a_night_runs(bank):
    """Every answer during a night is from one version, the one before or the new one."""
    home, night = bank
    app = create(home)
    headers = {"authorization": f"Bearer {sessions.issue_token(Database(home), 'reader', 1)}"}
    client, seen, done = TestClient(app, base_url="http://127.0.0.1", headers=headers), [], threading.Event()
    number = most_sourced(home)

    def read():
        while not done.is_set():
            answer = client.get(f"/api/v1/parties/{number}")
            seen.append((answer.status_code, answer.json()["version"]))

    reader = threading.Thread(target=read)
    reader.start()
    decide.override(home, number, "language", "ru", date(2099, 1, 1), decide.Decider("ann", "told by the client"))
    made = night().version
    while seen[-1][1] != made:
        done.wait(0.05)
    done.set()
    reader.join()
    answered = [version for _, version in seen]
    assert {status for status, _ in seen} == {200} and answered == sorted(answered)
    assert set(answered) == {1, made} and len(seen) > 20
    assert client.get(f"/api/v1/parties/{number}").json()["party"]["language"] == "ru"
    app.state.desk.served.close()
