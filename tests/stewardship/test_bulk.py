"""Several cases answered at once: each as if alone, four eyes kept, nothing decided about what changed meanwhile."""

from datetime import date

import pytest

from stages import decide
from stages.decide import Decider
from store.decisions.state import IN_EFFECT, PENDING


@pytest.fixture
def listed(visit, form):
    """`listed()`: a steward with the hidden fields of the queue's form."""

    def look():
        client = visit()
        return client, form(client.get("/queue").text, "/queue/answers")

    return look


def test_chosen_cases_get_one_answer_each_and_merges_wait(listed, cases, desk):
    client, seen = listed()
    waiting = cases("number_one <> number_other")
    two, one = waiting[:2], waiting[2]
    made = client.post("/queue/answers", data=seen | {"answer": "apart", "cases": [case["case_id"] for case in two]})
    assert made.status_code == 303 and "#done-2" in made.headers["location"]
    again = client.post("/queue/answers", data=seen | {"answer": "apart", "cases": [case["case_id"] for case in two]})
    assert again.status_code == 303 and len(desk.decisions()) == 2, "sent twice it decides once"
    client, seen = listed()
    client.post("/queue/answers", data=seen | {"answer": "match", "cases": [one["case_id"]]})
    made = list(desk.decisions().values())
    states = [decision.state(date.today()) for decision in made]
    assert states[:2] == [PENDING if decision.entry.second_person else IN_EFFECT for decision in made[:2]]
    assert states[2] == PENDING, "joining clients waits for a second person, also in bulk"
    decided = [line for line in desk.trail.lines() if line["action"] == "decided case"]
    assert {line["case"] for line in decided} == {case["case_id"] for case in waiting[:3]}
    assert all({two[0][side] for side in ("number_one", "number_other")} == set(line["clients"].split())
               for line in decided if line["case"] == two[0]["case_id"])  # fmt: skip


@pytest.mark.slow
def test_what_changed_since_the_list_was_shown_is_left(listed, cases, desk, home):
    client, seen = listed()
    done = client.get("/queue?state=decided").text
    waiting = [case for case in cases("number_one <> number_other") if case["case_id"] not in done]
    changed, same = waiting[-1], waiting[-2]
    decide.link(home, "cannot_link", changed["one"], changed["other"], Decider("Somebody Else", "seen both"))
    before = len(desk.decisions())
    answer = client.post(
        "/queue/answers", data=seen | {"answer": "apart", "cases": [changed["case_id"], same["case_id"]]}
    )
    assert answer.status_code == 409 and "1 of 2" in answer.text and len(desk.decisions()) == before + 1
    answer = client.post("/queue/answers", data=seen | {"version": 1, "answer": "apart", "cases": [same["case_id"]]})
    assert answer.status_code == 409 and len(desk.decisions()) == before + 1


@pytest.mark.parametrize("changed", [{"cases": []}, {"cases": ["zz"]}, {"answer": "split"}, {"seen": "-1"}])
def test_a_form_that_cannot_be_is_refused(listed, cases, changed):
    client, seen = listed()
    sent = seen | {"answer": "apart", "cases": [cases()[0]["case_id"]]} | changed
    assert client.post("/queue/answers", data=sent).status_code == 422
