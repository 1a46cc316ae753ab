"""The client desk: who is found and how, what each tab shows to whom, what is audited, what a change waits for."""

import hashlib
import html
import re
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient

from rules.desk import ASK, MAY
from rules.forms import load_forms
from rules.operations import load_operations
from stages import decide, tonight
from stages.decide import Decider
from stages.lookup import golden
from stages.viewed import MOST, view_of
from stewardship import accounts, labels
from stewardship.app import create
from stewardship.client_desk import changing, head, identify, kin, masks, passport, tabs, workplaces
from stewardship.client_desk.files import Places
from stewardship.sessions import Visitor
from stewardship.sight import EVERYTHING, Scope
from tests.stewardship.conftest import PASSWORD, SITE
from tests.stewardship.desk_bank import send

LINES = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"
"""The specimen of ICAO 9303 part 4."""


@pytest.fixture(scope="module")
def number(desk):
    """A client with documents, products and a manager."""
    with desk.served.live() as version, version.cursor() as con:
        return con.execute("""
            SELECT client_number FROM view_document SEMI JOIN view_holding USING (client_number)
            SEMI JOIN view_allocation USING (client_number) SEMI JOIN golden_identifier USING (client_number)
            SEMI JOIN golden_contact USING (client_number)
            GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1""").fetchall()[0][0]


@pytest.fixture
def known(live, number):
    with live() as now:
        return golden(now.con, number)


def test_a_scanned_passport_gives_its_number_and_a_misread_sign_nothing():
    assert passport.number(LINES) == "L898902C3" == passport.number(LINES[:44].lower() + "\r\n" + LINES[44:])
    assert passport.number(LINES.replace("L898902C3", "L898902C8")) == "" == passport.number(LINES[:-1])
    assert passport.number("I" + LINES[1:]) == ""


@pytest.mark.parametrize("by", ["number", "spaced", "source:key", "record", "document", "name"])
def test_a_client_is_identified(visit, known, number, by):
    document, record = known["identifiers"][0], known["records"][0]
    key = f"{record['source']}:{record['record_id']}"
    asked = {
        "number": {"text": number},
        "spaced": {"text": f" {number[:4]} {number[4:]} "},
        "source:key": {"text": key},
        "record": {"by": "record", "kind": record["source"], "text": record["record_id"]},
        "document": {"by": "document", "kind": document["type"], "text": document["number"].lower()},
        "name": {"by": "name", "text": known["party"]["display_name"].upper(), "born": known["party"]["birth_date"]},
    }[by]
    found = visit("teller").get("/desk", params=asked)
    assert (found.status_code, found.headers.get("location")) == (303, f"/desk/clients/{number}")


def test_nobody_is_identified_by_a_phone_a_bare_document_number_or_a_name_alone(visit, known):
    phone = next(row["value"] for row in known["contacts"] if row["value"].startswith("+"))
    for asked in (
        {"text": phone}, {"text": known["identifiers"][0]["number"]}, {"by": "document", "kind": "", "text": phone},
        {"by": "name", "text": known["party"]["display_name"]}, {"text": "<script>alert(1)</script>"},
    ):  # fmt: skip
        page = visit("teller").get("/desk", params=asked)
        assert page.status_code == 200 and "Nobody is known by that" in page.text and "<script>alert" not in page.text
    assert visit("teller").get("/desk", params={"by": "phone", "text": phone}).status_code == 422


def test_several_of_one_name_and_day_are_a_list_to_choose_from(live, known, number):
    with live() as now:
        asked = identify.Asked("name", known["party"]["display_name"], born=known["party"]["birth_date"])
        assert [row["client_number"] for row in identify.found(now.version, now.con, asked)] == [number]
        assert identify.found(now.version, now.con, identify.Asked("name", asked.text, born=date(1900, 1, 1))) == []


def test_an_old_number_leads_on_and_says_so(visit, live):
    with live() as now:
        found = now.con.execute("""
            SELECT client_number, resolves_to FROM ledger_number
            WHERE resolves_to IS NOT NULL AND resolves_to <> client_number ORDER BY 1""").fetchall()
    assert found, "the demo's second night merges clients"
    old, new = found[0]
    assert visit("teller").get("/desk", params={"text": old}).headers["location"] == f"/desk/clients/{new}?was={old}"
    moved = visit("teller").get(f"/desk/clients/{old}/dossier")
    assert (moved.status_code, moved.headers["location"]) == (303, f"/desk/clients/{new}/dossier?was={old}")
    page = visit("teller").get(f"/desk/clients/{new}?was={old}").text
    assert "This number was replaced" in page and old in page


