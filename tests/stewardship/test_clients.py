"""The client page and the search, on the demo's clients; what of it is audited."""

import html
import re
from datetime import date

import pytest

from stages.lookup import most_sourced
from stewardship.nights import Nights


@pytest.fixture(scope="module")
def number(home):
    return most_sourced(home)


@pytest.fixture
def known(live, number):
    with live() as now:
        from stages.lookup import golden

        return golden(now.con, number)


def test_the_page_shows_every_value_with_its_record(visit, known, number):
    page = visit().get(f"/clients/{number}").text
    for row in known["records"]:
        assert row["record_id"] in page
    for row in (*known["identifiers"], *known["contacts"]):
        assert str(row.get("number") or row.get("value")) in page
    birth = next(row for row in known["lineage"] if row["field"] == "birth_date")
    line = re.search(r'<th scope="row">birth date</th>(.*?)</tr>', page, re.DOTALL).group(1)
    assert f"{birth['source']}:{birth['record_id']}" in line and birth["rule"] in line
    assert page.count(">–</td><td></td>") <= 1, "nearly every value has its lineage"


def test_the_state_of_a_day_and_a_version(visit, number):
    page = visit().get(f"/clients/{number}?as_of=2026-03-02&known_at=2")
    assert page.status_code == 200 and "As it was on 2026-03-02" in page.text and "Set a value" not in page.text
    assert visit().get(f"/clients/{number}?as_of=1999-01-01").status_code == 404
    assert visit().get(f"/clients/{number}?as_of=yesterday").status_code == 422


@pytest.mark.parametrize(
    "slid, moment",
    [
        ("night=0&known=0", "?as_of=2026-03-02&known_at=1"), ("night=0&known=1", "?as_of=2026-03-02&known_at=2"),
        ("night=0", "?as_of=2026-03-02&known_at=2"), ("night=1&known=0", "?as_of=2026-03-03&known_at=1"),
        ("night=1&known=1", ""), ("night=999", ""),
    ],
)  # fmt: skip
def test_sliders_lead_to_the_day_and_the_version_they_stand_at_without_a_script(visit, number, slid, moment):
    answer = visit().get(f"/clients/{number}?{slid}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/clients/{number}{moment}")
    page = visit().get(answer.headers["location"]).text
    stands = re.findall(r'<input type="range" id="(\w+)" name="\1" min="0" max="1" value="(\d)"', page)
    expected = re.findall(r"as_of=2026-03-0(\d)&known_at=(\d)", moment) or [("3", "2")]
    assert dict(stands) == {"night": str(int(expected[0][0]) - 2), "known": str(int(expected[0][1]) - 1)}


def test_sliders_stand_at_the_last_night_until_a_day():
    made = Nights({1: date(2026, 3, 2), 2: date(2026, 3, 5), 4: date(2026, 3, 5)})
    assert made.places(None, None) == (1, 2) and made.places(date(2026, 3, 4), 3) == (0, 1)
    assert made.places(date(2020, 1, 1), 1) == (0, 0), "a day before the first night"


def test_a_number_that_nobody_has_is_told_from_a_mistyped_one(visit, number):
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    page = visit().get(f"/clients/{wrong}")
    assert page.status_code == 404 and "check digits" in page.text


@pytest.mark.parametrize("by", ["name", "number", "document", "record"])
def test_a_search_finds_the_client(visit, known, number, by):
    document, record = known["identifiers"][0], known["records"][0]
    asked = {
        "name": (" ".join(reversed(known["party"]["display_name"].upper().split())), ""),
        "number": (number, ""),
        "document": (document["number"].lower(), document["type"]),
        "record": (record["record_id"], record["source"]),
    }[by]
    page = visit().get("/search", params={"by": by, "text": asked[0], "kind": asked[1]})
    assert f'href="/clients/{number}"' in page.text


def test_a_name_is_found_without_its_accents(visit, live):
    with live() as now:
        [row] = now.con.execute("""
            SELECT client_number, "full" FROM golden_name WHERE "full" <> strip_accents("full") AND script = 'Latn'
            ORDER BY client_number LIMIT 1""").fetchall()
        plain = now.con.execute("SELECT strip_accents(lower(?))", [row[1]]).fetchall()[0][0]
    assert row[0] in visit().get("/search", params={"by": "name", "text": plain}).text


@pytest.mark.parametrize("text", ["%", "' OR 1=1 --", "nobody at all", "\\", "<script>alert(1)</script>"])
def test_a_search_for_nobody_finds_nobody_and_says_so(visit, text):
    for by in ("name", "number", "document", "record"):
        page = visit().get("/search", params={"by": by, "text": text, "kind": "core"})
        assert page.status_code == 200 and "Nobody is known by that" in page.text and "<script>alert" not in page.text


