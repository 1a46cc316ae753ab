"""The auditor's page: an end that is cut off, lines looked for, why the glass was broken; a line for every read."""

import re
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from rules.errors import StoreError
from stages import counted, decide
from stages.decide import Decider
from stewardship import anchors, looking_back
from stewardship.app import PAGES
from stewardship.audit import Trail
from stewardship.desk import desk as desk_of
from stewardship.looking_back import Wanted, look
from stewardship.verdicts import verdicts
from store import versions
from store.chain import length
from store.desk import Database
from store.home import Home
from tests.stewardship.conftest import NAMES, PASSWORD
from tests.stewardship.desk_bank import send

WHOLE, CUT = "every line is as it was written", "Its end was cut off or replaced"


@pytest.fixture
def verdict(visit):
    """`verdict()`: what the auditor's page says of the trail, and of the decision log."""
    return lambda: re.findall(
        r'role="status"><b>[^<]*</b>:(.*?)</p>', visit("auditor").get("/audit?check=true").text, re.DOTALL
    )


def log_in(visit):
    return visit("").post("/login", data={"name": NAMES["steward"], "password": PASSWORD})


def test_a_trail_whose_end_was_cut_off_is_told_until_it_is_put_back(visit, desk, verdict):
    assert log_in(visit).status_code == 303
    assert [WHOLE in told for told in verdict()] == [True, True]
    whole = desk.trail.file.read_bytes()
    desk.trail.file.write_bytes(b"".join(whole.splitlines(keepends=True)[:-2]))
    assert desk.trail.broken() == [], "no line that is left tells of it"
    assert CUT in verdict()[0] and WHOLE in verdict()[1]
    for _ in range(5):  # it grows longer than it was
        log_in(visit)
    assert CUT in verdict()[0], "the note of its end is not replaced by a later one"
    desk.trail.file.unlink()
    assert CUT in verdict()[0]
    desk.trail.file.write_bytes(whole)
    assert WHOLE in verdict()[0]


def test_a_chain_that_was_made_anew_is_told(desk, verdict):
    verdict()
    whole = desk.trail.file.read_bytes()
    desk.trail.file.unlink()
    for _ in range(len(whole.splitlines()) + 5):
        desk.trail.note("somebody", "opened client", client="1")
    assert desk.trail.broken() == [] and CUT in verdict()[0]
    desk.trail.file.write_bytes(whole)
    assert WHOLE in verdict()[0]


def test_nothing_is_noted_before_the_first_line(tmp_path):
    database, trail = Database(Home(tmp_path)), Trail(Home(tmp_path))
    anchors.note(database, "trail", trail)
    assert anchors.lost(database, "trail", trail) == "" and not database.file.exists(), "nothing was written yet"
    trail.note("ann", "logged in")
    anchors.note(database, "trail", trail)
    trail.file.unlink()
    assert anchors.lost(database, "trail", trail).startswith("20")


def test_the_end_is_noted_when_the_desk_closes(tmp_path):
    opened = desk_of(Home(tmp_path))
    opened.trail.note("scoring", "opened client", client="1")
    opened.close()
    opened.trail.file.unlink()
    assert verdicts(opened, check=True)["trail"].lost and verdicts(opened, check=True)["log"].whole
    opened.database.close()


def test_a_decision_log_that_lost_rows_is_told(desk, home, cases, verdict, live, monkeypatch):
    case = cases("number_one <> number_other")[0]
    decide.apart(home, case["one"], case["other"], Decider("Ann", "seen"))
    assert WHOLE in verdict()[1]
    with monkeypatch.context() as patched:
        patched.setattr(type(desk.log), "head", lambda log, upto=None: (0, ""))
        assert CUT in verdict()[1] and WHOLE in verdict()[0]
    read = versions.manifest

    def manifest(home, version=None):
        return read(home, version).model_copy(update={"decisions_upto": 2, "decisions_hash": "x"})

    monkeypatch.setattr(counted.versions, "manifest", manifest)
    with live() as now:
        assert f"counted by version {now.version.number}" in " ".join(verdict()[1].split())


def test_a_log_that_cannot_be_read_keeps_nobody_out(desk, visit, monkeypatch):
    def down(*_):
        raise StoreError("decision log", "cannot be used", "see that it can be reached")

    monkeypatch.setattr(type(desk.log), "head", down)
    assert log_in(visit).status_code == 303


