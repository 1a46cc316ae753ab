"""A sealed client: nowhere in sight until somebody breaks the glass with a reason, for a while, and on the trail."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pytest
from sqlalchemy import update

from rules.desk import SEALED_BY_ROLE
from rules.errors import ConfigError, Sealed
from rules.sealed import load_sealed
from stages import decide, lookup
from stages.decide import Decider
from stages.index.read import Index
from stewardship import sight
from stewardship.sight import EVERYTHING
from store.desk import GLASS


@pytest.fixture
def case(cases):
    return cases("number_one <> number_other")[0]


@pytest.fixture
def sealed(case, seal, monkeypatch):
    """The first client of the case, sealed while the test runs, in the database and in the index."""
    number, read = case["number_one"], Index.client
    monkeypatch.setattr(Index, "client", lambda index, one: read(index, one) | {"sealed": one == number})
    with seal(number):
        yield number


def test_it_is_out_of_everybodys_sight(sealed, case, visit):
    for role in ("steward", "auditor"):
        client = visit(role)
        page = client.get(f"/clients/{sealed}")
        assert page.status_code == 403 and "is sealed" in page.text and case["name_one"] not in html.unescape(page.text)
        assert client.get(f"/cases/{case['case_id']}").status_code == 403
        assert client.get("/why", params={"one": case["one"], "other": case["other"]}).status_code == 404
        assert client.get("/why", params={"one": sealed, "other": case["other"]}).status_code == 403
        assert case["case_id"] not in client.get("/queue").text
        for asked in ({}, {"as_of": "2026-03-03"}):
            assert client.get(f"/api/v1/parties/{sealed}", params=asked).status_code == 403
        found = client.get("/search", params={"by": "number", "text": sealed}).text
        assert f'href="/clients/{sealed}"' not in found


def test_people_follow_no_feed_since_it_names_the_sealed(sealed, case, visit, service, home):
    made = decide.merge(home, case["one"], case["other"], Decider("Somebody Else", "seen"))
    asked = {"after": made.id - 1}
    told = service.get("/api/v1/decisions", params=asked)
    assert sealed in told.json()["decisions"][0]["numbers"], "systems keep to it"
    for role in ("steward", "auditor"):
        for path in ("decisions", "changes"):
            refused = visit(role).get(f"/api/v1/{path}", params=asked if path == "decisions" else {})
            assert refused.status_code == 403 and "feeds for systems" in refused.json()["problem"]
        assert f"/decisions/{made.id}/" not in visit(role).get("/decisions").text


def test_its_past_is_not_seen_under_a_number_that_it_once_had(visit, live, seal):
    with live() as now:
        retired = "FROM ledger_number WHERE state = 'merged' AND resolves_to <> client_number ORDER BY 1 LIMIT 1"
        [(number, current)] = now.con.execute(f"SELECT client_number, resolves_to {retired}").fetchall()
    with seal(current):
        client = visit()
        for asked in ({}, {"as_of": "2026-03-02"}):
            assert client.get(f"/clients/{number}", params=asked, follow_redirects=True).status_code == 403
        said = {"csrf": client.csrf, "reason": "client asked", "said": "card blocked"}
        client.post(f"/clients/{current}/open", data=said)
        assert client.get(f"/clients/{number}", params={"as_of": "2026-03-02"}).status_code == 200


def test_who_was_sealed_then_is_not_seen_in_the_past(visit, live, service, monkeypatch):
    with live() as now:
        [(number,)] = now.con.execute("SELECT client_number FROM golden_party ORDER BY 1 LIMIT 1").fetchall()
    then = {"as_of": "2026-03-02"}
    assert visit().get(f"/clients/{number}", params=then).status_code == 200
    read = lookup.client

    def sealed(*asked):
        found = read(*asked)
        return {**found, "party": {**found["party"], "roles": "client,employee"}}

    monkeypatch.setattr(lookup, "client", sealed)
    api = f"/api/v1/parties/{number}"
    assert visit().get(f"/clients/{number}", params=then).status_code == 403
    assert visit().get(api, params=then).status_code == 403 and service.get(api, params=then).status_code == 200


def test_a_record_that_is_sealed_now_is_not_seen_in_the_past_of_another(visit, live, seal, monkeypatch):
    """A record of a sealed client was once another's: of a split, or of a version that was rolled back."""
    with live() as now:
        found = "SELECT client_number, source, record_id FROM crosswalk ORDER BY md5(client_number), 1 LIMIT 2"
        [(number, *_), (sealed, source, key)] = now.con.execute(found).fetchall()
    read, then = lookup.client, {"as_of": "2026-03-02"}

    def with_its_record(*asked):
        was = read(*asked)
        return {**was, "records": [*was["records"], {**was["records"][0], "source": source, "record_id": key}]}

    monkeypatch.setattr(lookup, "client", with_its_record)
    paths = f"/clients/{number}", f"/api/v1/parties/{number}"
    assert [visit().get(path, params=then).status_code for path in paths] == [200, 200]
    with seal(sealed):
        assert [visit().get(path, params=then).status_code for path in paths] == [403, 403]
        assert visit().get(f"/clients/{number}").status_code == 200, "today it is no record of his"


