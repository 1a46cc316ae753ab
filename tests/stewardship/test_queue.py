"""The queue: its ranking on literal rows, filters, claims, deferrals, and what a decision takes out of it."""

from datetime import date, timedelta

import pytest

from matching.model import MICRO
from rules.desk import CONSEQUENCE, DUE_DAYS
from stewardship import accounts, queue, workbench
from stewardship import case as one_case
from stewardship.decided import NOTHING
from stewardship.queue import Filter, Standing
from stewardship.sight import EVERYTHING, Scope
from stewardship.workbench import Bench
from store import keymap, versions
from store.duck import connect
from tests.stewardship.conftest import NAMES, PASSWORD

NOBODY = Standing(Bench({}, {}), {})


def at_risk(case, exposure, exposed):
    """In the reporting currency; of two records that are one client it is what is left of the chance."""
    bits = case["weight"] / MICRO * (-1 if case["number_one"] == case["number_other"] else 1)
    chance = max(1, round(1000 / (1 + 2**-bits)))
    return pytest.approx(chance * exposure * CONSEQUENCE.get(case["kind"], 1) * exposed / 1000, abs=0.51)


def test_cases_are_ranked_by_the_documented_formula(cases, live):
    with live() as now:
        exposure = dict(
            now.con.execute("""
            SELECT client_number, records * 1000 + financial_assets + loans_owed
            FROM golden_party JOIN view_client USING (client_number)""").fetchall()
        )
        exposed = dict(now.con.execute("SELECT client_number, coalesce(pep, false) FROM golden_party").fetchall())
    for case in cases():
        numbers = {case["number_one"], case["number_other"]}
        pep = 3 if any(exposed[number] for number in numbers) else 1
        whole = float(sum(exposure[number] for number in numbers))
        assert case["exposure"] == pytest.approx(whole, abs=0.51) and case["risk"] == at_risk(case, whole, pep)
    assert len({case["case_id"] for case in cases()}) == len(cases()) > 5
    assert max(exposure.values()) > 10_000, "somebody owns something"


def test_two_numbers_that_a_source_gave_one_client_are_a_case(cases, live):
    found = cases("kind = 'two_numbers'")
    with live() as now:
        told = now.con.execute("SELECT source, records FROM finding WHERE state = 'open'").fetchall()
    pairs = {frozenset((case["one"], case["other"])) for case in found}
    assert pairs == {frozenset(f"{source}:{record}" for record in records) for source, records in told} and told
    assert all(case["number_one"] == case["number_other"] for case in found)
    alike = [case for case in cases() if case["kind"] == "band" and case["weight"] > 10 * MICRO]
    safe = [case for case in found if case["weight"] > 20 * MICRO]
    assert max(case["risk"] / case["exposure"] for case in safe) < min(
        case["risk"] / case["exposure"] for case in alike
    )


@pytest.mark.parametrize("order, key", [("risk", lambda c: (-c["risk"], c["case_id"])),
                                        ("weight", lambda c: (-c["weight"], c["case_id"]))])  # fmt: skip
def test_orders_are_total(live, cases, order, key):
    with live() as now:
        found = queue.page(now.con, Filter(order=order), NOBODY, "x")
    assert [case["case_id"] for case in found] == [case["case_id"] for case in sorted(cases(), key=key)][: queue.PAGE]


def test_filters_leave_what_they_say(live, cases):
    source = cases()[0]["sources"][0]
    with live() as now:
        found = queue.page(now.con, Filter(source=source, party_type="person"), NOBODY, "x")
        counts = queue.counts(now.con, Filter(source=source, party_type="person"), NOBODY, "x")
    wanted = {c["case_id"] for c in cases("party_type = 'person'") if source in c["sources"]}
    assert {case["case_id"] for case in found} == wanted and counts["open"] == len(wanted)


