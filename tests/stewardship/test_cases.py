"""The case page: what it shows, that everything in it is inert, and answers that go through the one decision log."""

import html
import re
from datetime import date

import pytest

from stages import decide
from store import versions
from store.decisions import open_log
from store.decisions.state import ENDED, IN_EFFECT, PENDING

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def send(visit, form, desk):
    """`send(case, answer)`: answer a case as its page's form does; the response, and what was sent."""

    def answer(case, kind, role="steward", name="", **changed):
        client = visit(role, name)
        path = f"/cases/{case['case_id']}/answer"
        sent = {**form(client.get(f"/cases/{case['case_id']}").text, path), "answer": kind, **changed}
        return client.post(path, data=sent), sent

    return answer


@pytest.fixture
def log(home):
    """The decisions by number, as the log has them."""
    return lambda: open_log(home).decisions()


@pytest.fixture
def fresh(cases, desk):
    """`fresh(where)`: a case that nobody decided yet."""

    def pick(where="number_one <> number_other"):
        used = {record for d in desk.decisions().values() for record in (*d.entry.left, *d.entry.right)}
        return next(c for c in cases(where) if not {tuple(c[side].split(":", 1)) for side in ("one", "other")} & used)

    return pick


def about(decision):
    return {":".join(record) for record in (*decision.entry.left, *decision.entry.right)}


def test_the_page_shows_records_evidence_graph_and_the_sentence(visit, cases, desk):
    case = cases()[0]
    page = visit().get(f"/cases/{case['case_id']}").text
    with desk.served.live() as version:
        explained = desk.explanations.of(version.number, case["one"], case["other"])
    assert explained.why in html.unescape(page)
    for word in (case["one"], case["other"], case["number_one"], case["number_other"], "<mark>", 'class="edge cut"'):
        assert word in page
    picture = visit().get(html.unescape(re.search(r'src="(/why/picture.svg[^"]+)"', page).group(1)))
    assert picture.headers["content-type"] == "image/svg+xml" and picture.text.startswith("<svg")
    assert "script" not in picture.headers["content-security-policy"]


def at_stake(client, case):
    page = html.unescape(client.get(f"/cases/{case['case_id']}").text)
    return page.split('id="stake-title"')[1].split("</section>")[0]


def test_the_page_shows_what_is_at_stake_and_leaves_out_who_is_sealed(visit, cases, live, seal):
    with live() as now:
        [(number, other, name)] = now.con.execute("""
            SELECT number_one, other_number, display_name FROM case_item JOIN case_tie ON client_number = number_one
            WHERE NOT starts_with(display_name, '<') ORDER BY 1, 2 LIMIT 1""").fetchall()
        [(worth,)] = now.con.execute(
            "SELECT financial_assets FROM view_client WHERE client_number = ?", [number]
        ).fetchall()
    [case] = cases(f"number_one = '{number}' OR number_other = '{number}'")[:1]
    assert all(told in at_stake(visit(), case) for told in (f"{worth:,}", other, name))
    with seal(other):
        hidden = at_stake(visit(), case)
    assert f"{worth:,}" in hidden and other not in hidden and name not in hidden
    assert "random sample" in visit().get("/queue").text and "random sample" not in visit("viewer").get("/queue").text


def test_an_unknown_case_is_not_here(visit):
    assert visit().get("/cases/0123456789abcdef").status_code == 404
    assert visit().get("/cases/../queue").status_code == 200
    assert visit().get("/cases/zz").status_code == 422


def test_one_client_waits_for_a_second_person_and_leaves_the_queue(send, fresh, log, visit, desk):
    case = fresh()
    answer, _ = send(case, "match", said="same passport seen")
    made = max(log().values(), key=lambda d: d.id)
    assert answer.status_code == 303 and answer.headers["location"].endswith(f"#done-{made.id}")
    assert (made.entry.kind, made.entry.author, about(made)) == ("merge", "Steward One", {case["one"], case["other"]})
    assert made.payload.reason == "evidence as shown: same passport seen"
    assert made.state(date.today()) == PENDING
    assert case["case_id"] not in visit().get("/queue").text
    assert case["case_id"] in visit().get("/queue?state=decided").text
    told = [line for line in desk.trail.lines() if line["action"] == "decided case"][-1]
    assert (told["user"], told["case"], told["decision"]) == ("Steward One", case["case_id"], made.id)
    assert case["name_one"] not in desk.trail.file.read_text()


def test_two_clients_are_kept_apart_with_all_their_records(send, fresh, log, live):
    case = fresh()
    answer, _ = send(case, "apart")
    made = max(log().values(), key=lambda d: d.id)
    with live() as now:
        rows = now.con.execute(
            "SELECT source || ':' || record_id FROM crosswalk WHERE client_number IN (?, ?)",
            [case["number_one"], case["number_other"]],
        ).fetchall()
    assert answer.status_code == 303 and about(made) == {row[0] for row in rows}
    assert (made.entry.kind, made.state(date.today())) == ("cannot_link", IN_EFFECT)