def test_searching_and_opening_are_audited_without_what_was_typed(visit, desk, known, number):
    document = known["identifiers"][0]
    client = visit("teller")
    client.get("/desk", params={"by": "document", "kind": document["type"], "text": document["number"]})
    client.get(f"/desk/clients/{number}/dossier")
    searched, opened = desk.trail.lines()[-2:]
    assert (searched["action"], searched["by"], searched["found"]) == ("identified", "document", 1)
    assert (opened["user"], opened["client"], opened["tab"]) == ("Teller One", number, "dossier")
    assert document["number"] not in desk.trail.file.read_text()


def test_the_head_tells_who_it_is_and_what_to_heed(visit, known, number, desk):
    page = html.unescape(visit("teller").get(f"/desk/clients/{number}").text)
    assert known["party"]["display_name"] in page and number in page and "True at the end of" in page
    with desk.served.live() as version, version.cursor() as con:
        top = head.head(con, number, Visitor("Ann", "auditor"), Places(desk.home, None))
    assert top.facts["risk_class"] in page and all(row["manager"] in page for row in top.managers if row["manager"])
    assert all(row["reason"] in page for row in top.alerts)


def test_what_a_client_must_not_learn_is_told_to_compliance_only(live, desk):
    with live() as now:
        con = now.con
        [[number]] = con.execute("SELECT min(client_number) FROM golden_party").fetchall()
        for table, columns in (("view_finding", "'listed' AS rule, 'high' AS severity, false AS cleared"),):
            con.execute(f"CREATE TEMP VIEW {table} AS SELECT '{number}' AS client_number, {columns}")
        con.execute(
            "CREATE TEMP VIEW view_rule AS SELECT 'finding' AS pack, 'listed' AS rule, 'R' AS reason, 'C' AS cites"
        )
        try:
            tops = {role: head.head(con, number, Visitor("Ann", role), Places(desk.home, None)) for role in MAY}
            told = {role: [row["reason"] for row in top.alerts] for role, top in tops.items()}
        finally:
            con.execute("DROP VIEW temp.view_finding")
            con.execute("DROP VIEW temp.view_rule")
    assert told["compliance"] == told["auditor"] == ["R"]
    assert told["teller"] == told["manager"] == told["head"] == [ASK]


QUICK = ("important", "products", "risk")
"""Tabs of the fast suite; make test-all looks at every tab."""


@pytest.mark.parametrize(
    "tab",
    [pytest.param(tab, id=tab.name, marks=() if tab.name in QUICK else pytest.mark.slow) for tab in tabs.TABS],
)
def test_a_tab_shows_what_the_view_holds(visit, live, tab):
    with live() as now:
        richest = number_with(now.con, tab)
        held = view_of(now.con, richest, tab.parts, tab.most) if tab.parts else {}
    place = f"/desk/clients/{richest}" + ("" if tab.name == tabs.IMPORTANT else f"/{tab.name}")
    page = html.unescape(visit("auditor").get(place).text)
    assert f'aria-current="page">{tab.title}</a>' in page
    assert any(held.values()) or not tab.parts
    for rows in held.values():
        for value in (value for row in rows for value in row.values() if isinstance(value, str) and value):
            assert value in page or labels.plain(value) in page


def number_with(con, tab):
    """The client of whom the tab has most parts to show, among a hundred."""
    numbers = con.execute("SELECT client_number FROM view_client ORDER BY holdings DESC, 1 LIMIT 40").fetchall()
    filled = {n: sum(map(bool, view_of(con, n, tab.parts, 1).values())) if tab.parts else 0 for (n,) in numbers}
    return max(sorted(filled), key=lambda each: filled[each])


def test_numbers_are_masked_by_role(visit, known, number):
    secret = next(row["number"] for row in known["identifiers"] if len(row["number"]) >= 8)
    phone = known["contacts"][0]["value"]
    for role, sees_document, sees_phone in (
        ("teller", False, True), ("manager", False, True), ("head", True, True), ("compliance", True, False),
    ):  # fmt: skip
        pages = (
            visit(role).get(f"/desk/clients/{number}").text + visit(role).get(f"/desk/clients/{number}/history").text
        )
        assert (secret in pages, secret[-4:] in pages) == (sees_document, True), role
        assert (phone in visit(role).get(f"/desk/clients/{number}/contact").text) is sees_phone, role


