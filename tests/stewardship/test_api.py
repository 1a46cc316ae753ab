"""The API on the demo's clients: look-ups, retired numbers, history, conditional requests, and no server error ever."""

import json
import secrets
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings

from rules.contracts.golden import GoldenParty
from rules.publication import Publication
from stages import decide
from stages.decide import Decider
from stages.index.read import Index
from stages.lookup import most_sourced
from stewardship import sessions
from stewardship.searching import Answer
from store.entered import Entered, Entry

V1 = "/api/v1"
SITE = "http://127.0.0.1"


@pytest.fixture(scope="module")
def number(home):
    return most_sourced(home)


def test_a_client_by_number(service, number):
    found = service.get(f"{V1}/parties/{number}").json()
    assert found["version"] == 2 and found["party"]["client_number"] == number
    assert list(found["party"]) == list(GoldenParty.columns()), "every declared column, in its order"
    assert "record_key" not in str(found) and found["lineage"] and found["records"]
    keys = service.get(f"{V1}/parties/{number}/records").json()
    assert keys["records"] == found["records"] and keys["client_number"] == number


def test_what_a_client_is_found_by_leads_back_to_it(service, number):
    found = service.get(f"{V1}/parties/{number}").json()
    document, record = found["identifiers"][0], found["records"][0]
    asked = {"document_type": document["type"], "document_number": document["number"].lower()}
    by_document = service.get(f"{V1}/parties", params=asked).json()["found"]
    by_record = service.get(f"{V1}/sources/{record['source']}/records/{record['record_id']}").json()["found"]
    assert number in [row["client_number"] for row in by_document]
    assert [row["client_number"] for row in by_record] == [number]


def test_nobody_is_an_empty_list_and_an_unknown_number_is_404(service):
    asked = {"document_type": "passport", "document_number": "NOBODY"}
    assert service.get(f"{V1}/parties", params=asked).json()["found"] == []
    answer = service.get(f"{V1}/parties/99999999999")
    assert answer.status_code == 404 and answer.json()["next"]
    assert service.get(f"{V1}/parties", params={"document_number": "X"}).status_code == 422, "never without its type"


