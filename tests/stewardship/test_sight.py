"""A user of one legal entity or branch: no route shows or decides what is out of his sight."""

import asyncio
import re
from dataclasses import replace

import pytest

from rules.decisions import CONFIRM, MUST_LINK
from rules.errors import ConfigError, OutOfSight
from stages import decide, entering
from stages.decide import Decider
from stewardship import accounts, sessions, sight
from stewardship.sight import Scope
from store.decisions import Entry, open_log
from tests.stewardship.conftest import PASSWORD


@pytest.fixture(scope="module")
def place(desk):
    """A legal entity, and a case of which at least one client has no record there; one of which both have."""
    with desk.served.live() as version, version.cursor() as con:
        rows = con.sql("""
            SELECT e.entity, c.*, e.entity IN (SELECT legal_entity FROM sight WHERE client_number = number_one)
                   AND e.entity IN (SELECT legal_entity FROM sight WHERE client_number = number_other) AS seen
            FROM case_item c, (SELECT DISTINCT legal_entity AS entity FROM sight) e
            WHERE number_one <> number_other ORDER BY entity, case_id""").pl().to_dicts()  # fmt: skip
    entity = next(e for e in {r["entity"]: 0 for r in rows} if len({r["seen"] for r in rows if r["entity"] == e}) == 2)
    hidden, shown = (next(r for r in rows if r["entity"] == entity and r["seen"] is seen) for seen in (False, True))
    scope = Scope(entities=(entity,))
    accounts.add(desk.database, "Scoped One", "approver", PASSWORD, scope)
    return scope, hidden, shown


@pytest.fixture
def scoped(visit, place):
    return visit("approver", "scoped one")


def numbers_out_of_sight(desk, scope, case):
    with desk.served.live() as version, version.cursor() as con:
        both = {case["number_one"], case["number_other"]}
        return sorted(both - sight.in_sight(con, scope, both))


def test_the_queue_has_only_cases_in_sight(scoped, place, visit):
    _, hidden, shown = place
    page, everything = scoped.get("/queue").text, visit().get("/queue").text
    assert shown["case_id"] in page and hidden["case_id"] not in page and hidden["case_id"] in everything
    told = scoped.get("/queue/export.csv").text
    assert shown["case_id"] in told and hidden["case_id"] not in told


def test_a_decision_that_names_a_client_out_of_sight_is_told_on_no_page(scoped, place, desk, home, visit, live):
    scope, _, shown = place
    foreign = "SELECT client_number FROM sight WHERE legal_entity = ?"
    with live() as now:
        [(other,)] = now.con.execute(
            f"""SELECT source || ':' || record_id FROM crosswalk
            WHERE party_type = ? AND client_number NOT IN ({foreign}) ORDER BY ALL LIMIT 1""",
            [shown["party_type"], scope.entities[0]],
        ).fetchall()
    decide.apart(home, shown["one"], other, Decider("Somebody Else", "told of both"))
    for path in (f"/clients/{shown['number_one']}", f"/cases/{shown['case_id']}", "/decisions?state=all"):
        assert "told of both" in visit().get(path).text and "told of both" not in scoped.get(path).text, path


