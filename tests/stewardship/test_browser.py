"""The desk in a real browser: cases by keyboard, two persons, inert names, contrast, pictures for the documentation."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from stewardship import labels
from store.decisions import open_log
from tests.stewardship.browsing import WIDE, Person, browser, shots, site
from tests.stewardship.conftest import NAMES

__all__ = ["browser", "site"]
pytestmark = pytest.mark.long
CASE = "/cases/[0-9a-f]{16}"
PICTURED = ("queue-light", "case-light", "case-dark", "client-light", "preview-light", "overview-light")
"""What docs/steward-desk.md shows."""
BEYOND = """[...document.querySelectorAll('.card table')]
    .filter(table => !table.closest('.scroll'))
    .filter(table => table.getBoundingClientRect().right > table.closest('.card').getBoundingClientRect().right)
    .map(table => table.textContent)"""
"""Tables that lie over what stands beside their card."""


@pytest.fixture
def steward(browser, site):
    person = Person(browser, site, NAMES["steward"])
    yield person
    assert person.complaints == [], "the browser found nothing to complain about: no error, no blocked script or style"
    person.context.close()


@pytest.fixture
def log(home):
    return lambda: open_log(home).decisions()


@pytest.fixture
def pages(cases):
    """Pages of the steward desk by name."""
    case = cases()[0]
    return {"queue": "/queue", "case": f"/cases/{case['case_id']}", "client": f"/clients/{case['number_one']}",
            "search": "/search?by=name&text=an", "decisions": "/decisions", "overview": "/overview",
            "sample": "/sample", "preview": f"/cases/{case['case_id']}/preview?answer=match"}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("language", labels.NAMES)
def test_no_table_lies_beyond_the_edge_of_its_card(browser, site, pages, language):
    person = Person(browser, site, NAMES["steward"], locale=language)
    for path in pages.values():
        person.go(path)
        assert person.page.get_attribute("html", "lang") == language
        assert person.page.evaluate(BEYOND) == [], path
    person.context.close()


@pytest.mark.slow
def test_the_pages_are_pictured_in_light_and_dark(browser, site, pages, tmp_path_factory):
    folder = shots(tmp_path_factory.mktemp("shots"))
    for scheme in ("light", "dark"):
        person = Person(browser, site, NAMES["steward"], color_scheme=scheme)
        for name, path in pages.items():
            person.go(path)
            violations = (
                Axe().run(person.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}).response["violations"]
            )
            assert [(v["id"], [n["html"][:90] for n in v["nodes"]][:3]) for v in violations] == [], (
                f"{name} in {scheme}"
            )
            assert person.page.evaluate("document.documentElement.scrollWidth") <= 1280, f"{name} fits"
            if f"{name}-{scheme}" in PICTURED:
                tall = (
                    person.page.evaluate("document.documentElement.scrollHeight")
                    if name in ("case", "preview")
                    else WIDE["height"]
                )
                person.page.set_viewport_size(WIDE | {"height": tall})
                person.page.screenshot(path=folder / f"{name}-{scheme}.png")
                assert (folder / f"{name}-{scheme}.png").stat().st_size > 10_000
        person.context.close()


def test_cases_are_worked_by_keyboard(steward, log, cases):
    waiting = len(cases())
    steward.press("j")
    steward.press("Enter", CASE)
    first = re.search(CASE, steward.page.url).group()
    steward.press("j", CASE)
    steward.press("k", CASE)
    assert first in steward.page.url
    steward.press("?")
    assert steward.page.is_visible("dialog[open] >> text=Two clients")
    steward.press("y")
    assert log() == {}, "keys rest while the help is open"
    steward.press("Escape")
    steward.press("n", CASE)
    assert [d.entry.kind for d in log().values()] == ["cannot_link"] and first not in steward.page.url
    assert "Recorded as decision 1" in steward.page.inner_text("#toast")
    steward.press("u", "/queue")
    assert log()[1].ended_by == NAMES["steward"] and steward.page.inner_text(".tabs [aria-current] b") == str(waiting)
    steward.go(first)
    steward.press("c")
    steward.page.keyboard.type("yes, no: ask the branch")
    assert len(log()) == 1, "letters that are typed are no keys"
    steward.page.click("button[value=comment]")
    steward.page.wait_for_selector("text=yes, no: ask the branch")
    steward.page.wait_for_load_state()
    steward.press("d", CASE)
    steward.press("y", CASE)
    assert log()[max(log())].entry.kind == "merge"
    steward.go("/queue?state=snoozed")
    assert steward.page.locator("#cases tbody tr").count() == 1


@pytest.mark.slow
def test_a_cluster_is_split_and_another_person_approves(steward, browser, site, log, cases, live):
    with live() as now:
        sizes = dict(now.con.execute("SELECT client_number, records FROM golden_party").fetchall())
    case = next(c for c in cases("number_one <> number_other") if sizes[c["number_one"]] > 1)
    steward.go(f"/cases/{case['case_id']}")
    steward.press("s")
    assert steward.page.evaluate("document.activeElement.name") == "records", "it asks which records leave"
    steward.page.check(f'[name=records][value="{case["one"]}"]')
    steward.press("s", CASE)
    made = max(log())
    assert log()[made].entry.kind == "split"
    approver = Person(browser, site, NAMES["approver"])
    approver.go("/decisions")
    approver.page.locator(f'form[action="/decisions/{made}/approve"] button').click()
    approver.page.wait_for_load_state("networkidle")
    assert log()[made].approver == NAMES["approver"] and approver.complaints == []
    approver.context.close()


@pytest.mark.slow
def test_an_answer_is_previewed_and_chosen_cases_are_answered_together(steward, cases, log):
    case = cases("number_one <> number_other")[0]
    steward.go(f"/cases/{case['case_id']}")
    steward.press("p", "/preview")
    assert "Afterwards" in steward.page.inner_text(".preview") and case["number_one"] in steward.page.inner_text("main")
    steward.go("/queue")
    assert not steward.page.is_visible("#bulk"), "the bar comes with the first case that is chosen"
    before = len(log())
    for place in range(2):
        steward.page.locator("[name=cases]").nth(place).check()
    steward.page.click("#bulk button[value=apart]")
    steward.page.wait_for_selector("#toast:not([hidden])")
    assert len(log()) == before + 2 and "decision" in steward.page.inner_text("#toast")


def test_two_sliders_go_through_the_nights_and_the_versions(steward, cases):
    number = cases()[0]["number_one"]
    steward.go(f"/clients/{number}")
    steward.page.focus("#night")
    steward.page.keyboard.press("ArrowLeft")
    assert steward.page.inner_text("output[for=night]") == "2026-03-02"
    assert steward.page.get_attribute("#night", "aria-valuetext") == "2026-03-02"
    steward.page.focus("#known")
    steward.page.keyboard.press("ArrowLeft")
    assert steward.page.inner_text("output[for=known]") == "1 · 2026-03-02"
    steward.page.click("#slide button")
    steward.page.wait_for_url(re.compile("as_of=2026-03-02&known_at=1"))
    assert "As it was on 2026-03-02" in steward.page.inner_text(".notice")
    assert [steward.page.input_value(f"#{axis}") for axis in ("night", "known")] == ["0", "0"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_administrator_adds_a_user_who_chooses_his_own_password_at_the_first_log_in(browser, site, scheme):
    person = Person(browser, site, NAMES["admin"], color_scheme=scheme)
    page, name = person.page, f"Leyla Əliyeva {scheme}"
    page.fill("form[action='/users/add'] [name=name]", name)
    page.select_option("form[action='/users/add'] [name=role]", "viewer")
    page.click("form[action='/users/add'] button")
    page.wait_for_selector(".notice")
    password = page.inner_text(".notice code")
    row = page.locator(f"tr:has-text('{name}')")
    row.locator("summary").click()
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}).response["violations"]
    assert [(each["id"], [node["html"][:90] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    row.locator("[name=role]").select_option("steward")
    row.locator("form[action='/users/change'] button").click()
    page.wait_for_url("**/users")
    assert "steward" in page.locator(f"tr:has-text('{name}')").locator("td").nth(2).inner_text()
    assert person.complaints == []
    person.context.clear_cookies()
    page.goto(f"{site.url}/login")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/password")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}).response["violations"]
    assert [(each["id"], [node["html"][:90] for node in each["nodes"]]) for each in found] == []
    for field, value in (("old", password), ("new", "words of my own"), ("again", "words of my own")):
        page.fill(f"#{field}", value)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")
    person.context.close()


def test_a_name_that_is_a_script_stays_text(steward, live):
    evil = "<script>document.title='taken'</script><img src=x onerror=\"alert(1)\">"
    steward.go("/queue")
    case = steward.page.locator("[name=cases]").first.get_attribute("value")
    with live() as now:
        now.con.execute("UPDATE case_item SET name_one = ?, reason = ? WHERE case_id = ?", [evil, evil, case])
    for path in ("/queue", f"/cases/{case}"):
        steward.go(path)
        assert evil in steward.page.inner_text("main") and steward.page.title() != "taken"
        assert steward.page.locator("main img[src=x]").count() == 0


@pytest.mark.slow
def test_every_page_works_without_scripts(browser, site, cases, log):
    person = Person(browser, site, NAMES["steward"], java_script_enabled=False)
    person.go(f"/cases/{cases()[1]['case_id']}")
    before = len(log())
    person.page.click("button[value=apart]")
    assert len(log()) == before + 1
    person.context.close()
