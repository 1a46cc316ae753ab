"""A user of one legal entity or branch: no route shows or decides what is out of his sight."""

import asyncio
from dataclasses import replace

import pytest

from rules.errors import ConfigError, NotFound
from stages import decide
from stages.decide import Decider
from stewardship import accounts, sessions, sight
from stewardship.sight import Scope
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


def test_a_scope_of_entity_and_branch_needs_both_in_one_record(desk):
    with desk.served.live() as version, version.cursor() as con:
        rows = con.execute("SELECT * FROM sight WHERE branch IS NOT NULL ORDER BY ALL").fetchall()
        number, entity, branch = rows[0]
        assert sight.in_sight(con, Scope((entity,), (branch,)), [number]) == {number}
        with pytest.raises(NotFound, match="another legal entity or branch"):
            sight.assert_sees(con, Scope(("nowhere",), (branch,)), number)
        assert sight.in_sight(con, Scope(), [number, "x"]) == {number, "x"}


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
    secret = sessions.issue_token(desk.database, "of one", 1, [mine])
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