def test_a_mask_keeps_the_last_letters_of_a_long_value_and_none_of_a_short_one():
    rows = [{"field": "identifier.passport", "value": "AZ1234567"}, {"field": "identifier#1", "value": "1234567"},
            {"field": "name.main", "value": "Anna"}, {"tax_number": "12345678", "country": "AZ"}]  # fmt: skip
    found = masks.masked("teller", rows)
    assert [row.get("value", row.get("tax_number")) for row in found] == ["••••4567", "••••", "Anna", "••••5678"]
    assert masks.masked("head", rows) == rows


def test_a_client_of_another_branch_does_not_exist(visit, desk, live, number):
    with live() as now:
        places = now.con.execute("SELECT client_number, branch FROM sight WHERE branch IS NOT NULL").fetchall()
    own = {branch for client, branch in places if client == number}
    other = next(branch for _, branch in sorted(places) if branch not in own)
    accounts.add(desk.database, "Teller Elsewhere", "teller", PASSWORD, Scope(branches=(other,)))
    accounts.add(desk.database, "Head Elsewhere", "head", PASSWORD, Scope(branches=(other,)))
    teller, leader = visit("teller", "Teller Elsewhere"), visit("head", "Head Elsewhere")
    name = html.escape(golden_name(desk, number))
    for tab in tabs.TABS:
        page = teller.get(f"/desk/clients/{number}" + ("" if tab.name == tabs.IMPORTANT else f"/{tab.name}"))
        assert page.status_code == (404 if tab.needs in MAY["teller"] else 403) and name not in page.text
    assert "Nobody is known by that" in teller.get("/desk", params={"text": number}).text
    sent = {"field": "birth_date", "value": "1980-01-02", "document": "x", "ends": "2099-01-01", "request": "r" * 12}
    assert teller.post(f"/desk/clients/{number}/change", data=sent | {"csrf": teller.csrf}).status_code == 404
    here = {client for client, branch in places if branch == other}
    shown = {found for page in ("/desk/head", "/desk/manager?manager=RM00000")
             for found in re.findall(r"/desk/clients/(\d+)", leader.get(page).text)}  # fmt: skip
    assert shown <= here


def golden_name(desk, number):
    with desk.served.live() as version, version.cursor() as con:
        return golden(con, number)["party"]["display_name"]


def test_documents_that_are_missing_or_expired_are_named():
    held = [{"kind": "photograph", "state": "in order"}, {"kind": "signature", "state": "expired"},
            {"kind": "contract", "state": "expires soon"}]  # fmt: skip
    assert tabs.missing("person", held) == ["signature", "identity_copy"]
    assert tabs.missing("bank", []) == ["signature", "contract"]


def test_relations_are_a_star_with_what_each_is():
    parts = {
        "associated parties": [{"other_number": "2", "display_name": "B", "kind": "spouse"}],
        "groups": [{"client_number": n, "display_name": n, "layer": "household"} for n in ("1", "2", "3")],
    }
    found = kin.picture("1", "A", parts, str.upper)
    assert [dot.name for dot in found.dots] == ["1", "2", "3"] and found.dots[0].asked
    assert [line.title for line in found.lines] == ["B: SPOUSE, HOUSEHOLD", "3: HOUSEHOLD"]


def test_a_manager_sees_his_day_with_reasons(visit, desk, live):
    accounts.add(desk.database, "Manager Zero", "manager", PASSWORD, manager="RM00000")
    page = html.unescape(visit("manager", "Manager Zero").get("/desk/manager?manager=RM00001").text)
    assert "· RM00000" in page and "RM00001" not in page.split("<main")[1].split("Plan for today")[0]
    with live() as now:
        tonight.silent(now.con, desk.home, None)
        found = workplaces.lists(now.con, workplaces.MANAGER, EVERYTHING, date.today(), "RM00000")
        [[clients]] = now.con.execute("""
            SELECT count(*) FROM view_allocation ANTI JOIN sealed_client USING (client_number)
            WHERE manager = 'RM00000'""").fetchall()
    assert len(found["My clients"]) == clients > 0 and len(found["Plan for today"]) >= min(20, clients)
    assert all(row["why"] and row["client_number"] in page for row in found["Plan for today"])
    assert "No manager's code is yours" in html.unescape(visit("manager").get("/desk/manager").text)