def test_after_an_answer_comes_the_case_that_its_page_told(send, fresh, visit, form, home):
    case = fresh()
    page = visit().get(f"/cases/{case['case_id']}").text
    told = form(page, f"/cases/{case['case_id']}/answer")["following"]
    number, after = versions.manifest(home).version, told.partition(":")[2]
    assert told == f"{number}:{after}" and f'href="/cases/{after}' in page
    other = next(c for c in ("0" * 16, "f" * 16) if c != after)
    shown = {told: after, f"{number}:{other}": other, f"{number}:": "", f"{number + 1}:{other}": after, "": after}
    for following, expected in shown.items():
        answer, sent = send(case, "apart", following=following, request="abcdef0123456789")
        assert sent["following"] == following
        place = f"/cases/{expected}" if expected else "/queue"
        assert answer.status_code == 303 and answer.headers["location"].split("#")[0] == place
    assert send(case, "apart", following=f"{number}://elsewhere.example")[0].status_code == 422


def test_a_double_click_decides_once(send, fresh, log, visit):
    case = fresh()
    first, sent = send(case, "apart")
    count = len(log())
    again = visit().post(f"/cases/{case['case_id']}/answer", data={**sent, "csrf": ""})
    assert again.status_code == 403, "another session's form"
    client = visit()
    again = client.post(f"/cases/{case['case_id']}/answer", data={**sent, "csrf": client.csrf})
    assert first.status_code == again.status_code == 303 and len(log()) == count


def test_an_answer_that_comes_again_after_the_night_that_carried_it_out_is_none(send, fresh, log, visit, live):
    case = fresh()
    _, sent = send(case, "apart")
    count, client = len(log()), visit()
    with live() as now:
        now.con.execute("CREATE TABLE gone AS FROM case_item WHERE case_id = ?", [case["case_id"]])
        now.con.execute("DELETE FROM case_item WHERE case_id = ?", [case["case_id"]])
    try:
        answers = [
            client.post(f"/cases/{case['case_id']}/answer", data={**sent, "csrf": client.csrf, **other}).status_code
            for other in ({}, {"answer": "match"}, {"request": "0123456789abcdef"})
        ]
    finally:
        with live() as now:
            now.con.execute("INSERT INTO case_item FROM gone")
            now.con.execute("DROP TABLE gone")
    assert answers == [303, 404, 404] and len(log()) == count


def test_an_answer_to_an_outdated_case_is_refused_and_shows_it_as_it_is(send, fresh, log, visit, form):
    case = fresh()
    late = visit("approver")
    path = f"/cases/{case['case_id']}/answer"
    seen = form(late.get(f"/cases/{case['case_id']}").text, path)
    send(case, "apart")
    count = len(log())
    answer = late.post(path, data={**seen, "answer": "match"})
    assert answer.status_code == 409 and "changed while you looked" in answer.text and "cannot link" in answer.text
    assert len(log()) == count
    now = form(answer.text, path)
    answer = late.post(path, data={**now, "answer": "match"})
    assert answer.status_code == 409 and "cannot_link (decision" in answer.text, (
        "the log itself refuses it, with the chain"
    )
    assert len(log()) == count


def test_what_was_proposed_before_it_was_contradicted_cannot_be_approved(send, fresh, visit, log, cases, home):
    case = fresh()
    send(case, "match")
    merge = max(log())
    decide.link(home, "cannot_link", case["one"], case["other"], decide.Decider("Somebody Else", "seen both"))
    other = visit("approver")
    refused = other.post(f"/decisions/{merge}/approve", data={"csrf": other.csrf, "request": "r" * 12})
    assert refused.status_code == 409 and "cannot_link (decision" in refused.text
    assert log()[merge].state(date.today()) == PENDING


def test_four_eyes_and_undo(send, fresh, log, visit):
    case = fresh()
    send(case, "match", "approver")
    decision = max(log())
    own, other, steward = visit("approver"), visit("approver", "approver two"), visit()
    path = f"/decisions/{decision}"
    assert f"{path}/approve" not in own.get("/decisions").text and f"{path}/approve" in other.get("/decisions").text
    assert own.post(f"{path}/approve", data={"csrf": own.csrf, "request": "a" * 12}).status_code == 403
    assert steward.post(f"{path}/end", data={"csrf": steward.csrf, "request": "b" * 12}).status_code == 403
    assert log()[decision].state(date.today()) == PENDING
    assert other.post(f"{path}/approve", data={"csrf": other.csrf, "request": "c" * 12}).status_code == 303
    assert (log()[decision].state(date.today()), log()[decision].approver) == (IN_EFFECT, "Approver Two")
    assert own.post(f"{path}/end", data={"csrf": own.csrf, "request": "d" * 12}).status_code == 303
    assert log()[decision].state(date.today()) == IN_EFFECT, "two persons made it, two end it"
    assert own.post(f"{path}/end", data={"csrf": own.csrf, "request": "e" * 12}).status_code == 409
    assert f"{path}/end" not in own.get("/decisions").text and f"{path}/end" in other.get("/decisions").text
    assert other.post(f"{path}/end", data={"csrf": other.csrf, "request": "f" * 12}).status_code == 303
    assert (log()[decision].state(date.today()), log()[decision].ended_by) == (ENDED, "Approver Two")
    assert case["case_id"] in visit().get("/queue?page=1").text, "what is undone waits again"


