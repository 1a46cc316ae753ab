"""Entering, creating, operating at the client desk, before and after a night that reads what was entered."""

import html
import re
import time
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from rules.contracts import children
from rules.decisions import MUST_LINK
from rules.forms import load_forms
from stages import decide
from stages.decide import Decider
from stewardship import accounts, sessions
from stewardship.app import create
from stewardship.sight import EVERYTHING, Scope
from store import versions
from store.entered import Entered
from store.hashing import text_sha256
from tests.stewardship.conftest import NAMES, PASSWORD, SITE
from tests.stewardship.desk_bank import answered, left_as_it_was, make_bank, send

pytestmark = [pytest.mark.long, pytest.mark.slow]
"""In one worker (`make test-all`): the night carries what the tests before it entered."""
NEW = {
    "family": "Zeynalabdinli", "given": "Sevinj", "birth_date": "1991-02-03", "identifier_type": "passport",
    "identifier_number": "AZ5831947", "identifier_country": "AZ", "phone": "+994508317264",
}  # fmt: skip


@pytest.fixture(scope="module")
def bank(demo_home, tmp_path_factory, compute, days):
    """The bank after its first night, with its desk and `night()`: the next one."""
    with left_as_it_was():
        place, people = make_bank(demo_home, tmp_path_factory.mktemp("desk bank"))
        compute(place, days.first)
        app = create(place.home, settings=place.settings)
        desk = app.state.desk
        for role in ("teller", "manager", "head", "compliance", "auditor", "approver"):
            accounts.add(desk.database, NAMES[role], role, PASSWORD, EVERYTHING, "RM1" if role == "manager" else "")
        yield SimpleNamespace(
            app=app, desk=desk, place=place, people=people, night=lambda: compute(place, days.second),
            folder=place.settings.folder,
        )  # fmt: skip
        desk.explanations.close()
        desk.searching.close()
        desk.served.close()


@pytest.fixture(scope="module")
def visit(bank):
    def enter(role, name=""):
        client = TestClient(bank.app, base_url=SITE, headers={"origin": SITE}, follow_redirects=False)
        user = accounts.find(bank.desk.database, (name or NAMES[role]).casefold())
        secret = sessions.open_session(bank.desk.database, user)
        client.cookies.set("registry_session", secret)
        client.csrf = sessions.of_session(bank.desk.database, secret).csrf
        return client

    return enter


@pytest.fixture(scope="module")
def ask(bank):
    """Rows of a query on the live version."""

    def rows(sql, *values):
        with bank.desk.served.live() as version, version.cursor() as con:
            return con.execute(sql, list(values)).fetchall()

    return rows


@pytest.fixture(scope="module")
def number_of(ask):
    """The client number of a holder now."""
    of = "SELECT client_number FROM crosswalk WHERE source = ? AND record_id = ?"
    return lambda key, source="cards": ask(of, source, key)[0][0]


def text(page):
    assert page.status_code == 200, page.text[-400:]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text.split("<main")[-1])))


def token(page, shown):
    """What a form sends for the thing to be picked that is shown so."""
    return re.search(rf'<option value="(\w{{16}})">[^<]*{re.escape(shown)}', page.text)[1]


FILLED = {
    "activity": ("manager", {"kind": "call", "at": "2026-03-01T10:00", "outcome": "reached", "need": "a larger flat"}),
    "gift": ("manager", {"kind": "a book", "given_on": "2026-03-01", "amount": "12.50", "currency": "AZN"}),
    "note": ("manager", {"text": "comes by appointment only"}),
    "referral": ("teller", {"receiver": "RM1", "product": "investment"}),
    "request": ("teller", {"kind": "complaint", "department": "claims"}),
    "document": ("teller", {"kind": "contract", "number": "C-77", "made_on": "2026-03-01"}),
    "questionnaire": ("teller", {"kind": "anti_money_laundering", "filled_on": "2026-03-01", "complete_percent": "90"}),
    "consent": ("teller", {"given": "yes", "channel": "sms", "purpose": "surveys", "evidence": "form 9"}),
    "profile": ("manager", {"profile": "collector", "reason": "collects coins", "review_on": "2099-01-01"}),
    "opportunity": ("manager", {"product": "deposit", "stage": "offered", "next_contact": "2026-03-02"}),
    "employment": ("teller", {"employer_name": "Zavod Ltd", "position": "welder"}),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FILLED))