def test_a_listed_record_that_left_its_source_is_sealed_in_the_past(visit, live):
    with live() as now:
        now.con.execute("INSERT INTO sealed_record VALUES ('core', 'left long ago')")
        past = {
            "party": {"client_number": "1", "roles": ""},
            "records": [{"source": "core", "record_id": "left long ago"}],
        }
        with pytest.raises(Sealed):
            sight.assert_open(now.con, EVERYTHING, past)
        sight.assert_open(now.con, replace(EVERYTHING, opened=("1",)), past)
        now.con.execute("DELETE FROM sealed_record WHERE record_id = 'left long ago'")


def test_a_household_that_is_named_after_it_is_shown_without_its_name(visit, live, seal):
    with live() as now:
        [(name, member)] = now.con.execute("""
            SELECT group_number, client_number FROM view_group
            WHERE layer = 'household' AND client_number <> group_number ORDER BY 1, 2 LIMIT 1""").fetchall()
    assert name in visit().get(f"/clients/{member}").text
    with seal(name):
        pages = visit().get(f"/clients/{member}"), visit("teller").get(f"/desk/clients/{member}/relations")
    for page in pages:
        assert page.status_code == 200 and "household" in page.text and name not in page.text


def test_a_household_is_counted_without_it(visit, live, seal, cases):
    with live() as now:
        [(member, other)] = now.con.execute("""
            SELECT c.client_number, any_value(o.client_number) FROM view_client c
            JOIN view_group g ON g.client_number = c.client_number AND g.layer = 'household'
            JOIN view_group o ON o.layer = g.layer AND o.group_number = g.group_number
            WHERE c.household_size = 2 AND o.client_number <> c.client_number
            GROUP BY ALL ORDER BY 1 LIMIT 1""").fetchall()

    def counted():
        pages = visit().get(f"/clients/{member}").text, visit("manager").get(f"/desk/clients/{member}/indices").text
        return [re.search(r"household size</(?:dt><dd|th><td)[^>]*>\s*(\d*)", page).group(1) for page in pages]

    before = counted()
    with seal(other):
        assert counted() == ["1", "1"] and before == ["2", "2"]
        assert "household" not in tab(visit, member), "a group of one tells of the other"
    assert other in tab(visit, member) and "household" in tab(visit, member)


def tab(visit, number):
    page = visit("teller").get(f"/desk/clients/{number}/relations").text
    return page.split("<main")[1].split('<nav class="pager')[0].split('id="tabs')[-1]


