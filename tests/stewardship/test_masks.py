"""What each role sees by its last letters only, on every page that shows a client's values, and of the API."""

import html

import pytest

from rules.desk import DECIDE, LOOK_UP, MASKED, MAY, READ, SERVE
from stages.lookup import golden
from stewardship import compare
from stewardship.client_desk import masks
from stewardship.compare import Value

READERS = [role for role in MAY if READ in MAY[role]]
NEW = {"family": "Maskova", "given": "Vera", "birth_date": "1984-05-06", "identifier_type": "passport",
       "identifier_number": "AZ5831946", "identifier_country": "AZ", "phone": "+994508317263",
       "email": "vera.maskova@mail.az", "country": "AZ"}  # fmt: skip
HIDDEN = {"teller": {"identifier_number"}, "manager": {"identifier_number"}, "compliance": {"phone", "email"}}


@pytest.fixture
def case(cases):
    """A case of two people who have documents, contacts and birth dates."""
    return cases("party_type = 'person' AND number_one <> number_other AND kind = 'band'")[0]


@pytest.fixture
def secrets(live, case):
    """Values of the case's first client that a viewer must not read."""
    with live() as now:
        known = golden(now.con, case["number_one"])
    told = {str(row.get("number") or row.get("value")) for row in (*known["identifiers"], *known["contacts"])}
    return {value for value in told | {str(known["party"]["birth_date"])} if len(value) >= 8}


@pytest.mark.parametrize("role", READERS)
def test_the_client_page_is_masked_for_a_viewer_alone(visit, case, secrets, role):
    page = html.unescape(visit(role).get(f"/clients/{case['number_one']}").text)
    shown = {value for value in secrets if value in page}
    assert len(secrets) >= 3 and shown == (set() if role == "viewer" else secrets)


@pytest.mark.parametrize("path", ["/cases/{case_id}", "/cases/{case_id}/preview?answer=match"])
def test_a_case_and_its_preview_are_masked_for_a_viewer(visit, case, secrets, path):
    pages = {role: html.unescape(visit(role).get(path.format_map(case)).text) for role in ("viewer", "steward")}
    assert [value for value in secrets if value in pages["viewer"]] == []
    assert any(value in pages["steward"] for value in secrets) and "••••" in pages["viewer"]


def test_the_picture_of_the_evidence_has_letters_for_a_viewer(visit, case, monkeypatch):
    drawn = []
    monkeypatch.setattr("stewardship.pages.why.waterfall", lambda evidence, *_: drawn.append(evidence) or "<svg/>")
    for role in ("viewer", "steward"):
        visit(role).get("/why/picture.svg", params={"one": case["one"], "other": case["other"]})
    letters, whole = (
        {
            value
            for step in one.steps
            for side in (step.left, step.right)
            for values in side.values()
            for value in values
        }
        for one in drawn
    )
    assert max(map(len, letters)) == 1 and max(map(len, whole)) >= 8


def test_a_search_shows_a_viewer_no_birth_date(visit, live):
    with live() as now:
        name, born = now.con.execute("""
            SELECT display_name, CAST(birth_date AS VARCHAR) FROM golden_party
            WHERE birth_date IS NOT NULL AND display_name IS NOT NULL ORDER BY 1 LIMIT 1""").fetchone()
    asked = {"by": "name", "text": name}
    assert born in visit().get("/search", params=asked).text
    assert born not in visit("viewer").get("/search", params=asked).text


def test_the_api_leaves_empty_what_a_viewer_sees_masked(visit, case):
    path = f"/api/v1/parties/{case['number_one']}"
    seen, known = visit("viewer").get(path).json(), visit().get(path).json()
    assert (seen["identifiers"], seen["contacts"], seen["party"]["birth_date"]) == ([], [], None)
    assert known["contacts"] and seen["names"] == known["names"] and LOOK_UP in MAY["viewer"]


@pytest.mark.parametrize("role", [role for role in MAY if SERVE in MAY[role]])
def test_a_client_entered_today_is_masked_like_any_other(visit, desk, role):
    teller = visit("head")
    sent = {"csrf": teller.csrf, "request": "entered-today", "create": "true", **NEW}
    answer = teller.post("/desk/new", data=sent)
    assert answer.status_code == 303, answer.text
    place = answer.headers["location"]
    page = html.unescape(visit(role).get(place).text)
    for name in ("identifier_number", "phone", "email", "birth_date"):
        assert (NEW[name] in page) is (name not in HIDDEN.get(role, ())), (role, name)
        assert NEW[name][-4:] in page


def test_whoever_decides_or_judges_compares_whole_values():
    assert not any(MASKED.get(role) for role in MAY if DECIDE in MAY[role] or role == "quality")


def test_a_masked_line_says_that_values_differ_and_not_where():
    lines = compare.lines(
        ["identifier.passport", "sex"], [],
        {"identifier.passport": [Value("AZ1234567", "az 1234567")], "sex": [Value("F")]},
        {"identifier.passport": [Value("AZ1234568")], "sex": [Value("F")]},
    )  # fmt: skip
    number, sex = masks.compared("viewer", lines)
    assert number.verdict == "differs" and number.left.marked == (("••••4567", False),)
    assert (number.left.value.raw, sex) == ("", lines[1])


def test_of_a_day_nothing_stays():
    assert masks.masked("viewer", [{"birth_date": "1984-05-06"}]) == [{"birth_date": "••••"}]