def test_a_form_shows_at_once_and_says_from_tonight(name, bank, visit, number_of):
    role, fields = FILLED[name]
    number, form = number_of(bank.people.gold[0]), load_forms()[name]
    made = send(visit(role), f"/desk/clients/{number}/enter/{name}", **fields)
    assert made.status_code == 303 and made.headers["location"].startswith(
        f"/desk/clients/{number}/{form.tab}#entered-"
    )
    page = text(visit("manager").get(f"/desk/clients/{number}/{form.tab}"))
    said = fields.get("need") or fields.get("text") or fields.get("reason") or max(fields.values(), key=len)
    computed = name == "profile"
    said = said.replace("anti_money_laundering", "2026-03-01")
    assert page.count(said.partition("T")[0]) >= 2 - computed, "among what was entered, and in its part of the tab"
    assert "from tonight" in page and NAMES[role] in page
    assert bank.desk.trail.lines()[-2]["action"] == "entered" and said not in bank.desk.trail.file.read_text()


def test_sending_a_form_twice_enters_once(bank, visit, number_of):
    path = f"/desk/clients/{number_of(bank.people.gold[1])}/enter/note"
    first, again = (send(visit("manager"), path, key="the same form", text="likes tea") for _ in range(2))
    assert first.headers["location"] == again.headers["location"]


@pytest.mark.parametrize(
    ("name", "fields", "problem"),
    [
        ("activity", {"at": "2026-03-01T10:00"}, "needs kind"),
        ("activity", {"kind": "séance", "at": "2026-03-01T10:00"}, "kind is one of call"),
        ("activity", {"kind": "call", "at": "yesterday"}, "could not read: at"),
        ("gift", {"kind": "a book", "given_on": "2026-02-30"}, "could not read: given_on"),
        ("gift", {"kind": "a book", "given_on": "2026-02-20", "amount": "much"}, "could not read: amount"),
        ("note", {"text": "x", "author": "Somebody Else"}, "has no field 'author'"),
        ("opportunity", {"product": "deposit", "stage": "hopeful", "next_contact": "2026-03-02"}, "stage is one of"),
    ],
)  # fmt: skip
def test_what_a_night_could_not_use_is_refused_and_not_kept(name, fields, problem, bank, visit, number_of):
    before = len(Entered(bank.place.home).delivered())
    refused = send(visit("manager"), f"/desk/clients/{number_of(bank.people.gold[0])}/enter/{name}", **fields)
    assert refused.status_code == 409 and problem in html.unescape(refused.text)
    assert len(Entered(bank.place.home).delivered()) == before


def test_who_may_fill_a_form(bank, visit, number_of):
    path = f"/desk/clients/{number_of(bank.people.gold[0])}/enter"
    assert send(visit("teller"), f"{path}/note", text="x").status_code == 403
    assert send(visit("manager"), f"{path}/clearing", reason="x").status_code == 403
    assert send(visit("auditor"), f"{path}/request", kind="complaint", department="x").status_code == 403
    assert send(visit("manager"), f"{path}/nothing").status_code == 404
    page = visit("auditor").get(f"/desk/clients/{number_of(bank.people.gold[0])}/requests").text
    assert 'id="enter-title"' not in page


@pytest.fixture(scope="module")
def planned(bank, ask, number_of):
    """A client of the first night's contact plan of whom nothing else is entered: source and key."""
    used = [number_of(key) for key in (*bank.people.gold[:6], *bank.people.listed, next(iter(bank.people.passports)))]
    return ask(
        """
        SELECT min(x.record_id), min(x.source) FROM view_contact_plan c JOIN crosswalk x USING (client_number)
        JOIN view_campaign USING (client_number) 
        WHERE NOT list_contains(?, client_number) AND campaign = 'premium_invitation'
        GROUP BY client_number HAVING count(DISTINCT x.source) = 1 ORDER BY client_number LIMIT 1""",
        used,
    )[0]


def test_who_is_not_to_be_disturbed_is_left_out_at_once(planned, visit, number_of):
    number = number_of(*planned)
    assert number in text(visit("manager").get("/desk/manager"))
    assert "premium clients to be invited" in text(visit("manager").get(f"/desk/clients/{number}/offers"))
    assert send(visit("teller"), f"/desk/clients/{number}/enter/do_not_disturb", evidence="letter 4").status_code == 303
    contact = text(visit("teller").get(f"/desk/clients/{number}/contact"))
    assert (
        all(channel in contact for channel in ("phone", "sms", "email", "messenger", "post")) and "refused" in contact
    )
    assert "premium clients to be invited" not in text(visit("manager").get(f"/desk/clients/{number}/offers"))
    plan, silent = re.split("Not to be disturbed", text(visit("manager").get("/desk/manager")).split("Work log", 1)[1])[
        :2
    ]
    assert number not in plan and number in silent