def test_the_branch_and_compliance_have_their_lists(visit, live):
    with live() as now:
        changing.waiting(now.con, {}, date.today())
        branch = workplaces.lists(now.con, workplaces.HEAD, EVERYTHING, date.today())
        duties = workplaces.lists(now.con, workplaces.COMPLIANCE, EVERYTHING, date.today())
    assert branch["Capacity"] and branch["Team report"] and duties["Reviews due"] and duties["Early warnings"]
    page = html.unescape(visit("head").get("/desk/head").text)
    assert all(row["manager"] in page for row in branch["Capacity"])
    page = html.unescape(visit("compliance").get("/desk/compliance").text)
    assert all(row["client_number"] in page and row["reason"] in page for row in duties["Early warnings"])
    assert all(len(rows) <= workplaces.MOST for rows in (*branch.values(), *duties.values()))


def test_a_change_cites_a_document_and_waits_for_another_person(visit, form, desk, home, number):
    teller, path = visit("teller"), f"/desk/clients/{number}/change"
    page = teller.get(f"/desk/clients/{number}").text
    sent = form(page, path) | {"field": "birth_date", "value": "1980-01-02", "ends": "2099-01-01"}
    cited = html.unescape(re.search(r'<select name="document" required><option>(.*?)</option>', page).group(1))
    assert teller.post(path, data=sent | {"document": "passport of somebody"}).status_code == 409
    before = set(desk.decisions())
    assert teller.post(path, data=sent | {"document": cited}).status_code == 303
    assert teller.post(path, data=sent | {"document": cited}).status_code == 303, "sent twice, counted once"
    [made] = set(desk.decisions()) - before
    page = html.unescape(teller.get(f"/desk/clients/{number}").text)
    assert "<mark><bdi>1980-01-02</bdi></mark>" in page and cited in page and "waits for approval" in page
    approver = visit("approver")
    data = {"csrf": approver.csrf, "request": "a" * 12}
    assert approver.post(f"/decisions/{made}/approve", data=data).status_code == 303
    page = teller.get(f"/desk/clients/{number}").text
    assert "in effect" in page and "from the next night on" in page
    decide.end(home, made, Decider("Teller One", "undone"))


def test_another_address_is_proposed_beside_the_one_that_holds_and_a_head_approves(visit, form, desk, home, number):
    teller, tab = visit("teller"), f"/desk/clients/{number}/contact"
    path = f"/desk/clients/{number}/propose/address"
    page = html.unescape(teller.get(tab).text)
    old = re.search(r"address · (\w+)</th><td><bdi>(.*?)</bdi>", page)
    cited = re.search(r'<select name="document" required><option>(.*?)</option>', page).group(1)
    sent = form(page, path) | {"kind": old[1], "street": "Nizami küçəsi", "house": "12 A", "city": "Bakı",
                               "document": cited, "ends": "2099-01-01"}  # fmt: skip
    assert teller.post(path, data=sent | {"document": "lease of somebody"}).status_code == 409
    assert teller.post(path, data=sent | {"kind": "summer"}).status_code == 409
    assert teller.post(path, data=sent | dict.fromkeys(("street", "house", "city"), "-")).status_code == 409
    assert teller.post(path, data=sent | dict.fromkeys(("street", "house", "city"), "")).status_code == 409
    assert visit("compliance").post(path, data=sent).status_code == 403
    before = set(desk.decisions())
    made = teller.post(path, data=sent)
    assert made.status_code == 303 and made.headers["location"].startswith(f"{tab}#done-")
    [decision] = set(desk.decisions()) - before
    page = html.unescape(teller.get(tab).text)
    row = page.split('id="change-title"')[1].split("</tbody>")[0]
    assert old[2] in row and "<mark><bdi>Nizami küçəsi" in row and cited in row and "waits for approval" in row
    head, approve = visit("head"), f"/desk/clients/{number}/changes/{decision}/approve"
    assert number in head.get("/desk/head").text.split("<section")[1]
    assert send(teller, approve).status_code == 403 and send(visit("manager"), approve).status_code == 403
    assert approve in head.get(tab).text and approve not in head.get(f"/desk/clients/{number}").text
    assert send(head, approve).headers["location"].startswith(f"{tab}#done-")
    assert "from the next night on" in teller.get(tab).text and send(head, approve, key="again").status_code == 404
    decide.end(home, decision, Decider("Teller One", "undone"))


