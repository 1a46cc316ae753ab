"""One person alone: what he cannot change, and a key of a request that was used before."""

import pytest

from rules.decisions import OVERRIDE, needs_approval


@pytest.mark.parametrize("field", ["residence_country", "life_status", "activity_code", "birth_date", "address.actual"])
def test_what_a_risk_class_is_made_of_waits_for_a_second_person(field):
    assert needs_approval(OVERRIDE, field) and not needs_approval(OVERRIDE, "language")


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


def test_an_administrator_does_not_shut_himself_out(visit, form):
    admin = visit("admin")
    sent = {"csrf": admin.csrf, "name": "admin ONE", "work": "disable"}
    assert admin.post("/users", data=sent).status_code == 403 and admin.get("/users").status_code == 200