def test_states_share_the_cases_out(live, cases):
    ids = [case["case_id"] for case in cases()]
    team = frozenset({"me", "you"})
    now_ = Standing(Bench({ids[0]: "me", ids[1]: "you"}, {ids[2]: "2099-01-01"}), {ids[3]: 7}, team=team)
    with live() as now:
        counts = queue.counts(now.con, Filter(), now_, "me")
        shown = {state: queue.page(now.con, Filter(state=state), now_, "me") for state in counts}
        ages = queue.ages(now.con, now_)
        assert sum(ages.values()) - ages["overdue"] == counts["open"]
    rest = len(ids)
    assert counts == {"open": rest - 2, "mine": 1, "team": 2, "free": rest - 4, "snoozed": 1, "decided": 1}
    assert [case["case_id"] for case in shown["mine"]] == ids[:1] and shown["decided"][0]["decision"] == 7
    assert shown["snoozed"][0]["snoozed"] == "2099-01-01"


def test_a_case_is_due_by_its_consequence(live, cases):
    with live() as now:
        due = [case["due"] for case in queue.page(now.con, Filter(order="due"), NOBODY, "x")]
    for case in cases():
        assert case["due"] == case["first_seen"] + timedelta(days=DUE_DAYS[CONSEQUENCE.get(case["kind"], 1)])
    assert due == sorted(due)


@pytest.mark.parametrize("after, age", [(0, "day"), (1, "day"), (2, "week"), (8, "month"), (31, "longer")])
def test_a_case_ages_with_the_days_of_people_also_where_no_night_runs(live, cases, after, age):
    first = min(case["first_seen"] for case in cases())
    new = [case for case in cases() if case["first_seen"] == first]
    then = Standing(Bench({}, {}), {}, today=first + timedelta(days=after))
    with live() as now:
        found = {row["case_id"]: row for row in queue.page(now.con, Filter(), then, "x", 500)}
        ages = queue.ages(now.con, then)
        late = {row["case_id"] for row in queue.page(now.con, Filter(age="overdue"), then, "x", 500)}
        [same] = [one_case.find(now.con, new[0]["case_id"], NOTHING, then.today, EVERYTHING).item]
    assert {found[one["case_id"]]["age"] for one in new} == {age} == {same["age"]} and ages[age] >= len(new)
    overdue = {one["case_id"] for one in cases() if one["due"] < then.today}
    assert late == overdue and ages["overdue"] == len(overdue) and bool(overdue) == (after == 31)


def test_filters_by_branch_and_by_age(live, cases):
    [branch, *_] = [name for case in cases() for name in case["branches"] if name]
    with live() as now:
        found = queue.counts(now.con, Filter(branch=branch), NOBODY, "x")["open"]
        aged = {age: queue.counts(now.con, Filter(age=age), NOBODY, "x")["open"] for age in queue.AGES}
        ages = queue.ages(now.con, NOBODY)
    assert found == sum(branch in case["branches"] for case in cases()) > 0
    assert aged == {age: ages[age] for age in queue.AGES} and sum(aged.values()) == len(cases())


def test_the_inbox_of_a_team_is_what_those_have_who_see_the_same_clients(visit, cases, desk):
    for name, scope in (("Near", ("bank_az",)), ("Nearer", ("bank_az",)), ("Far", ("lease_az",))):
        accounts.add(desk.database, f"{name} Steward", "steward", PASSWORD, Scope(scope))
    assert accounts.team(desk.database, Scope(("bank_az",))) == {"Near Steward", "Nearer Steward"}
    case = next(one["case_id"] for one in cases() if one["entities"] == ["bank_az", "bank_az"])
    near = visit("steward", "near steward")
    sent = {"work": "claim", "csrf": near.csrf}
    assert near.post(f"/cases/{case}/work", data=sent).status_code == 303
    inbox = "/queue?state=team"
    assert case in visit("steward", "nearer steward").get(inbox).text
    assert case not in visit("steward", "far steward").get(inbox).text and case not in visit().get(inbox).text
    near.post(f"/cases/{case}/work", data={"work": "release", "csrf": near.csrf})