def test_a_planned_activity_takes_its_outcome_and_an_entry_is_ended_by_who_made_it(bank, visit, number_of):
    number, manager = number_of(bank.people.gold[3]), visit("manager")
    tab = f"/desk/clients/{number}/activities"
    send(manager, f"/desk/clients/{number}/enter/activity", kind="visit", at="2026-03-03T15:00", planned="yes")
    pick = token(manager.get(tab), "visit")
    done = send(manager, f"/desk/clients/{number}/enter/outcome", pick=pick, at="2026-03-03T15:20", outcome="reached")
    entry = done.headers["location"].rpartition("-")[2]
    assert (
        done.status_code == 303
        and "2026-03-03 15:20" in text(manager.get(tab))
        and 'name="pick"' not in manager.get(tab).text
    )
    again = send(manager, f"/desk/clients/{number}/enter/outcome", pick=pick, at="2026-03-03T16:00", outcome="refused")
    assert again.status_code == 404
    end = f"/desk/clients/{number}/entries/{entry}/end"
    assert send(visit("teller"), end).status_code == 404 and send(manager, end).status_code == 303
    assert "2026-03-03 15:20" not in text(manager.get(tab))


def test_an_outside_check_is_about_a_document_and_hides_its_number(bank, visit, number_of):
    key = next(iter(bank.people.passports))
    number, passport = number_of(key), bank.people.passports[key]
    page = visit("teller").get(f"/desk/clients/{number}/dossier")
    assert passport not in page.text
    pick = token(page, "passport")
    guessed = f"checked_number={passport}\x1fchecked_type=passport"
    assert text_sha256(guessed)[:16] not in page.text, "nor can the number be guessed from what the page sends"
    assert pick == token(visit("head").get(f"/desk/clients/{number}/dossier"), "passport"), "of the same document"
    made = send(visit("teller"), f"/desk/clients/{number}/enter/verification", pick=pick, check_result="mismatch")
    assert made.status_code == 303 and passport not in visit("teller").get(f"/desk/clients/{number}/dossier").text
    assert passport in visit("head").get(f"/desk/clients/{number}/dossier").text


def test_compliance_clears_a_hit_for_a_reason(bank, visit, number_of, ask):
    hits = "SELECT client_number FROM view_screening WHERE NOT cleared ORDER BY 1"
    one, other = [row[0] for row in ask(hits)]
    compliance = visit("compliance")
    assert one in text(compliance.get("/desk/compliance")).split("Early warnings")[-2]
    page = compliance.get(f"/desk/clients/{one}/risk")
    cleared = f"/desk/clients/{one}/enter/clearing"
    assert send(compliance, cleared, pick="0" * 16, reason="x").status_code == 404
    assert send(compliance, cleared, pick=token(page, "watch"), reason="born elsewhere").status_code == 303
    page = compliance.get(f"/desk/clients/{one}/risk")
    assert "born elsewhere" in text(page) and not re.search(r'<option value="\w{16}">watch', page.text)
    left = text(compliance.get("/desk/compliance"))
    assert other in left and left.count(one) < left.count(other)


def test_a_new_client_is_searched_for_refused_where_unusable_and_findable_at_once(bank, visit, ask):
    teller = visit("teller")
    [(family, given, kind, document, known)] = ask("""
        SELECT n.family, n.given, i.type, i.number, client_number
        FROM golden_identifier i JOIN golden_name n USING (client_number)
        WHERE n.family IS NOT NULL AND n.given IS NOT NULL AND i.type = 'passport' ORDER BY 5, 1, 2, 4 LIMIT 1""")
    likely = send(teller, "/desk/new", family=family, given=given, identifier_type=kind, identifier_number=document)
    assert known in text(likely) and "family: same" in text(likely) and "Nobody of these" in likely.text
    wrong = text(send(teller, "/desk/new", **NEW | {"email": "nowhere"}))
    assert "contact: not an e-mail address" in wrong and "Who it may be" not in wrong
    assert send(teller, "/desk/new", **NEW | {"email": "nowhere"}, create="true").status_code == 409
    assert "Nobody in the registry looks like this client" in text(send(teller, "/desk/new", **NEW))
    made = send(teller, "/desk/new", **NEW, create="true")
    assert made.status_code == 303
    page = text(teller.get(made.headers["location"]))
    assert "Zeynalabdinli Sevinj" in page and "from tonight" in page
    for asked in (
        {"by": "document", "kind": "passport", "text": "az-5831947"}, {"text": f"desk:{made.headers['location'][10:]}"},
        {"by": "name", "text": "sevinj zeynalabdinli", "born": "1991-02-03"},
    ):  # fmt: skip
        assert teller.get("/desk", params=asked).headers["location"] == made.headers["location"]
    of_the_api(bank, made.headers["location"][10:])
    again = send(teller, "/desk/new", **NEW)
    assert f'href="{made.headers["location"]}"' in again.text and "Nobody of these" in again.text
    assert "Nobody in the registry" not in text(again)
    accounts.add(bank.desk.database, "Teller Afar", "teller", PASSWORD, Scope(entities=("lease_az",)))
    afar = visit("teller", "Teller Afar")
    assert afar.get(made.headers["location"]).status_code == 404
    hidden = send(afar, "/desk/new", **NEW)
    assert made.headers["location"] not in hidden.text and "1 likely clients are of another branch" in text(hidden)
    assert "Nobody is known by that" in afar.get("/desk", params={"text": "desk:1"}).text