def test_a_retired_number_moves_permanently(service, desk, live):
    with live() as now:
        sql = "SELECT client_number, resolves_to FROM ledger_number WHERE state = 'merged' ORDER BY 1 LIMIT 1"
        merged = now.con.execute(sql).fetchone()
    answer = service.get(f"{V1}/parties/{merged[0]}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"{V1}/parties/{merged[1]}")


def test_the_state_of_another_day_names_its_version(service, number):
    found = service.get(f"{V1}/parties/{number}", params={"as_of": "2026-03-02", "known_at": 2}).json()
    assert (found["as_of"], found["version"]) == ("2026-03-02", 2)
    assert service.get(f"{V1}/parties/{number}", params={"as_of": "1990-01-01"}).status_code == 404


def test_what_did_not_change_is_not_sent_again(service, number):
    first = service.get(f"{V1}/parties/{number}")
    again = service.get(f"{V1}/parties/{number}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert service.get(f"{V1}/parties/{number}", headers={"if-none-match": '"1"'}).status_code == 200


def test_decisions_are_paged_and_hold_no_words(service, desk, home, live, monkeypatch):
    from stewardship.api import v1

    with live() as now:
        rows = now.con.execute("""
            SELECT source || ':' || record_id FROM crosswalk WHERE party_type = 'person'
            QUALIFY row_number() OVER (PARTITION BY client_number ORDER BY source, record_id) = 1
            ORDER BY client_number LIMIT 4""").fetchall()
    for place in (0, 2):
        decide.link(home, "cannot_link", rows[place][0], rows[place + 1][0], Decider("Nadia", "private words"))
    monkeypatch.setattr(v1, "PAGE", 1)
    first = service.get(f"{V1}/decisions").json()
    second = service.get(f"{V1}/decisions", params={"after": first["next"]}).json()
    assert [first["decisions"][0]["id"], second["decisions"][0]["id"], second["next"]] == [1, 2, None]
    assert first["decisions"][0]["records"] == [rows[0][0]] and first["decisions"][0]["and"] == [rows[1][0]]
    assert "private words" not in str(first) and "reason" not in first["decisions"][0]


def test_a_new_client_is_searched_before_it_is_made(service, desk, number):
    known = service.get(f"{V1}/parties/{number}").json()
    document = known["identifiers"][0]
    said = {
        "party_type": known["party"]["party_type"], "names": [{"full": known["names"][0]["full"]}],
        "birth_date": known["party"]["birth_date"],
        "identifiers": [{"type": document["type"], "number": document["number"]}],
    }  # fmt: skip
    answer = service.post(f"{V1}/search", json=said, params={"most": 3}).json()
    assert (answer["version"], answer["as_of"]) == (2, "2026-03-03") and len(answer["found"]) <= 3
    assert answer["found"][0]["client_number"] == number and answer["found"][0]["band"] == "match"
    assert {step["name"] for step in answer["found"][0]["steps"]} >= {"prior", "identifiers"}
    line = desk.trail.lines()[-1]
    assert line["by"] == "new client" and document["number"] not in str(line)
    assert line["clients"].split() == [one["client_number"] for one in answer["found"]]


@pytest.mark.parametrize(
    "said", [{"contacts": [{"kind": "mobile", "value": "+994501234567"}]}, {"names": [{"ful": "x"}]}, {}]
)
def test_a_phone_alone_and_unknown_fields_are_refused(service, said):
    answer = service.post(f"{V1}/search", json=said)
    assert answer.status_code == 422 and "+99450" not in answer.text


def test_a_page_of_another_site_cannot_search(visit):
    assert visit("steward").post(f"{V1}/search", json={"names": [{"full": "A B"}]}).status_code == 403
    assert visit("").post(f"{V1}/search", json={"names": [{"full": "A B"}]}).status_code == 401


@pytest.mark.slow
def test_searches_at_once_have_the_answers_of_each_alone(service, live):
    from concurrent.futures import ThreadPoolExecutor

    some = "SELECT display_name FROM golden_party WHERE party_type = 'person' ORDER BY client_number LIMIT 8"
    with live() as now:
        names = [name for (name,) in now.con.execute(some).fetchall()]

    def ask(name):
        return service.post(f"{V1}/search", json={"names": [{"full": name}]}).json()

    alone = [ask(name) for name in names]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, names)) == alone


def test_many_numbers_at_once_in_the_order_of_the_question(service, number, live):
    with live() as now:
        sql = "SELECT client_number, resolves_to FROM ledger_number WHERE state = 'merged' ORDER BY 1 LIMIT 1"
        retired, stands_for = now.con.execute(sql).fetchone()
    answer = service.post(f"{V1}/parties/look-up", json={"numbers": [retired, "99999999999", number]}).json()
    assert [row["client_number"] for row in answer["found"]] == [stands_for, None, number]
    assert [row["party"] and row["party"]["client_number"] for row in answer["found"]] == [stands_for, None, number]
    assert service.post(f"{V1}/parties/look-up", json={"numbers": ["x"] * 501}).status_code == 422


def test_changes_of_numbers_are_paged_without_a_gap(service, monkeypatch):
    from stewardship.api import feed

    monkeypatch.setattr(feed, "PAGE", 10_000)
    whole = service.get(f"{V1}/changes").json()
    assert whole["next"] is None and {row["version"] for row in whole["changes"]} == {1, 2}
    since = service.get(f"{V1}/changes", params={"since": 1}).json()["changes"]
    assert since == [row for row in whole["changes"] if row["version"] == 2]
    monkeypatch.setattr(feed, "PAGE", 300)
    pages, cursor = [], ""
    while cursor is not None:
        page = service.get(f"{V1}/changes", params={"cursor": cursor}).json()
        pages, cursor = pages + page["changes"], page["next"]
    assert pages == whole["changes"]