def test_a_contact_is_proposed_in_the_place_of_one_and_numbers_stay_masked(visit, form, desk, home, number, known):
    teller, tab = visit("teller"), f"/desk/clients/{number}/contact"
    path, phone = f"/desk/clients/{number}/propose/contact", known["contacts"][0]
    page = html.unescape(teller.get(tab).text)
    pick = re.search(rf'<option value="(\w{{16}})">[^<]*{re.escape(phone["value"])}', page)[1]
    cited = re.search(r'<select name="document" required><option>(.*?)</option>', page).group(1)
    sent = form(page, path) | {"kind": "mobile", "document": cited, "ends": "2099-01-01", "pick": pick}
    assert teller.post(path, data=sent | {"value": "12"}).status_code == 409
    assert teller.post(path, data=sent | {"value": "+994508317264", "pick": "0" * 16}).status_code == 404
    assert teller.post(path, data=sent | {"value": "+994 50 831 72 64"}).status_code == 303
    row = html.unescape(teller.get(tab).text).split('id="change-title"')[1].split("</tbody>")[0]
    assert phone["value"] in row and "+994508317264" in row
    ended = teller.post(path, data=sent | {"request": "r" * 16, "over": "true"})
    assert ended.status_code == 303 and "nothing follows" in teller.get(tab).text
    document = {"type": "passport", "number": "C58319471", "expires_on": "2031-05-06", "ends": "2099-01-01",
                "document": cited}  # fmt: skip
    path, tab = f"/desk/clients/{number}/propose/identity_document", f"/desk/clients/{number}"
    assert send(teller, path, **document).status_code == 303
    shown = [html.unescape(visit(role).get(tab).text) for role in ("teller", "head")]
    assert ["C58319471" in page for page in shown] == [False, True] and "••••9471" in shown[0]
    for decision in list(desk.decisions().values()):
        if decision.state(date.today()) == "waits for approval":
            decide.end(home, decision.id, Decider("Teller One", "undone"))


def test_every_title_and_column_of_the_desk_has_a_label_in_every_language(live, desk):
    lists = (*workplaces.MANAGER, *workplaces.HEAD, *workplaces.COMPLIANCE)
    words = {tab.title for tab in tabs.TABS} | {each.title for each in lists} | {ASK}
    known = {"seen": "true", "today": "current_date", "manager": "''", "kept": "true", "neglected": 90}
    with live() as now:
        tonight.silent(now.con, desk.home, None)
        changing.waiting(now.con, {}, date.today())
        for each in lists:
            asked = each.sql.format_map(known)
            words |= {labels.plain(row[0]) for row in now.con.execute(f"DESCRIBE {asked}").fetchall()}
    assert [words - set(known) for known in labels.table().values()] == [set()] * len(labels.NAMES)


def test_every_word_of_the_forms_and_operations_has_a_label_in_every_language():
    words = set()
    for form in load_forms().values():
        said = {*form.fields, *(choice for name in form.fields for choice in form.choices(name) if choice.islower())}
        words |= {form.title, *map(labels.plain, said)}
    for operations in load_operations().products.values():
        for name, operation in operations.items():
            words |= set(map(labels.plain, (name, *operation.fields, *operation.documents)))
    assert [words - set(known) for known in labels.table().values()] == [set()] * len(labels.NAMES)


def test_what_is_entered_shows_at_once_and_is_ended_by_who_entered_it(visit, form, number):
    manager, path = visit("manager"), f"/desk/clients/{number}/enter/note"
    sent = form(manager.get(f"/desk/clients/{number}/activities").text, path) | {"text": "<b>likes</b> tea"}
    made = manager.post(path, data=sent)
    assert made.status_code == 303 == manager.post(path, data=sent).status_code, "sent twice, entered once"
    page = manager.get(f"/desk/clients/{number}/activities").text
    assert page.count("&lt;b&gt;likes&lt;/b&gt; tea") == 2 and "from tonight" in page and "<b>likes" not in page
    end = f"/desk/clients/{number}/entries/{made.headers['location'].rpartition('-')[2]}/end"
    assert visit("manager").post(path.replace(number, "0" * 11), data=sent).status_code == 403, "another session's form"
    assert manager.post(end, data=form(page, end)).status_code == 303
    assert "likes" not in manager.get(f"/desk/clients/{number}/activities").text