def test_a_case_waits_since_the_first_version_that_had_it(cases, home, live):
    before = versions.manifest(home, 1)
    with live() as now, connect([home.root], home.cache) as con:
        keymap.attach(con, home)
        versions.attach(con, home, before, ["review"])
        had = {frozenset(row[:2]) | {row[2]} for row in con.execute(PAIRS).fetchall()}
    for case in cases("kind <> 'two_numbers'"):
        known = frozenset((case["one"], case["other"])) | {case["kind"]} in had
        assert case["first_seen"] == (before.business_date if known else now.version.manifest.business_date)


PAIRS = """
    SELECT l.source || ':' || l.record_id, r.source || ':' || r.record_id, kind FROM review
    JOIN key_map l ON l.record_key = record_key_l JOIN key_map r ON r.record_key = record_key_r"""


def test_the_way_through_the_queue_goes_once_around(live, cases):
    ids = [case["case_id"] for case in cases()]
    with live() as now:
        around = {case: queue.around(now.con, Filter(), NOBODY, "x", case) for case in ids}
    assert [one.before and one.before["case_id"] for one in around.values()] == [None, *ids[:-1]]
    for place, one in enumerate(around.values()):
        after = [case["case_id"] for case in one.after]
        assert after == (ids + ids)[place + 1 : place + 1 + queue.NEXT] and one.others == len(ids) - 1


def test_claims_and_deferrals_show_in_the_page(visit, cases, desk):
    case, client = cases()[0]["case_id"], visit()
    path = f"/cases/{case}/work"
    assert client.post(path, data={"work": "claim", "csrf": client.csrf}).status_code == 303
    assert "Steward One" in client.get("/queue?state=mine").text
    until = (date.today() + timedelta(days=3)).isoformat()
    going = client.post(path, data={"work": "snooze", "until": until, "csrf": client.csrf})
    assert case not in going.headers["location"] and going.headers["location"].startswith("/cases/")
    assert case not in client.get("/queue").text and case in client.get("/queue?state=snoozed").text
    assert workbench.bench(desk.database, date.today() + timedelta(days=4)).snoozed == {}, "it comes back by itself"
    for work in ("wake", "release"):
        client.post(path, data={"work": work, "csrf": client.csrf})
    assert case in client.get("/queue?state=free").text


def test_a_case_is_assigned_to_somebody_who_decides(visit, cases):
    case, client = cases()[2]["case_id"], visit()
    sent = {"work": "assign", "csrf": client.csrf}
    for nobody in ("", "Nobody", NAMES["auditor"]):
        assert client.post(f"/cases/{case}/work", data=sent | {"to": nobody}).status_code == 404
    assert client.post(f"/cases/{case}/work", data=sent | {"to": NAMES["approver"]}).status_code == 303
    assert case in visit("approver").get("/queue?state=mine").text


def test_a_comment_is_noted_once(visit, cases, desk):
    case, client = cases()[1]["case_id"], visit()
    sent = {"work": "comment", "said": "ask  the\r\nbranch", "request": "r" * 16, "csrf": client.csrf}
    for _ in range(2):
        client.post(f"/cases/{case}/work", data=sent)
    assert [row["said"] for row in workbench.comments(desk.database, case)] == ["ask the branch"]
    assert "ask the branch" in client.get(f"/cases/{case}").text


@pytest.mark.parametrize("asked", ["page=1000000000", "page=0", "page=x", "order=name", "state=all", "surprise=1"])
def test_a_filter_that_cannot_be_is_refused(visit, asked):
    assert visit().get(f"/queue?{asked}").status_code == 422


def test_an_empty_queue_says_what_to_do(visit):
    page = visit().get("/queue?state=decided").text
    assert "Nothing waits here" in page and 'href="/queue"' in page
    assert visit().get("/queue?page=99").status_code == 200


def test_filters_that_leave_nothing_say_how_many_cases_they_hide(visit, cases):
    nothing = visit().get("/queue?branch=nowhere&order=due").text
    assert f"The filters hide {len(cases())} cases." in nothing and "Every case of this version" not in nothing
    assert '<a class="button" href="/queue">Clear the filters</a>' in nothing
    mine = visit("quality").get("/queue?state=mine&branch=nowhere").text
    assert "The filters hide" not in mine, "there are none without filters either"