def test_nobody_is_found_by_a_phone_alone(visit, known):
    phone = next(row["value"] for row in known["contacts"] if row["value"].startswith("+"))
    for by in ("name", "number", "document", "record"):
        page = visit().get("/search", params={"by": by, "text": phone, "kind": "mobile"}).text
        assert "Nobody is known by that" in page
    assert visit().get("/search", params={"by": "phone", "text": phone}).status_code == 422


def test_opening_and_searching_are_audited_without_values(visit, desk, known, number):
    name = known["party"]["display_name"]
    visit("auditor").get("/search", params={"by": "name", "text": name})
    visit("auditor").get(f"/clients/{number}")
    searched, opened = desk.trail.lines()[-2:]
    assert (searched["action"], searched["by"], searched["found"] >= 1) == ("searched", "name", True)
    assert (opened["user"], opened["action"], opened["client"]) == ("Auditor One", "opened client", number)
    assert name not in desk.trail.file.read_text()
    page = visit("auditor").get("/audit?check=true").text
    assert "every line is as it was written" in page and number in page


def test_a_value_is_set_until_a_date_and_waits_for_a_second_person(visit, form, desk, number):
    client = visit()
    path = f"/clients/{number}/override"
    sent = form(client.get(f"/clients/{number}").text, path)
    values = {"field": "birth_date", "value": "1980-01-02", "ends": "2099-01-01"}
    assert client.post(path, data=sent | values | {"field": "client_number"}).status_code == 422
    assert client.post(path, data=sent | values | {"value": "soon"}).status_code == 409
    assert client.post(path, data=sent | values | {"ends": "2020-01-01"}).status_code == 422
    assert client.post(path, data=sent | values | {"field": "life_status", "value": "well"}).status_code == 409
    answer = client.post(path, data=sent | values)
    made = max(desk.decisions().values(), key=lambda d: d.id)
    assert answer.status_code == 303 and (made.entry.kind, made.entry.field) == ("override", "birth_date")
    page = client.get(f"/clients/{number}").text
    assert "override" in page and "waits for approval" in page and "1980-01-02" not in page
    assert "1980-01-02" not in client.get("/decisions").text, "only who approves sees what he approves"
    approver = visit("approver")
    assert f"→ <b>{values['value']}</b>" in approver.get("/decisions").text
    approve = form(approver.get("/decisions").text, f"/decisions/{made.id}/approve")
    reject = form(approver.get("/decisions").text, f"/decisions/{made.id}/end")
    for _ in range(2):
        assert approver.post(f"/decisions/{made.id}/approve", data=approve).status_code == 303, "sent twice is once"
    late = approver.post(f"/decisions/{made.id}/end", data=reject)
    assert late.status_code == 409 and "stands otherwise" in late.text and "in effect" in late.text
    assert "1980-01-02" not in approver.get("/decisions?state=counting").text


def test_any_two_are_explained_and_who_asked_is_audited(visit, desk, known, number):
    one, other = (f"{row['source']}:{row['record_id']}" for row in known["records"][:2])
    page = visit().get("/why", params={"one": one, "other": f" {other} "})
    with desk.served.live() as version:
        explained = desk.explanations.of(version.number, one, other)
    assert page.status_code == 200 and explained.why in html.unescape(page.text) and explained.same_client
    assert [line["client"] for line in desk.trail.lines()[-2:]] == [number, number]
    picture = re.search(r'src="(/why/picture.svg[^"]+)"', page.text).group(1)
    assert visit().get(html.unescape(picture)).text.startswith("<svg")
    nobody = visit().get("/why", params={"one": one, "other": "core:<script>"})
    assert nobody.status_code == 404 and "<script>" not in re.sub(r"<script src=[^>]*>", "", nobody.text)


def test_every_part_and_column_of_the_view_has_a_label_in_every_language(live):
    from stages import viewed
    from stewardship import labels

    with live() as now:
        told = {labels.plain(word) for part, sql in viewed._PARTS.items() for word in (part, *columns(now.con, sql))}
    assert [told - set(known) for known in labels.table().values()] == [set()] * len(labels.NAMES)


def columns(con, sql):
    return [row[0] for row in con.execute("DESCRIBE " + sql.replace("?", "''")).fetchall()]


def test_what_hangs_on_the_client_is_shown_with_reasons_in_the_visitors_language(visit, live):
    with live() as now:
        from stages.viewed import view_of

        [[rich]] = now.con.execute("""
            SELECT client_number FROM view_holding SEMI JOIN view_risk_factor USING (client_number)
            GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1""").fetchall()
        held = view_of(now.con, rich)
    client = visit("auditor")
    client.cookies.set("registry_language", "ro")
    page = html.unescape(client.get(f"/clients/{rich}").text)
    assert "Produse, relații, reguli" in page and "produse deținute" in page and "factori de risc" in page
    for row in held["holdings"]:
        assert row["reference"] in page
    for row in held["risk factors"]:
        assert row["reason"] in page and row["rule"] in page
    assert "Produse, relații" not in client.get(f"/clients/{rich}?as_of=2026-03-02").text
