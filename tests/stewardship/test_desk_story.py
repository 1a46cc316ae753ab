"""A client served in real browsers: known by passport, changed by four eyes, advised; and a night that shows it."""

import re

import pytest

from stewardship import accounts
from stewardship.app import create
from stewardship.sight import EVERYTHING, Scope
from tests.stewardship.browsing import Person, Site, browser
from tests.stewardship.conftest import NAMES, PASSWORD
from tests.stewardship.desk_bank import left_as_it_was, make_bank

__all__ = ["browser"]
pytestmark = [pytest.mark.long, pytest.mark.slow]


@pytest.fixture
def bank(demo_home, tmp_path, compute, days):
    """A bank after its first night with a desk, and `night()`."""
    with left_as_it_was():
        place, _ = make_bank(demo_home, tmp_path)
        compute(place, days.first)
        app = create(place.home, settings=place.settings)
        yield app, lambda: compute(place, days.second)
        app.state.desk.explanations.close()
        app.state.desk.searching.close()
        app.state.desk.served.close()


def test_a_client_is_served_from_the_passport_to_the_golden_record(bank, browser):
    app, night = bank
    desk = app.state.desk
    with desk.served.live() as version, version.cursor() as con:
        number, passport, branch, name = con.execute("""
            SELECT i.client_number, i.number, s.branch, p.display_name FROM golden_identifier i
            JOIN sight s USING (client_number) JOIN golden_party p USING (client_number)
            SEMI JOIN (FROM view_document WHERE kind = 'identity_copy') USING (client_number)
            SEMI JOIN (FROM view_holding WHERE status = 'open') USING (client_number)
            WHERE i.type = 'passport' AND s.branch IS NOT NULL ORDER BY 1 LIMIT 1""").fetchall()[0]
        [(elsewhere,)] = con.execute(
            """
            SELECT min(branch) FROM sight
            WHERE branch NOT IN (SELECT coalesce(branch, '') FROM sight WHERE client_number = ?)""",
            [number],
        ).fetchall()
    for role, scope in (
        ("teller", Scope(branches=(branch,))),
        ("manager", EVERYTHING),
        ("head", Scope(branches=(branch,))),
    ):
        accounts.add(desk.database, NAMES[role], role, PASSWORD, scope, "RM1" if role == "manager" else "")
    accounts.add(desk.database, "Teller Elsewhere", "teller", PASSWORD, Scope(branches=(elsewhere,)))
    site = Site(app)
    teller, manager, head, stranger = (
        Person(browser, site, each) for each in (NAMES["teller"], NAMES["manager"], NAMES["head"], "Teller Elsewhere")
    )

    teller.page.select_option("form:has([value=document]) select", "passport")
    teller.page.fill("form:has([value=document]) [name=text]", passport)
    teller.page.keyboard.press("Enter")
    teller.page.wait_for_url(re.compile(f"/desk/clients/{number}"))
    for tab, seen in (
        ("Dossier", "identity copy"),
        ("Products", "card"),
        ("Addresses and contacts", "Nobody proposed a change"),
    ):
        teller.page.click(f"nav.tabs >> text={tab}")
        teller.page.wait_for_load_state()
        assert seen in teller.page.inner_text("main").replace("_", " ")
    teller.page.click("summary >> text=Change of an address")
    form = teller.page.locator("form[action$='/propose/address']")
    for name, value in (("street", "Nizami küçəsi"), ("house", "12 A"), ("city", "Bakı"), ("postcode", "AZ1000")):
        form.locator(f"[name={name}]").fill(value)
    form.locator("[name=kind]").select_option("mailing")
    form.locator("button").click()
    teller.page.wait_for_selector("mark >> text=Nizami küçəsi")
    before = teller.page.locator("table.golden tr", has_text="address · mailing").locator("td").first.inner_text()
    row = teller.page.locator("tr", has_text="waits for approval").inner_text()
    assert before in row and "identity_copy" in row and teller.page.locator("button >> text=Approve").count() == 0

    manager.go(f"/desk/clients/{number}/activities")
    manager.page.click("summary >> text=Activity")
    manager.page.select_option("form[action$='/enter/activity'] [name=kind]", "meeting")
    manager.page.fill("form[action$='/enter/activity'] [name=need]", "a loan for a car")
    manager.page.locator("form[action$='/enter/activity'] button").click()
    manager.page.wait_for_selector("text=from tonight")
    manager.go(f"/desk/clients/{number}/requests")
    manager.page.click("summary >> text=Referral")
    manager.page.fill("[name=receiver]", "RM2")
    manager.page.locator("form[action$='/enter/referral'] button").click()
    manager.page.wait_for_selector("text=from tonight")

    head.go("/desk/head")
    head.page.locator("section", has_text="Changes to approve").locator(f"a >> text={number}").click()
    head.page.click("nav.tabs >> text=Addresses and contacts")
    head.page.click("button >> text=Approve")
    head.page.wait_for_selector("text=from the next night on")
    stranger.page.fill("[name=text] >> nth=0", number)
    stranger.page.keyboard.press("Enter")
    stranger.page.wait_for_selector("text=Nobody is known by that")
    refused = stranger.page.goto(f"{site.url}/desk/clients/{number}")
    assert refused.status == 404 and name not in stranger.page.content()

    night()
    teller.go(f"/desk/clients/{number}/contact")
    field = teller.page.locator("table.golden tr:not(.lost)", has_text="address · mailing").inner_text()
    assert "Nizami küçəsi" in field and "decision" in field and before not in field
    teller.go(f"/desk/clients/{number}/history")
    past = teller.page.inner_text("main")
    assert "Nizami küçəsi" in past and before in past
    for tab, seen in (("activities", "a loan for a car"), ("requests", "RM2")):
        manager.go(f"/desk/clients/{number}/{tab}")
        told = manager.page.inner_text("main")
        assert told.count(seen) >= 2 and "in the registry" in told and "from tonight" not in told
    for person in (teller, manager, head, stranger):
        assert [said for said in person.complaints if "404" not in said] == []
        person.context.close()
    site.close()