@pytest.fixture
def trail(tmp_path):
    made = Trail(Home(tmp_path))
    for number in range(25):
        made.note("Ann" if number % 2 else "Bob", "opened client", client=str(number % 5), turn=number)
    made.note("Ann", "listed cases", clients="7 3 9", turn=25)
    yield made
    made.close()


def turns(trail, **asked):
    return [line["turn"] for line in look(trail, Wanted(**asked)).lines]


def test_lines_are_found_by_client_user_action_and_day(trail):
    assert turns(trail) == list(range(25, -1, -1))
    assert turns(trail, client="3") == [25, 23, 18, 13, 8, 3], "also where a list named it among others"
    assert turns(trail, user=" ann ", client=" 3") == [25, 23, 13, 3]
    assert turns(trail, action="LISTED") == [25] and turns(trail, user="an") == turns(trail, client="30") == []
    day = trail.lines()[0]["at"][:10]
    assert turns(trail, since=day, until=day) == list(range(25, -1, -1)) == turns(trail, since="", until="")
    assert turns(trail, until="2020-01-01") == turns(trail, since="2999-01-01") == []
    assert turns(trail, until="9999-12-31", action="listed") == [25]


@pytest.mark.parametrize(("page", "most"), [(4, 1000), (1000, 3), (4, 3)])
def test_pages_go_on_where_the_one_before_stopped(trail, page, most, monkeypatch):
    monkeypatch.setattr(looking_back, "PAGE", page)
    monkeypatch.setattr(looking_back, "LOOKED_AT", most)
    found, told, before = [], [], length(trail.file)
    while before:
        now = look(trail, Wanted(user="bob", before=before))
        found, told, before = found + now.lines, [*told, len(now.lines)], now.older
        assert now.at and len(now.lines) <= page
    assert [line["turn"] for line in found] == list(range(24, -1, -2)) and len(told) > 3


def test_a_forged_line_hides_nothing(trail):
    with trail.file.open("a") as file:
        file.write('{"user": 1}\n{"at": 7, "user": "x", "action": "y"}\nnone\n[1]\n')
    assert turns(trail) == list(range(25, -1, -1)) and trail.broken()


def test_the_page_is_filtered_and_what_was_asked_is_a_line(visit, desk):
    desk.trail.note("Ann Other", "opened client", client="10000000999")
    desk.trail.note("Ann Other", "logged out")
    client = visit("auditor")
    asked = {"client": "10000000999", "user": "", "action": "", "since": "", "until": ""}
    page = client.get("/audit", params=asked).text
    assert "opened client" in page and "logged out" not in page and "Check both logs" in page
    line = desk.trail.lines(1)[0]
    assert (line["action"], line["client"], line["lines"]) == ("read the trail", "10000000999", 1)
    assert "No line is as you ask" in client.get("/audit", params={"user": "Nobody Of That Name"}).text
    assert "Nobody Of That Name" not in desk.trail.file.read_text(), "what was typed is in no line"
    assert client.get("/audit", params={"client": "a b"}).status_code == 422


def test_older_lines_are_a_link_away(visit, desk, monkeypatch):
    monkeypatch.setattr(looking_back, "PAGE", 2)
    client, before = visit("auditor"), [line for line in desk.trail.lines() if "o" in line["action"]]
    first = client.get("/audit?action=o").text
    onward = re.search(r'href="(/audit\?[^"]+)" rel="next"', first).group(1).replace("&amp;", "&")
    assert "action=o" in onward and "before=" in onward
    assert before[-3]["at"][:19].replace("T", " ") in client.get(onward).text


def test_why_a_sealed_client_was_opened_is_shown_to_the_auditor_alone(visit, desk, cases, seal):
    number = cases()[0]["number_one"]
    with seal(number):
        client = visit()
        said = {"csrf": client.csrf, "reason": "client asked", "said": "card <b>blocked</b> at the till"}
        assert client.post(f"/clients/{number}/open", data=said).status_code == 303
    page = visit("auditor").get("/audit", params={"action": "sealed"}).text
    assert "client asked: card &lt;b&gt;blocked&lt;/b&gt; at the till" in page and number in page
    assert "blocked" not in desk.trail.file.read_text()


@dataclass(frozen=True)
class Read:
    """A route that shows clients: who asks, with what, and what its line says."""

    role: str
    action: str
    query: str = ""