def test_compliance_clears_a_warning_for_a_reason_and_two_persons_where_the_pack_says_so(visit, desk, live):
    accounts.add(desk.database, "Compliance Two", "compliance", PASSWORD)
    with live() as now:
        found = dict(
            now.con.execute("""
            SELECT cleared_by, min(client_number) FROM view_warning WHERE client_number IN (
                SELECT client_number FROM view_warning GROUP BY 1 HAVING count(*) = 1) GROUP BY 1""").fetchall()
        )
    for needed, number in found.items():
        tab, persons = f"/desk/clients/{number}/risk", ("Compliance One", "Compliance Two")[: 1 + (needed == "two")]
        for place, name in enumerate(persons):
            officer = visit("compliance", name)
            assert warned(officer, number)
            [(pick, shown)] = re.findall(
                r'<option value="(\w{16})">([^<]*past due[^<]*|[^<]*owes[^<]*)<', officer.get(tab).text
            )
            assert ("Compliance One" in shown) is bool(place)
            sent = send(
                officer, f"/desk/clients/{number}/enter/clearing", key=f"{name}{number}", pick=pick, reason="paid"
            )
            assert sent.status_code == 303
        assert not warned(officer, number) and "paid" in officer.get(tab).text
    assert set(found) == {"one", "two"}


def warned(officer, number):
    """Whether a client stands among the early warnings, on compliance's page."""
    page = html.unescape(officer.get("/desk/compliance").text)
    return number in page.split("Early warnings")[-1].split("Tax self-certification")[0]


def test_a_copy_is_taken_in_shown_at_once_and_only_ever_saved(visit, form, desk, home, number, caplog):
    teller, tab = visit("teller"), f"/desk/clients/{number}/dossier"
    path, scan = f"/desk/clients/{number}/enter/document", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1024
    sent = form(teller.get(tab).text, path) | {"kind": "photograph", "number": "P-1", "made_on": "2026-03-03"}
    for content, status in (
        (b"<html><script>alert(1)</script>", 409), (scan[:8] + b"0" * 5 * 2**20, 409), (b"0" * 6 * 2**20, 413),
    ):  # fmt: skip
        assert teller.post(path, data=sent, files={"content_hash": ("scan.png", content)}).status_code == status
    assert teller.post(path, data=sent, files={"kind": ("scan.png", scan)}).status_code == 409
    assert teller.post(path, data=sent, files={"content_hash": ("../x.html", scan, "text/html")}).status_code == 303
    [file] = (home.root / "uploads").iterdir()
    assert "defect" not in caplog.text
    assert file.name == hashlib.sha256(scan).hexdigest()
    place = f"/desk/clients/{number}/files/{file.name}"
    page = teller.get(tab).text
    assert f'href="{place}"' in page and f'src="/desk/clients/{number}/picture/photograph"' in page
    saved = teller.get(place)
    assert (saved.content, saved.headers["content-type"]) == (scan, "image/png")
    assert saved.headers["content-disposition"].startswith(f'attachment; filename="{number}-')
    assert "sandbox" in saved.headers["content-security-policy"] and ".html" not in saved.headers["content-disposition"]
    assert desk.trail.lines()[-1]["action"] == "saved copy"
    other = teller.get(f"/desk/clients/{other_than(desk, number)}/files/{file.name}")
    assert other.status_code == 404 and teller.get(place[:-1] + "g").status_code == 422
    file.write_bytes(scan + b"changed")
    assert teller.get(place).status_code == 404


def other_than(desk, number):
    with desk.served.live() as version, version.cursor() as con:
        asked = "SELECT min(client_number) FROM golden_party WHERE client_number <> ?"
        return con.execute(asked, [number]).fetchall()[0][0]


def test_do_not_disturb_counts_at_once_in_the_managers_plan(visit, live):
    with live() as now:
        number, manager = now.con.execute("""
            SELECT client_number, manager FROM view_contact_plan ORDER BY legal_entity, manager, position LIMIT 1
            """).fetchall()[0]
    head, place = visit("head"), f"/desk/manager?manager={manager}"
    parts = head.get(place).text.split("<section")
    assert number in parts[1] and number not in parts[2]
    said = {"csrf": head.csrf, "request": "silence 1"}
    assert head.post(f"/desk/clients/{number}/enter/do_not_disturb", data=said).status_code == 303
    parts = head.get(place).text.split("<section")
    assert number not in parts[1] and "Not to be disturbed" in parts[2] and number in parts[2]