def test_a_split_takes_the_marked_records_of_one_client(send, cases, live, log):
    with live() as now:
        sizes = dict(now.con.execute("SELECT client_number, records FROM golden_party").fetchall())
    case = next(c for c in cases() if sizes[c["number_one"]] > 1 and c["number_one"] != c["number_other"])
    none, _ = send(case, "split")
    both, _ = send(case, "split", records=[case["one"], case["other"]])
    count = len(log())
    assert none.status_code == both.status_code == 409
    answer, _ = send(case, "split", records=[case["one"]])
    made = log()[max(log())]
    assert answer.status_code == 303 and len(log()) == count + 1
    assert made.entry.kind == "split" and [":".join(r) for r in made.entry.left] == [case["one"]]


def test_records_of_one_client_are_kept_together_or_split(send, cases, live, log, visit):
    """A re-opened decision, or a split that a freeze holds back, is a case about two records of one client."""
    case = cases()[-1]
    with live() as now:
        rows = now.con.execute("""
            SELECT source || ':' || record_id, record_key, client_number FROM crosswalk
            QUALIFY count(*) OVER (PARTITION BY client_number) = 2 ORDER BY client_number, 1 LIMIT 2""").fetchall()
        now.con.execute(
            "UPDATE case_item SET one = ?, other = ?, key_one = ?, key_other = ?, number_one = ?, number_other = ?, "
            "kind = 'reopened' WHERE case_id = ?",
            [rows[0][0], rows[1][0], rows[0][1], rows[1][1], rows[0][2], rows[1][2], case["case_id"]],
        )
    page = visit().get(f"/cases/{case['case_id']}").text
    assert "Keep together" in page and 'value="apart"' not in page
    refused, _ = send(case, "apart")
    assert refused.status_code == 409 and "one client already" in refused.text
    answer, _ = send(case, "confirm")
    made = log()[max(log())]
    assert answer.status_code == 303 and (made.entry.kind, made.effect) == ("confirm", "must_link")
    assert about(made) == {rows[0][0], rows[1][0]}


@pytest.mark.parametrize("changed", [{"answer": "merge"}, {"approver": "me"}, {"reason": "because"}, {"request": "x"},
                                     {"said": "x" * 1001}])  # fmt: skip
def test_a_form_with_other_fields_or_values_is_refused(send, fresh, log, changed):
    count = len(log())
    answer, _ = send(fresh(), **{"kind": "apart", **changed} if "answer" not in changed else {"kind": "merge"})
    assert answer.status_code == 422 and len(log()) == count


def test_whatever_a_source_says_is_inert(visit, cases, desk, monkeypatch):
    """Every text of the case that a source or a person gave is replaced by a script, on its way into the template."""
    from stewardship import case as module
    from stewardship.compare import Value, lines

    found = module.find

    def poisoned(*given):
        case = found(*given)
        item = case.item | {"name_one": EVIL, "name_other": f'"><img src=x onerror=alert(1)>{EVIL}', "reason": EVIL}
        members = [row | {"display_name": EVIL, "name": EVIL} for row in case.members]
        said = {"id": 1, "kind": EVIL, "state": "in effect", "author": EVIL, "at": "2026-01-01", "approver": EVIL,
                "ended_by": EVIL, "reason": EVIL, "field": EVIL}  # fmt: skip
        return module.Case(item, members, [said], case.state)

    values = {"name.current": [Value(EVIL, EVIL, EVIL)]}
    monkeypatch.setattr(module, "find", poisoned)
    monkeypatch.setattr(module, "compared", lambda *_: lines(["name.current"], [], values, {}))
    monkeypatch.setattr(
        module, "picture", lambda *_: module.graph.draw([[EVIL], ["b"]], [(EVIL, "b", 1)], (EVIL, "b"), 0)
    )
    page = visit().get(f"/cases/{cases()[0]['case_id']}").text
    assert "<script>alert" not in page and "<img src=x" not in page and page.count("&lt;script&gt;") >= 12
    assert re.findall(r"<script[^>]*>", page) == [
        tag for tag in re.findall(r"<script[^>]*>", page) if 'src="/static' in tag
    ]
    assert not re.search(r"\son\w+=|style=|javascript:", re.sub(r"&[^;]+;[^<]*", "", page))