SHOWN = {
    "/queue": Read("viewer", "listed cases"),
    "/queue/export.{kind}": Read("viewer", "exported cases"),
    "/cases/{case_id}": Read("viewer", "opened case"),
    "/cases/{case_id}/preview": Read("viewer", "previewed", "answer=apart"),
    "/decisions": Read("viewer", "listed decisions"),
    "/decisions/export.{kind}": Read("viewer", "exported decisions"),
    "/decisions/{decision}/preview": Read("viewer", "previewed"),
    "/why": Read("viewer", "asked why", "one={number}&other={other}"),
    "/why/picture.svg": Read("viewer", "asked why", "one={record}&other={record_other}"),
    "/clients/{number}": Read("viewer", "opened client"),
    "/search": Read("viewer", "searched", "by=number&text={number}"),
    "/sample": Read("steward", "opened sample"),
    "/audit": Read("auditor", "read the trail"),
    "/desk": Read("auditor", "identified", "text={number}"),
    **{
        f"/desk/clients/{{number}}{tab}": Read("auditor", "opened client")
        for tab in ("", "/dossier", "/products", "/operations", "/requests", "/contact", "/employment", "/relations",
                    "/questionnaires", "/offers", "/activities", "/indices", "/risk", "/history")
    },
    "/desk/clients/{number}/operate": Read("teller", "opened client"),
    "/desk/clients/{number}/picture/{kind}": Read("teller", "saw picture"),
    "/desk/clients/{number}/files/{digest}": Read("teller", "saved copy"),
    "/desk/new/{key}": Read("teller", "opened new client"),
    "/desk/manager": Read("head", "opened list", "manager={manager}"),
    "/desk/head": Read("head", "opened list"),
    "/desk/compliance": Read("compliance", "opened list"),
    **{f"/desk/{place}/export.xlsx": Read("auditor", "exported lists") for place in ("manager", "head", "compliance")},
    "/api/v1/parties/{number}": Read("", "opened client"),
    "/api/v1/parties/{number}/records": Read("", "read crosswalk"),
    "/api/v1/parties": Read("", "searched", "document_type={document_type}&document_number={document_number}"),
    "/api/v1/sources/{source}/records/{record_id:path}": Read("", "searched"),
    "/api/v1/changes": Read("", "read changes"),
    "/api/v1/decisions": Read("", "read decisions"),
}  # fmt: skip
"""Every GET route that shows a client, or a list that names some."""
OTHERS = {
    "/", "/login", "/login/provider", "/login/provider/done", "/login/provider/out", "/password", "/overview", "/users",
    "/desk/new", "/api/v1/version",
}  # fmt: skip
"""GET routes on which no client is."""
LISTING = {"/queue", "/decisions", "/search", "/desk/manager", "/desk/head", "/desk/compliance"}
"""Pages of several clients: each is named by a line."""


def test_every_route_that_may_show_a_client_is_in_the_table():
    found = {route.path for module in PAGES for route in module.router.routes if "GET" in route.methods}
    assert found == set(SHOWN) | OTHERS and not set(SHOWN) & OTHERS


@pytest.fixture(scope="module")
def facts(desk, home):
    """What the addresses of the table are filled with: a client with pictures, a case, a decision that waits."""
    with desk.served.live() as version, version.cursor() as con:
        number, digest = con.execute("""
            SELECT client_number, content_hash FROM view_document SEMI JOIN golden_identifier USING (client_number)
            WHERE kind = 'photograph' AND length(content_hash) = 64 AND expires_on IS NULL AND gone_since IS NULL
            ORDER BY ALL LIMIT 1""").fetchall()[0]
        document = con.execute("SELECT type, number FROM golden_identifier WHERE client_number = ? LIMIT 1", [number])
        kind, text = document.fetchall()[0]
        told = "SELECT display_name, CAST(birth_date AS VARCHAR) FROM golden_party WHERE client_number = ?"
        name, born = con.execute(told, [number]).fetchall()[0]
        record = con.execute("SELECT source, record_id FROM crosswalk WHERE client_number = ? LIMIT 1", [number])
        source, key = record.fetchall()[0]
        manager = con.execute("SELECT min(manager) FROM view_allocation WHERE manager <> ''").fetchall()[0][0]
        case = con.sql("FROM case_item WHERE number_one <> number_other ORDER BY case_id").pl().to_dicts()[-1]
    made = decide.merge(home, case["one"], case["other"], Decider("Ann", "seen"))
    return SimpleNamespace(
        case=case,
        named={
            "case_id": case["case_id"], "number": number, "other": case["number_one"], "decision": made.id,
            "digest": digest, "record": case["one"], "record_other": case["other"], "manager": manager,
            "document_type": kind, "document_number": text, "source": source, "record_id": key, "name": name,
            "born": born,
        },
    )  # fmt: skip