def test_every_route_hides_what_is_out_of_sight(scoped, place, desk, home):
    scope, hidden, _ = place
    number, case = numbers_out_of_sight(desk, scope, hidden)[0], hidden["case_id"]
    made = decide.merge(home, hidden["one"], hidden["other"], Decider("Somebody Else", "seen"))
    before = len(desk.decisions())
    said = {"csrf": scoped.csrf, "request": "r" * 12}
    form = {"answer": "apart", "state": "x", **said}
    value = {"field": "language", "value": "en", "ends": "2099-01-01", **said}
    answers = [
        scoped.get(f"/cases/{case}"), scoped.get(f"/cases/{case}/preview?answer=match"),
        scoped.post(f"/cases/{case}/answer", data=form),
        scoped.post(f"/cases/{case}/work", data={"work": "claim", "csrf": scoped.csrf}),
        scoped.get(f"/clients/{number}"), scoped.get(f"/clients/{number}?as_of=2026-03-02"),
        scoped.post(f"/clients/{number}/override", data=value),
        scoped.get("/why", params={"one": hidden["one"], "other": hidden["other"]}),
        scoped.get("/why/picture.svg", params={"one": hidden["one"], "other": hidden["other"]}),
        scoped.get(f"/decisions/{made.id}/preview"), scoped.post(f"/decisions/{made.id}/approve", data=said),
        scoped.post(f"/decisions/{made.id}/end", data=said),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert all(hidden[f"name_{side}"] not in answer.text for side in ("one", "other") for answer in answers)
    assert len(desk.decisions()) == before and desk.decisions()[made.id].approver == ""
    assert f"/decisions/{made.id}/" not in scoped.get("/decisions").text
    found = scoped.get("/search", params={"by": "number", "text": number}).text
    assert f'href="/clients/{number}"' not in found
    for path in ("/sample", "/audit", "/api/v1/version", f"/api/v1/parties/{number}"):
        assert scoped.get(path).status_code == 403


def test_what_is_in_sight_is_worked_as_by_anybody(scoped, place):
    _, _, shown = place
    assert scoped.get(f"/cases/{shown['case_id']}").status_code == 200
    assert scoped.get(f"/clients/{shown['number_one']}").status_code == 200
    assert scoped.get("/overview").status_code == 200


WAITING = re.compile(r"<dt>Wait for approval</dt><dd>(\d+)</dd>")
NEVER_GIVEN, MISTYPED = "99999999996", "10000000131"
"""Numbers that stand for nobody."""
ROUTES = (
    "/clients/{}", "/clients/{}?as_of=2026-03-02", "/why?one={}&other={}", "/desk/clients/{}",
    "/desk/clients/{}/history", "/desk/clients/{}/picture/photograph", f"/desk/clients/{{}}/files/{'0' * 64}",
)  # fmt: skip
FORMS = {
    "/clients/{}/open": {"reason": "client asked", "said": "card blocked"},
    "/clients/{}/override": {"field": "language", "value": "en", "ends": "2099-01-01"},
    "/desk/clients/{}/change": {"field": "birth_date", "value": "1990-01-01", "ends": "2099-01-01", "document": "x"},
}


def told(answer, number):
    """Status and text of an answer, without the number that was asked for."""
    return answer.status_code, answer.headers.get("location"), re.sub(r"\d+", "0", answer.text.replace(number, "0"))


def test_the_overview_counts_decisions_in_sight_and_says_what_is_of_the_whole_bank(place, scoped, home, visit):
    _, hidden, _ = place
    whole = "Of the whole bank, not of your clients alone."
    before = scoped.get("/overview").text
    made = decide.merge(home, hidden["one"], hidden["other"], Decider("Nobody Seen", "seen"))
    try:
        mine, every = scoped.get("/overview").text, visit().get("/overview").text
        assert "Nobody Seen" in every and "Nobody Seen" not in mine and mine.count(whole) == 3
        assert WAITING.search(mine)[1] == WAITING.search(before)[1] and whole not in every
        assert int(WAITING.search(every)[1]) > int(WAITING.search(mine)[1])
    finally:
        decide.end(home, made.id, Decider("Nobody Seen", "over"))


def test_a_client_out_of_sight_is_told_as_one_that_there_is_not(retired, afar, visit, desk):
    client = visit("approver", afar)
    said = {"csrf": client.csrf, "request": "r" * 12}
    for path in (*ROUTES, *FORMS):
        answers = {}
        for number in (NEVER_GIVEN, MISTYPED, *retired):
            place = path.format(number, number)
            form = {name: value for name, value in said.items() if name == "csrf" or "/open" not in path}
            asked = client.post(place, data=FORMS[path] | form) if path in FORMS else client.get(place)
            answers[number] = told(asked, number)
        assert answers[NEVER_GIVEN][0] == 404 and "nobody in your sight" in answers[NEVER_GIVEN][2], path
        assert set(answers.values()) == {answers[NEVER_GIVEN]}, path
        line = desk.trail.lines(1)[0]
        assert [line[name] for name in ("user", "action", "client")] == [afar, "refused client", retired[1]], path


def test_a_case_and_a_decision_out_of_sight_are_told_as_ones_that_there_are_not(place, scoped, home, desk):
    scope, hidden, _ = place
    made = decide.merge(home, hidden["one"], hidden["other"], Decider("Somebody Else", "seen")).id
    for path, *asked in (("/cases/{}", hidden["case_id"], "0" * 16), ("/decisions/{}/preview", str(made), "999")):
        answers = {told(scoped.get(path.format(one)), one) for one in asked}
        assert len(answers) == 1 and answers.pop()[0] == 404, path
    others = numbers_out_of_sight(desk, scope, hidden)
    record = next(hidden[side] for side in ("one", "other") if hidden[f"number_{side}"] in others)
    answers = [scoped.get("/why", params={"one": one, "other": one}) for one in (record, "core:nobody")]
    assert [answer.status_code for answer in answers] == [404, 404] and answers[0].text == answers[1].text


def test_who_sees_all_is_told_why_there_is_nobody(visit):
    assert "check digits" in visit().get(f"/clients/{MISTYPED}").text
    assert "no version ever gave" in visit().get(f"/clients/{NEVER_GIVEN}").text


def test_a_token_is_told_the_same_of_others_clients_and_of_nobody(retired, desk, visit):
    secret = sessions.issue_token(desk.database, "scoring of lease", 1, ["lease_az"])
    client, token = visit(""), {"authorization": f"Bearer {secret}"}
    for path in ("", "/records", "?as_of=2026-03-02"):
        numbers = (NEVER_GIVEN, MISTYPED, *retired)
        answers = {told(client.get(f"/api/v1/parties/{n}{path}", headers=token), n) for n in numbers}
        assert len(answers) == 1 and answers.pop()[0] == 404, path
        assert desk.trail.lines(1)[0]["client"] == retired[1]
    client.post("/api/v1/parties/look-up", json={"numbers": [retired[0], NEVER_GIVEN]}, headers=token)
    assert [desk.trail.lines(1)[0][name] for name in ("action", "client")] == ["refused client", retired[1]]


def test_a_scope_of_entity_and_branch_needs_both_in_one_record(desk):
    with desk.served.live() as version, version.cursor() as con:
        rows = con.execute("SELECT * FROM sight WHERE branch IS NOT NULL ORDER BY ALL").fetchall()
        number, entity, branch = rows[0]
        assert sight.in_sight(con, Scope((entity,), (branch,)), [number]) == {number}
        with pytest.raises(OutOfSight, match="nobody in your sight") as refused:
            sight.assert_sees(con, Scope(("nowhere",), (branch,)), number)
        assert refused.value.numbers == (number,) and number not in str(refused.value)
        assert sight.in_sight(con, Scope(), [number, "x"]) == {number, "x"}


@pytest.fixture
def retired(live):
    """A retired number, and the one that it stands for: a client of bank_az alone."""
    with live() as now:
        sql = "SELECT client_number, resolves_to FROM ledger_number WHERE state = 'merged' ORDER BY 1 LIMIT 1"
        return now.con.execute(sql).fetchone()


@pytest.fixture(scope="module")
def afar(desk):
    """A user of another legal entity than the client of the retired number."""
    return accounts.add(desk.database, "Of Lease", "approver", PASSWORD, Scope(entities=("lease_az",))).name


def test_a_decision_under_a_retired_number_is_about_the_client_of_today(retired, afar, desk, home, live, visit):
    old, current = retired
    with live() as now:
        key = entering.records(now.con, current)[0]
    accounts.add(desk.database, "Of Bank", "approver", PASSWORD, Scope(entities=("bank_az",)))
    entry = Entry(0, "", CONFIRM, "Ann", effect=MUST_LINK, left=(key,), right=(key,), numbers=(old,))
    made = open_log(home).add(entry).id
    for name, seen in (("Of Bank", True), (afar, False)):
        client = visit("approver", name)
        assert (f'"{made}"' in client.get("/decisions/export.csv").text) is seen, name
        assert (f'action="/decisions/{made}/end"' in client.get("/decisions?state=counting").text) is seen, name
    said = {"request": "retired number"}
    for client, status in ((visit("approver", afar), 404), (visit("approver", "Of Bank"), 303)):
        assert client.post(f"/decisions/{made}/end", data=said | {"csrf": client.csrf}).status_code == status
    assert desk.decisions()[made].ended_by == "Of Bank"


@pytest.fixture
def nobody_across(desk, monkeypatch):
    """The desk where `see_across_entities` is off."""
    off = desk.settings.registry.model_copy(update={"see_across_entities": False})
    monkeypatch.setattr(desk, "settings", replace(desk.settings, registry=off))


def test_who_is_of_no_entity_or_of_two_sees_nobody_where_none_sees_across(nobody_across, place, desk, visit):
    [mine] = place[0].entities
    others = ("another", mine)
    accounts.add(desk.database, "Of Both", "steward", PASSWORD, Scope(entities=others))
    expected = {
        ("steward", ""): 403,
        ("steward", "Of Both"): 403,
        ("approver", "Scoped One"): 200,
        ("auditor", ""): 200,
    }
    answers = {who: visit(*who).get("/queue") for who in expected}
    assert {who: answer.status_code for who, answer in answers.items()} == expected
    assert "see_across_entities" in answers["steward", ""].text and "Log out" in answers["steward", ""].text
    assert visit("admin").get("/users").status_code == 200


def test_a_token_of_no_entity_sees_nobody_where_none_sees_across(nobody_across, place, desk, visit, service):
    number, [mine] = place[2]["number_one"], place[0].entities
    secret = sessions.issue_token(desk.database, "scoring of one", 1, [mine])
    of_one = visit("").get(f"/api/v1/parties/{number}", headers={"authorization": f"Bearer {secret}"})
    assert (service.get(f"/api/v1/parties/{number}").status_code, of_one.status_code) == (403, 200)


def test_a_name_with_a_comma_is_no_scope(desk):
    with pytest.raises(ConfigError, match="without commas"):
        accounts.add(desk.database, "Comma", "steward", PASSWORD, Scope(("a,b",)))


@pytest.mark.slow
def test_the_index_and_the_database_agree_on_who_is_in_sight(desk, app):
    index = asyncio.run(desk.indexed.live())
    with desk.served.live() as version, version.cursor() as con:
        numbers = [number for (number,) in con.execute("SELECT client_number FROM golden_party ORDER BY 1").fetchall()]
        offices = con.execute("SELECT DISTINCT legal_entity, branch FROM sight ORDER BY ALL").fetchall()
        clients = {number: index.client(number) for number in numbers}
        scopes = [Scope(), *(Scope((one,), (two,) if two else ()) for one, two in offices), Scope((), (offices[0][1],))]
        for scope in scopes:
            seen = sight.in_sight(con, scope, numbers)
            assert seen == {number for number, client in clients.items() if sight.sees(scope, client)}, scope
        assert len({len(sight.in_sight(con, scope, numbers)) for scope in scopes}) > 2