def of_the_api(bank, key):
    """Other systems find the created client as well, by document, source key, or as typed; it has no number yet."""

    def found(path, *entities, **asked):
        token = sessions.issue_token(bank.desk.database, f"t{len(sessions.tokens(bank.desk.database))}", 1, entities)
        client = TestClient(bank.app, base_url=SITE, headers={"authorization": f"Bearer {token}"})
        return client.request("POST" if "json" in asked else "GET", f"/api/v1/{path}", **asked).json()

    document = {"document_type": "passport", "document_number": "az 5831947"}
    [hit] = found("parties", params=document)["found"]
    assert (hit["pending"], hit["client_number"], hit["birth_date"]) == (True, None, "1991-02-03")
    assert hit["display_name"] == "Zeynalabdinli Sevinj" and hit["since"].startswith("20")
    assert found(f"sources/desk/records/{key}")["found"] == [hit] and found("sources/desk/records/0")["found"] == []
    assert found("parties", "lease_az", params=document)["found"] == [], "of another legal entity"
    typed = {"names": [{"full": "Sevinj Zeynalabdinli"}], "birth_date": "1991-02-03"}
    assert found("search", json=typed)["pending"] == [hit]
    assert found("search", json=typed | {"birth_date": "1991-02-04"})["pending"] == []


def test_pictures_are_the_clients_own_and_nothing_but_pictures(bank, visit, number_of):
    number, teller = number_of(bank.people.gold[0]), visit("teller")
    head = teller.get(f"/desk/clients/{number}/products").text
    assert f'src="/desk/clients/{number}/picture/photograph"' in head and "picture/signature" in head
    shown = teller.get(f"/desk/clients/{number}/picture/photograph")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert (
        shown.headers["x-content-type-options"] == "nosniff" and "sandbox" in shown.headers["content-security-policy"]
    )
    assert teller.get(f"/desk/clients/{number}/picture/identity_copy").status_code == 422
    other = teller.get(f"/desk/clients/{number_of(bank.people.gold[1])}/picture/photograph")
    assert other.status_code == 200 and other.content != shown.content
    bare = number_of(bank.people.gold[4])
    assert teller.get(f"/desk/clients/{bare}/picture/signature").status_code == 404
    file = bank.folder / "archive" / "photograph-0"
    for planted in (b"<script>alert(1)</script>", file.read_bytes() + b"changed"):
        kept = file.read_bytes()
        file.write_bytes(planted)
        assert teller.get(f"/desk/clients/{number}/picture/photograph").status_code == 404
        file.write_bytes(kept)
    accounts.add(bank.desk.database, "Teller Nowhere", "teller", PASSWORD, Scope(branches=("no such branch",)))
    assert visit("teller", "Teller Nowhere").get(f"/desk/clients/{number}/picture/photograph").status_code == 404


@pytest.fixture(scope="module")
def night(bank, planned, visit, number_of, ask):
    """A merge is decided, an operation asked for and answered, and the next night runs."""
    one, other = number_of(bank.people.gold[0]), number_of(bank.people.gold[5])
    note = send(visit("manager"), f"/desk/clients/{other}/enter/note", text="of the one who is merged")
    made = decide.link(bank.place.home, MUST_LINK, one, other, Decider("Steward One", "documents compared"))
    decide.approve(bank.place.home, made.id, Decider("Approver One"))
    [(holder, reference)] = ask("SELECT record_id, reference FROM view_holding WHERE client_number = ? LIMIT 1", one)
    teller, path = visit("teller"), f"/desk/clients/{one}/operate"
    asked = send(teller, path, product="card", reference=reference, operation="block", **{"field.reason": "lost"})
    request = asked.headers["location"].rpartition("-")[2]
    before = text(teller.get(path))
    answered(bank.folder, [{"id": "A1", "holder": holder, "status": "done", "asked": request, "opened": "2026-03-02",
                            "closed": "2026-03-03"}])  # fmt: skip
    bank.night()
    return SimpleNamespace(one=one, other=other, note=note, request=request, before=before)


