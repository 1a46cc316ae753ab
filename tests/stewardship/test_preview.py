"""Previews at the desk: a merge, a split, a decision that waits; nothing is decided by looking."""

import re

import pytest


@pytest.fixture
def case(cases):
    return cases("number_one <> number_other")[0]


def columns(page: str) -> list[str]:
    """The clients' numbers above the columns, those afterwards behind `|`."""
    head = re.findall(r'<th scope="col" class="mono( after)?">\s*([^<]+?)\s*</th>', page)
    return ["|" * bool(after) + number for after, number in head]


def test_one_client_keeps_a_number_and_redirects_the_other(visit, case, desk):
    page = visit().get(f"/cases/{case['case_id']}/preview?answer=match").text
    both = sorted((case["number_one"], case["number_other"]))
    assert sorted(columns(page)[:2]) == both and columns(page)[2:] == [f"|{both[0]}"]
    assert "the number is redirected" in page and case["one"] in page and case["other"] in page
    assert desk.decisions() == {} and desk.trail.lines(1)[0]["action"] == "previewed"


def test_two_clients_stay_as_they_are(visit, case):
    page = visit().get(f"/cases/{case['case_id']}/preview?answer=apart").text
    assert "no client changes" in page and columns(page)[2:] == [f"|{number}" for number in columns(page)[:2]]


def test_a_split_gives_the_records_that_leave_another_number(visit, cases, live):
    with live() as now:
        sizes = dict(now.con.execute("SELECT client_number, records FROM golden_party").fetchall())
    case = next(c for c in cases("number_one <> number_other") if sizes[c["number_one"]] > 1)
    client, path = visit(), f"/cases/{case['case_id']}/preview"
    assert client.get(path, params={"answer": "split"}).status_code == 409
    found = columns(client.get(path, params={"answer": "split", "records": [case["one"]]}).text)
    before, after = ({one.strip("|") for one in found if one.startswith("|") is late} for late in (False, True))
    assert case["number_one"] in before & after and len(after) == 2, "kept by the records that stay"
    assert after - {case["number_one"]} <= {"new number", case["number_other"]}


def test_a_preview_names_no_sealed_client(visit, cases, live, seal):
    with live() as now:
        [(number, other)] = now.con.execute("""
            SELECT client_number, other_number FROM case_tie
            WHERE client_number IN (SELECT number_one FROM case_item) ORDER BY 1, 2 LIMIT 1""").fetchall()
    [case] = cases(f"number_one = '{number}' AND other <> one")[:1]
    path = f"/cases/{case['case_id']}/preview?answer=apart"
    assert other in visit().get(path).text
    with seal(other):
        page = visit().get(path)
    assert page.status_code == 200 and number in page.text and other not in page.text