def test_a_consumer_acknowledges_for_itself_and_nobody_for_another(service, visit, app, desk, monkeypatch):
    from stages.publish import taken

    url = f"{V1}/changes/acknowledge"
    feed = Publication(kind="changes", consumer="dwh")
    declared = replace(desk.settings, registry=desk.settings.registry.model_copy(update={"publish": (feed,)}))
    monkeypatch.setattr(desk, "settings", declared)
    secret = sessions.issue_token(desk.database, "dwh", 1)
    dwh = TestClient(app, base_url=SITE, headers={"authorization": f"Bearer {secret}"})
    every = taken.waiting(desk.home, 0)
    assert dwh.post(url, json={"version": 2}).json() == {"consumer": "dwh", "version": 2, "number_changes": len(every)}
    assert dwh.post(url, json={"version": 1}).json() == {"consumer": "dwh", "version": 2, "number_changes": 0}
    assert taken.taken(desk.home) == {"dwh": 2} and desk.trail.lines(1)[0]["action"] == "acknowledged changes"
    assert dwh.post(url, json={"version": 3}).status_code == 404
    assert dwh.post(url, json={}).status_code == 422
    assert service.post(url, json={"version": 1}).status_code == 403
    assert visit("steward").post(url, json={"version": 1}).status_code == 403