def test_the_glass_is_broken_with_a_reason_for_a_while(sealed, case, visit, form, desk):
    client, other = visit(), visit("approver")
    shown = client.get(f"/clients/{sealed}").text
    sent = form(shown, f"/clients/{sealed}/open") | {"reason": "client asked", "said": "card blocked"}
    assert client.post(f"/clients/{sealed}/open", data=sent | {"said": ""}).status_code == 422
    opened = client.post(f"/clients/{sealed}/open", data=sent)
    assert (opened.status_code, opened.headers["location"]) == (303, f"/clients/{sealed}")
    assert client.get(f"/clients/{sealed}").status_code == 200
    assert client.get(f"/cases/{case['case_id']}").status_code == 200
    assert other.get(f"/clients/{sealed}").status_code == 403, "only for who gave the reason"
    *_, told = (line for line in desk.trail.lines() if line["action"] == "opened sealed client")
    assert (told["client"], told["reason"], told["user"]) == (sealed, "client asked", "Steward One")
    assert "card blocked" not in desk.trail.file.read_text()
    with desk.database.writing() as con:
        con.execute(update(GLASS).values(ends_at=datetime.now(UTC).isoformat()))
    assert client.get(f"/clients/{sealed}").status_code == 403


def test_clients_with_a_sealed_role_are_sealed():
    with duckdb.connect() as con:
        con.execute("""
            CREATE TABLE golden_party AS
            FROM (VALUES ('1', 'client,employee'), ('2', 'client'), ('3', NULL)) t(client_number, roles)""")
        told = "'x' AS legal_entity, 1 AS record_key, 's' AS source, '' AS record_id"
        con.execute(f"CREATE TABLE crosswalk AS SELECT *, {told} FROM golden_party")
        con.execute("CREATE TABLE std_record AS SELECT 1 AS record_key, '010' AS branch")
        con.execute("""
            CREATE TABLE ledger_number AS
            FROM (VALUES ('1', '1'), ('2', '2'), ('3', '3'), ('7', '1'), ('8', '2')) t(client_number, resolves_to)""")
        sight.collect(con)
        assert con.execute("FROM sealed_client ORDER BY 1").fetchall() == [("1", "1"), ("7", "1")], "and its former one"
        assert sight.in_sight(con, EVERYTHING, ["1", "2", "3", "7", "8"]) == {"2", "3", "8"}
        indexed = con.execute(f"SELECT client_number, {SEALED_BY_ROLE} FROM golden_party ORDER BY 1").fetchall()
        assert indexed == [("1", True), ("2", False), ("3", False)]


def test_the_demo_has_sealed_clients_to_try_and_their_records_say_nothing_of_it(visit, desk):
    records = desk.settings.sealed()
    with desk.served.live() as version, version.cursor() as con:
        numbers = {lookup.by_record(con, source, key)[0]["client_number"] for source, key in records}
        roles = [lookup.golden(con, number)["party"]["roles"] for number in numbers]
    assert len(numbers) == len(records) == 4 and not any(
        {"employee", "sealed"} & set(each.split(",")) for each in roles
    )
    client, number = visit(), min(numbers)
    assert client.get(f"/clients/{number}").status_code == 403
    assert client.get(f"/api/v1/parties/{number}").status_code == 403, "the index knows it too"
    said = {"csrf": client.csrf, "reason": "client asked", "said": "card blocked"}
    assert client.post(f"/clients/{number}/open", data=said).status_code == 303
    assert client.get(f"/clients/{number}").status_code == 200
    assert client.get(f"/api/v1/parties/{number}").status_code == 200


def test_a_list_that_is_missing_or_has_no_header_unseals_nobody(tmp_path):
    file = tmp_path / "sealed.csv"
    with pytest.raises(ConfigError, match="does not exist"):
        load_sealed(file)
    file.write_text("core,1\n")
    with pytest.raises(ConfigError, match="source,record_id"):
        load_sealed(file)
    file.write_text("source,record_id,why\ncore,1,staff\n")
    assert load_sealed(file) == {("core", "1")}
    for text, told in (("core, \n", "line 2"), ("core\n", "line 2")):
        file.write_text("source,record_id\n" + text)
        with pytest.raises(ConfigError, match=told):
            load_sealed(file)
    file.write_text("source,record_id\n core , 17 \n")
    assert load_sealed(file) == {("core", "17")}
    file.write_bytes("source,record_id\ncore,1\n".encode("utf-16"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_sealed(file)