def test_a_bank_without_a_feed_of_the_desk_offers_nothing_to_enter(home, number, visit):
    bare = create(home)
    client = TestClient(bare, base_url=SITE, headers={"origin": SITE}, cookies=visit("manager").cookies)
    page = client.get(f"/desk/clients/{number}/activities")
    assert page.status_code == 200 and 'id="enter-title"' not in page.text
    bare.state.desk.explanations.close()
    bare.state.desk.served.close()


@pytest.mark.parametrize(("role", "place"), [("manager", "manager"), ("head", "head"), ("compliance", "compliance")])
def test_lists_open_safely_as_a_workbook(role, place, visit, desk):
    code = {"manager": "RM00000"} if role == "head" else {}
    book = visit(role).get(f"/desk/{place}/export.xlsx", params=code)
    assert book.status_code == 200 and book.headers["content-disposition"].startswith("attachment")
    with ZipFile(BytesIO(book.content)) as files:
        sheets = [files.read(name) for name in files.namelist() if name.startswith("xl/worksheets/")]
        assert sheets and not any(b"<f>" in sheet or b"hyperlink" in sheet for sheet in sheets)
    assert desk.trail.lines()[-1]["action"] == "exported lists"


def test_a_clients_own_pictures_are_in_the_head_of_his_pages(visit, live):
    with live() as now:
        number = now.con.execute("""
            SELECT client_number FROM view_document WHERE kind = 'photograph' AND length(content_hash) = 64
              AND expires_on IS NULL AND gone_since IS NULL ORDER BY 1 LIMIT 1""").fetchall()[0][0]
    assert f'src="/desk/clients/{number}/picture/photograph"' in visit("teller").get(f"/desk/clients/{number}").text
    shown = visit("teller").get(f"/desk/clients/{number}/picture/photograph")
    assert shown.headers["content-type"] == "image/png" and shown.content.startswith(b"\x89PNG")


def test_an_english_word_of_no_tab_stays_when_another_language_is_chosen(visit, number):
    client = visit("teller")
    client.cookies.set("registry_language", "ru")
    page = client.get(f"/desk/clients/{number}/dossier").text
    assert "Досье" in page and ">Dossier<" not in page and MOST > 100


def test_a_sealed_client_opens_for_a_reason_on_the_trail_and_stands_in_no_list(visit, desk, live, seal, number):
    with live() as now:
        [[manager]] = now.con.execute(
            "SELECT min(manager) FROM view_allocation WHERE client_number = ?", [number]
        ).fetchall()
    with seal(number):
        teller, place = visit("teller"), f"/desk/clients/{number}/dossier"
        closed = teller.get(place)
        assert closed.status_code == 403 and f'action="/clients/{number}/open"' in closed.text
        assert number not in visit("head").get(f"/desk/manager?manager={manager}").text
        said = {"csrf": teller.csrf, "reason": "client asked", "said": "at the counter", "onward": place}
        assert teller.post(f"/clients/{number}/open", data=said).headers["location"] == place
        assert teller.get(place).status_code == 200 and visit("head").get(place).status_code == 403
        assert any(line["action"] == "opened sealed client" for line in desk.trail.lines()[-6:])


def test_that_somebody_is_related_to_a_sealed_client_is_told_to_nobody(visit, live, seal):
    with live() as now:
        one, other = now.con.execute("""
            SELECT client_number, other_number FROM view_association ORDER BY 1, 2 LIMIT 1""").fetchall()[0]
        name = golden(now.con, other)["party"]["display_name"]
        before = html.unescape(visit("head").get(f"/desk/clients/{one}/relations").text)
        with seal(other):
            page = html.unescape(visit("head").get(f"/desk/clients/{one}/relations").text)
            steward = html.unescape(visit("steward").get(f"/clients/{one}").text)
    assert other in before and name in before and other not in page and other not in steward
    assert other in visit("steward").get(f"/clients/{one}").text


def test_reviews_are_due_within_thirty_days_of_today_however_old_the_version_is(live):
    with live() as now:
        [(due,)] = now.con.execute("SELECT min(next_review) FROM view_risk").fetchall()
        told = {
            days: workplaces.lists(now.con, workplaces.COMPLIANCE, EVERYTHING, due - timedelta(days=days))[
                "Reviews due"
            ]
            for days in (30, 31)
        }
    assert [row["next_review"] for row in told[30]][:1] == [due] and told[31] == []