def test_what_the_desk_decided_today_counts_at_once(service, home, number, visit):
    before = service.get(f"{V1}/parties/{number}")
    field = "education"
    ends = date.today() + timedelta(days=30)
    decided = decide.override(home, number, field, "doctorate", ends, Decider("Nadia", "certificate seen"))
    after = service.get(f"{V1}/parties/{number}", headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200 and after.json()["party"][field] == "doctorate", "no night has passed"
    [today] = after.json()["today"]
    assert (today["field"], today["value"], today["decision"]) == (field, "doctorate", decided.id)
    batch = service.post(f"{V1}/parties/look-up", json={"numbers": [number]}).json()["found"]
    assert batch[0]["party"][field] == "doctorate"
    decide.end(home, decided.id, Decider("Nadia", "was another client's"))
    again = service.get(f"{V1}/parties/{number}").json()
    assert again["today"] == [] and again["party"] == before.json()["party"]


class LongAgo(datetime):
    """A clock that says that a version was promoted after whatever is entered now, as while a night runs."""

    @classmethod
    def now(cls, tz=None):
        return cls(2000, 1, 1, tzinfo=tz)


@pytest.mark.parametrize("clock", [datetime, LongAgo])
def test_an_address_that_no_night_counted_is_told_and_laid_over_nothing(service, home, number, monkeypatch, clock):
    monkeypatch.setattr("store.decisions.log.datetime", clock)
    before, ends = service.get(f"{V1}/parties/{number}").json(), date.today() + timedelta(days=30)
    made = decide.override(home, number, "address.work", "Nizami street 12, Baku", ends, Decider("Nadia", "lease seen"))
    decide.approve(home, made.id, Decider("Omar"))
    after = service.get(f"{V1}/parties/{number}").json()
    [today] = after["today"]
    assert (today["field"], json.loads(today["value"])["house"]) == ("address.work", "12")
    assert (after["party"], after["addresses"]) == (before["party"], before["addresses"]), "from the next night on"
    for person in ("Nadia", "Omar"):
        decide.end(home, made.id, Decider(person, "was another client's"))


def test_an_important_value_waits_for_a_second_person(service, home, number):
    ends = date.today() + timedelta(days=30)
    decided = decide.override(home, number, "birth_date", "1950-01-31", ends, Decider("Nadia", "passport seen"))
    assert service.get(f"{V1}/parties/{number}").json()["today"] == []
    decide.approve(home, decided.id, Decider("Omar", "passport seen"))
    found = service.get(f"{V1}/parties/{number}").json()
    assert found["party"]["birth_date"] == "1950-01-31" and len(found["today"]) == 1
    document = {"document_type": found["identifiers"][0]["type"], "document_number": found["identifiers"][0]["number"]}
    hits = service.get(f"{V1}/parties", params=document).json()["found"]
    assert "1950-01-31" in [hit["birth_date"] for hit in hits]
    for person in ("Nadia", "Omar"):
        decide.end(home, decided.id, Decider(person, "a slip"))


def test_who_asks_not_to_be_disturbed_is_told_so_at_once(service, home, number):
    before = service.get(f"{V1}/parties/{number}").json()
    record = before["records"][0]
    said = {"channel": "any", "given": "no", "at": "2026-03-04T10:00:00"}
    entry = Entry("do_not_disturb", "consent", record["source"], record["record_id"], "Nadia", "dnd", said)
    Entered(home).add(entry)
    after = service.get(f"{V1}/parties/{number}").json()["refusals"]
    [told] = [row for row in after if row not in before["refusals"]]
    assert (told["channel"], told["purpose"], told["legal_entity"]) == ("any", "any", record["legal_entity"])


def test_a_refusal_entered_while_a_night_ran_counts_at_once(service, home, live, monkeypatch):
    """The version was promoted after it, and has it not."""
    monkeypatch.setattr("store.entered.now", lambda: LongAgo.now(UTC).isoformat())
    with live() as now:
        [[number]] = now.con.execute("SELECT max(client_number) FROM golden_party").fetchall()
    before = service.get(f"{V1}/parties/{number}").json()
    record = before["records"][0]
    said = {"channel": "email", "purpose": "marketing", "given": "no", "at": "2000-01-01T00:00:00"}
    Entered(home).add(Entry("consent", "consent", record["source"], record["record_id"], "Nadia", "late", said))
    after = service.get(f"{V1}/parties/{number}").json()["refusals"]
    assert len(after) == len(before["refusals"]) + 1 and "consents" not in before


@pytest.fixture
def scoped(app, desk):
    """`scoped(entities, fields)`: a client with a token of that scope."""

    def enter(entities=(), fields=()):
        name = f"scoped {secrets.token_hex(4)}"
        secret = sessions.issue_token(desk.database, name, 1, entities, fields)
        return TestClient(app, base_url=SITE, headers={"authorization": f"Bearer {secret}"}, follow_redirects=False)

    return enter


def test_a_token_of_an_entity_sees_its_clients_and_records_alone(scoped, live):
    with live() as now:
        rows = now.con.execute("""
            SELECT client_number, list(DISTINCT legal_entity ORDER BY legal_entity),
                   any_value(source), any_value(record_id)
            FROM crosswalk GROUP BY client_number ORDER BY client_number""").fetchall()
    both = next(row for row in rows if len(row[1]) > 1)
    own, other = both[1][:2]
    foreign = next(row for row in rows if row[1] == [other])
    service = scoped([own])
    found = service.get(f"{V1}/parties/{both[0]}").json()
    assert {row["legal_entity"] for row in found["records"]} == {own}
    keys = {(row["source"], row["record_id"]) for row in found["records"]}
    assert {(row["source"], row["record_id"]) for row in found["lineage"]} <= keys
    assert service.get(f"{V1}/parties/{both[0]}/records").json()["records"] == found["records"]
    for path in ("", "/records"):
        assert service.get(f"{V1}/parties/{foreign[0]}{path}").status_code == 404
    assert service.get(f"{V1}/parties/{foreign[0]}", params={"as_of": "2026-03-03"}).status_code == 404
    assert service.get(f"{V1}/sources/{foreign[2]}/records/{foreign[3]}").json()["found"] == []
    batch = service.post(f"{V1}/parties/look-up", json={"numbers": [foreign[0], both[0]]}).json()["found"]
    assert [row["client_number"] for row in batch] == [None, both[0]]
    assert service.get(f"{V1}/changes").status_code == service.get(f"{V1}/decisions").status_code == 403


def test_a_token_of_some_fields_sees_no_others(scoped, number):
    found = scoped(fields=["names", "birth_date"]).get(f"{V1}/parties/{number}").json()
    assert found["names"] and found["party"]["client_number"] == number and found["party"]["birth_date"]
    assert found["identifiers"] == found["addresses"] == found["contacts"] == found["lineage"] == []
    filled = {name for name, value in found["party"].items() if value is not None}
    assert filled == {"client_number", "party_type", "birth_date"}
    assert found["records"] == scoped(fields=["names"]).get(f"{V1}/parties/{number}/records").json()["records"] == []
    assert scoped(fields=["records"]).get(f"{V1}/parties/{number}").json()["records"]
    for path in ("changes", "decisions"):
        assert scoped(fields=["names"]).get(f"{V1}/{path}").status_code == 403


def test_nobody_searches_by_what_he_does_not_see(scoped, visit, number):
    party = scoped().get(f"{V1}/parties/{number}").json()
    name = {"names": [{"full": party["names"][0]["full"]}]}
    said = {**name, "birth_date": party["party"]["birth_date"]}
    for caller in (scoped(fields=["names"]), scoped(fields=["display_name"]), visit("viewer")):
        own = {"x-csrf-token": getattr(caller, "csrf", "")}
        refused = caller.post(f"{V1}/search", json=said, headers=own)
        assert refused.status_code == 403 and "birth_date" in refused.json()["problem"]
        assert caller.post(f"{V1}/search", json=name, headers=own).status_code == 200
    found = scoped(fields=["names", "birth_date"]).post(f"{V1}/search", json=said).json()["found"]
    assert number in {hit["client_number"] for hit in found} and {hit["display_name"] for hit in found} == {None}


def test_who_is_sealed_takes_no_place_among_those_found(visit, service, number, live, desk, monkeypatch):
    """Else one result of two that were asked for told that somebody likelier is hidden."""
    party = service.get(f"{V1}/parties/{number}").json()
    said = {"names": [{"full": party["names"][0]["full"]}], "birth_date": party["party"]["birth_date"]}
    hit = next(hit for hit in service.post(f"{V1}/search", json=said).json()["found"] if hit["client_number"] == number)
    with live() as now:
        other = "SELECT client_number FROM golden_party WHERE client_number <> ? ORDER BY 1 LIMIT 1"
        [(shown,)] = now.con.execute(other, [number]).fetchall()
    answer, read = Future(), Index.client
    answer.set_result(Answer(desk.indexed.wait(), [hit, {**hit, "client_number": shown}]))
    monkeypatch.setattr(desk.searching, "ask", lambda *_: answer)
    monkeypatch.setattr(Index, "client", lambda index, one: read(index, one) | {"sealed": one == number})
    person = visit()
    own = {"x-csrf-token": person.csrf}
    hits = person.post(f"{V1}/search", params={"most": 1}, json=said, headers=own).json()["found"]
    assert [each["client_number"] for each in hits] == [shown]


def test_a_retired_number_that_is_followed_is_a_line(service, desk, live):
    with live() as now:
        retired = "SELECT client_number FROM ledger_number WHERE state = 'merged' ORDER BY 1 LIMIT 1"
        [(number,)] = now.con.execute(retired).fetchall()
    for path in ("", "/records"):
        assert service.get(f"{V1}/parties/{number}{path}", follow_redirects=False).status_code == 301
        line = desk.trail.lines(1)[0]
        assert (line["user"], line["action"], line["client"]) == ("scoring", "followed number", number)


def test_who_asks_too_often_waits(service, desk, monkeypatch):
    from stewardship.limits import Rate

    monkeypatch.setattr(desk, "rate", Rate(2, 60))
    answers = [service.get(f"{V1}/version") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["retry-after"]) <= 61


def test_reading_is_audited_by_the_services_name(service, desk, number):
    service.get(f"{V1}/parties/{number}")
    line = desk.trail.lines()[-1]
    assert (line["user"], line["action"], line["client"]) == ("scoring", "opened client", number)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")  # threads of the server do
def test_every_answer_to_any_request_is_as_the_contract_says(app, token, visit):
    """schemathesis makes requests from the OpenAPI document, also forbidden ones; none may end undeclared or in 5xx."""
    contract = schemathesis.openapi.from_dict(visit("").get(f"{V1}/openapi.json").json())
    contract.app = app
    operations = [found.ok() for found in contract.get_all_operations()]
    assert len(operations) == 10
    for operation in operations:
        _fuzz(operation, {"authorization": f"Bearer {token}", "host": "127.0.0.1"})


def _fuzz(operation, headers):
    @given(case=operation.as_strategy())
    @settings(max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def run(case):
        case.validate_response(case.call(headers=headers, timeout=120))

    run()