def test_the_night_carries_every_entry_under_the_client_it_hangs_on(night, bank, ask, number_of):
    number = number_of(bank.people.gold[0])
    for name in FILLED:
        unit = load_forms()[name].unit
        found = ask(f"SELECT count(*) FROM view_{unit} WHERE client_number = ? AND feed = 'desk_entries'", number)
        assert found[0][0] >= 1, name
    assert ask("SELECT text FROM view_note WHERE client_number = ? ORDER BY text", number) == [
        ("comes by appointment only",), ("of the one who is merged",),
    ]  # fmt: skip
    delivered = {int(item) for (item,) in ask("SELECT item FROM std_feed WHERE feed = 'desk_entries'")}
    held = Entered(bank.place.home).delivered(but="client")
    assert delivered == set(held["id"]) and ask("SELECT count(*) FROM view_unassigned WHERE feed = 'desk_entries'") == [
        (0,)
    ]
    assert set(held["unit"]) <= set(children.UNITS)


def test_after_the_night_entries_are_in_the_registry_and_old_numbers_lead_on(night, bank, visit, number_of):
    number = number_of(bank.people.gold[0])
    page = text(visit("manager").get(f"/desk/clients/{number}/activities"))
    assert "in the registry" in page and "from tonight" not in page and page.count("a larger flat") == 2
    gone = night.other if number == night.one else night.one
    assert (
        visit("manager")
        .get(f"/desk/clients/{gone}/activities")
        .headers["location"]
        .startswith(f"/desk/clients/{number}/")
    )


def test_the_night_honours_silence_clearing_and_an_outside_check(night, planned, bank, ask, number_of):
    silent = number_of(*planned)
    assert ask("SELECT count(*) FROM view_contact_plan WHERE client_number = ?", silent) == [(0,)]
    assert ask("SELECT count(*) FROM view_campaign WHERE client_number = ?", silent) == [(0,)]
    assert ask("SELECT cleared FROM view_screening ORDER BY cleared") == [(False,), (True,)]
    checked = number_of(next(iter(bank.people.passports)))
    assert ask("SELECT document_mismatch FROM view_client WHERE client_number = ?", checked) == [(True,)]


def test_the_created_client_has_a_number_and_its_page_leads_there(night, bank, visit, ask):
    [(key, number)] = ask("SELECT record_id, client_number FROM crosswalk WHERE source = 'desk'")
    assert visit("teller").get(f"/desk/new/{key}").headers["location"] == f"/desk/clients/{number}"
    assert "Sevinj Zeynalabdinli" in text(visit("teller").get(f"/desk/clients/{number}"))
    assert ask("SELECT roles FROM golden_party WHERE client_number = ?", number) == [("prospect",)]
    fresh = visit("teller").get("/desk", params={"by": "document", "kind": "passport", "text": "AZ5831947"})
    assert fresh.headers["location"] == f"/desk/clients/{number}"
    while bank.desk.indexed.wait().version.version != versions.manifest(bank.place.home).version:
        time.sleep(0.1)  # the version before answers while the index of the new one is made
    [hit] = visit("approver").get(f"/api/v1/sources/desk/records/{key}").json()["found"]
    assert (hit["client_number"], hit["pending"], hit["since"]) == (number, False, None)


def test_the_status_of_an_operation_comes_back_with_the_owning_systems_answer(night, bank, visit, number_of):
    assert "handed over" in night.before and night.request in night.before
    [file] = bank.place.home.outbox.glob(f"cards/{night.request}.json")
    assert file.exists()
    after = text(visit("teller").get(f"/desk/clients/{number_of(bank.people.gold[0])}/operate"))
    row = after.split(night.request)[1][:200]
    assert "done" in row and "2026-03-03" in row and "handed over" not in row


def test_an_operation_that_the_catalogue_does_not_allow_is_refused(night, bank, visit, number_of):
    path = f"/desk/clients/{number_of(bank.people.gold[0])}/operate"
    asked = {"product": "card", "reference": "none of hers", "operation": "block", "field.reason": "lost"}
    assert send(visit("teller"), path, **asked).status_code == 404
    assert send(visit("teller"), path, **asked | {"operation": "melt"}).status_code == 409
    assert send(visit("auditor"), path, **asked).status_code == 403
