"""The client desk in a real browser: a teller serves a client by scanner and keyboard, and every page is pictured."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from rules.desk import MAY
from stewardship import accounts
from stewardship.client_desk import changing, tabs
from tests.stewardship.browsing import Person, browser, pictured, shots, site
from tests.stewardship.conftest import NAMES, PASSWORD
from tests.stewardship.desk_bank import send

__all__ = ["browser", "site"]
pytestmark = [pytest.mark.long, pytest.mark.slow]
PICTURED = ("find", "client", "contact", "manager", "duties", "activities", "operate")
"""What docs/client-desk.md shows."""
OPENED = """() => {
  for (const part of document.querySelectorAll(".enter, .product")) part.querySelector("details").open = true;
  document.querySelector(".enter")?.scrollIntoView({block: "end"});
}"""
"""Shows the first form of a page."""


@pytest.fixture(scope="module")
def served(desk):
    """A client with a passport, a photograph, products, relations and a manager: number, passport, manager."""
    with desk.served.live() as version, version.cursor() as con:
        return con.execute("""
            SELECT client_number, min(i.number), min(a.manager) FROM golden_identifier i
            JOIN view_allocation a USING (client_number)
            SEMI JOIN (FROM view_document WHERE kind = 'photograph' AND length(content_hash) = 64) USING (client_number)
            SEMI JOIN view_holding USING (client_number) SEMI JOIN view_association USING (client_number)
            WHERE i.type = 'passport' AND a.manager IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 1""").fetchall()[0]


def test_a_teller_serves_a_client_and_another_person_approves(browser, site, served, desk):
    number, passport, _ = served
    teller = Person(browser, site, NAMES["teller"])
    assert teller.page.url.endswith("/desk") and teller.page.evaluate("document.activeElement.name") == "text"
    teller.page.keyboard.type(number)
    teller.page.keyboard.press("Enter")
    teller.page.wait_for_url(re.compile(f"/desk/clients/{number}"))
    teller.go("/desk")
    teller.page.select_option("form:has([value=document]) select", "passport")
    teller.page.fill("form:has([value=document]) [name=text]", passport)
    teller.page.keyboard.press("Enter")
    teller.page.wait_for_url(re.compile(f"/desk/clients/{number}"))
    for tab in ("Dossier", "Products", "Important data"):
        teller.page.click(f"nav.tabs >> text={tab}")
        teller.page.wait_for_load_state()
    teller.page.click("text=Propose a change")
    teller.page.select_option("[name=field]", "birth_date")
    teller.page.fill("[name=value]", "1980-01-02")
    teller.page.click("form[action$='/change'] button")
    teller.page.wait_for_selector("mark >> text=1980-01-02")
    made = max(desk.decisions())
    approver = Person(browser, site, NAMES["approver"])
    approver.go("/decisions")
    approver.page.locator(f'form[action="/decisions/{made}/approve"] button').click()
    approver.page.wait_for_load_state("networkidle")
    teller.go(f"/desk/clients/{number}")
    assert "from the next night on" in teller.page.inner_text("main") and teller.complaints == []
    for person in (teller, approver):
        person.context.close()


def test_every_page_is_accessible_and_fits_and_some_are_pictured(
    browser, site, served, desk, visit, tmp_path_factory
):  # fmt: skip
    number, _, manager = served
    note = {"text": "prefers to be called in the morning"}
    assert send(visit("manager"), f"/desk/clients/{number}/enter/note", **note).status_code == 303
    aside = tmp_path_factory.mktemp("shots")
    folder = shots(aside)
    with desk.served.live() as version, version.cursor() as con:
        cited = changing.citable(con, number)[0]
    address = {"kind": "actual", "street": "Nizami küçəsi", "house": "12", "city": "Bakı", "ends": "2099-01-01"}
    proposed = send(visit("teller"), f"/desk/clients/{number}/propose/address", document=cited, **address)
    assert proposed.status_code == 303
    accounts.add(desk.database, "Head Pictured", "head", PASSWORD)
    names = {"head": "Head Pictured", "compliance": NAMES["compliance"]}
    pages = {
        "head": {"find": "/desk", "client": f"/desk/clients/{number}", "branch": "/desk/head",
                 "manager": f"/desk/manager?manager={manager}", "new": "/desk/new",
                 "operate": f"/desk/clients/{number}/operate"},
        "compliance": {"duties": "/desk/compliance"},
    }  # fmt: skip
    for tab in tabs.TABS[1:]:
        role = next(role for role in names if tab.needs in MAY[role])
        pages[role][tab.name] = f"/desk/clients/{number}/{tab.name}"
    for role, places in pages.items():
        person = Person(browser, site, names[role])
        for name, place in places.items():
            person.go(place)
            person.page.evaluate(OPENED)
            found = Axe().run(person.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]})
            assert [each["id"] for each in found.response["violations"]] == [], name
            pictured(person.page, folder if name in PICTURED else aside, f"desk-{name}")
        assert person.complaints == []
        person.page.emulate_media(media="print")
        assert not person.page.is_visible("nav.tabs")
        person.context.close()