@pytest.fixture(scope="module")
def created(desk):
    """`created(client)`: the key of a client that a teller creates, once."""
    made = []

    def create(client):
        if not made:
            new = {"family": "Zeynalabdinli", "given": "Sevinj", "birth_date": "1991-02-03", "create": "true"}
            new |= {"identifier_type": "passport", "identifier_number": "AZ5831947", "identifier_country": "AZ"}
            made.append(send(client, "/desk/new", **new).headers["location"].rpartition("/")[2])
        return made[0]

    return create


@pytest.mark.parametrize("path", SHOWN)
def test_every_read_of_a_client_is_a_line(path, visit, service, desk, facts, created):
    asked = SHOWN[path]
    client, user = (visit(asked.role), NAMES[asked.role]) if asked.role else (service, "scoring")
    kind = "photograph" if "picture" in path else "csv"
    known = facts.named | {"kind": kind, "key": created(client) if "{key}" in path else ""}
    before = len(desk.trail.lines())
    address = path.replace("{record_id:path}", "{record_id}").format_map(known)
    answer = client.get(f"{address}?{asked.query.format_map(known)}".rstrip("?"))
    assert answer.status_code in (200, 303), answer.text
    lines = [line for line in desk.trail.lines()[before:] if line["user"] == user and line["action"] == asked.action]
    assert lines, "no line tells of it"
    if "{number}" in path:
        assert {line["client"] for line in lines} == {known["number"]}
    if "{case_id}" in path:
        assert {line["case"] for line in lines} == {known["case_id"]}
    if "export" in path:
        assert all(line["rows"] >= 0 for line in lines)
    if path in LISTING | {"/cases/{case_id}", "/desk", "/api/v1/parties", "/sample"}:
        assert set(lines[0]["clients"].split()) >= named_on(path, answer.text, facts)


@pytest.mark.parametrize(
    ("path", "asked", "action"),
    [
        ("/api/v1/parties/look-up", lambda known: {"numbers": [known["number"]]}, "opened client"),
        (
            "/api/v1/search",
            lambda known: {"names": [{"full": known["name"]}], "birth_date": known["born"]},
            "searched",
        ),
    ],
)
def test_every_question_to_the_api_is_a_line_that_names_who_was_found(path, asked, action, service, desk, facts):
    before, number = len(desk.trail.lines()), facts.named["number"]
    answer = service.post(path, json=asked(facts.named))
    [line] = desk.trail.lines()[before:]
    assert answer.status_code == 200 and (line["user"], line["action"]) == ("scoring", action)
    assert number in (line.get("client"), *line.get("clients", "").split())


def test_a_search_before_create_names_whom_it_found_also_who_is_sealed(visit, desk, facts, seal):
    number, teller = facts.named["number"], visit("teller")
    given, _, family = facts.named["name"].rpartition(" ")
    typed = {"given": given, "family": family, "birth_date": facts.named["born"]}
    assert number in send(teller, "/desk/new", **typed).text
    with seal(number):
        page = send(teller, "/desk/new", **typed).text
    line = desk.trail.lines()[-1]
    assert number in line["clients"].split() and line["action"] == "searched", "the auditor learns of it"
    assert number not in page and "likely clients" not in page, "the teller does not"


def named_on(path, text, facts):
    """Clients that a page is about, as its links and rows name them."""
    if path in ("/cases/{case_id}", "/cases/{case_id}/preview"):
        return {facts.case["number_one"], facts.case["number_other"]}
    linked = set(re.findall(r'href="/(?:desk/)?clients/([^"/?#]+)', text))
    return linked if path in LISTING else set()


def test_a_page_of_the_queue_names_the_cases_that_it_lists(visit, desk):
    page = visit().get("/queue").text
    line = desk.trail.lines(1)[0]
    assert set(line["cases"].split()) == set(re.findall(r'href="/cases/([0-9a-f]{16})', page)) and line["clients"]


def test_words_and_names_stay_off_the_trail(desk, facts):
    """After every route was read."""
    written = desk.trail.file.read_text()
    assert not any(facts.case[name] in written for name in ("name_one", "name_other"))
    assert facts.named["document_number"] not in written and "Zeynalabdinli" not in written
