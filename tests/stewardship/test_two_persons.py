"""One person alone: what he cannot change, and a key of a request that was used before."""

import html
import re

import pytest

from rules.decisions import OVERRIDE, needs_second_person
from stages import decide
from stages.decide import Decider


@pytest.mark.parametrize("field", ["residence_country", "life_status", "activity_code", "birth_date", "address.actual"])
def test_what_a_risk_class_is_made_of_waits_for_a_second_person(field):
    assert needs_second_person(OVERRIDE, field) and not needs_second_person(OVERRIDE, "language")


def test_a_key_that_was_used_gives_no_other_answer(visit, cases, form, desk):
    one, another = cases("number_one <> number_other AND kind <> 'two_numbers'")[:2]

    def send(client, case, answer):
        path = f"/cases/{case['case_id']}"
        sent = form(client.get(path).text, f"{path}/answer") | {"answer": answer, "request": "k" * 12}
        return client.post(f"{path}/answer", data=sent).status_code

    steward = visit()
    assert [send(steward, one, "apart") for _ in range(2)] == [303, 303]
    before = len(desk.decisions())
    assert send(steward, one, "match") == send(visit("approver"), another, "apart") == 409
    assert len(desk.decisions()) == before


COMMAND = re.compile(r"`|registry [a-z]|--[a-z]")
"""What is typed on a command line, which a page has its own ways for."""


def test_refusals_tell_a_page_what_to_do_there_and_no_command(visit, cases, form, home):
    case = cases("number_one <> number_other AND kind <> 'two_numbers'")[2]
    nobody = {"one": f"{case['one'].partition(':')[0]}:nobody", "other": case["other"]}
    made = decide.apart(home, case["one"], case["other"], Decider("Ann One", "two people"))
    apart = made.id
    if made.second_person:
        decide.approve(home, apart, Decider("Bea Two"))
    approver, admin, path = visit("approver"), visit("admin"), f"/cases/{case['case_id']}"
    match = form(approver.get(path).text, f"{path}/answer") | {"answer": "match"}
    said = {"csrf": approver.csrf, "request": "refused 1"}
    told = [
        ("see the decisions", approver.post(f"/decisions/{apart}/approve", data=said)),
        (f"end decision {apart} first", approver.post(f"{path}/answer", data=match)),
        ("look the client up by", approver.get("/clients/99999999996")),
        ("check the key", approver.get("/why", params=nobody)),
        ("see which versions", approver.get(f"/clients/{case['number_one']}?known_at=99")),
        ("see the page of users", admin.post("/users", data={"csrf": admin.csrf, "name": "nobody", "work": "disable"})),
    ]  # fmt: skip
    for step, answer in told:
        page = html.unescape(re.search(r"<main.*?</main>", answer.text, re.DOTALL)[0])
        assert step in page and not COMMAND.search(page), (step, page)


def test_an_administrator_does_not_shut_himself_out(visit, form):
    admin = visit("admin")
    sent = {"csrf": admin.csrf, "name": "admin ONE", "work": "disable"}
    assert admin.post("/users", data=sent).status_code == 403 and admin.get("/users").status_code == 200
