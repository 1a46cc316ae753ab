"""Users kept on the page: added, changed, given passwords; who may not; what the trail has of it."""

import re

import pytest

from rules.errors import ConfigError
from stewardship import accounts, sessions
from stewardship.sight import Scope
from store.desk import USER
from tests.stewardship.conftest import NAMES, PASSWORD


@pytest.fixture
def admin(visit):
    return visit("admin")


@pytest.fixture
def send(admin):
    """`send(path, **fields)`: a form of the administrator's page."""

    def post(path, client=admin, **fields):
        return client.post(path, data={"csrf": client.csrf, **fields})

    return post


@pytest.fixture
def eva(desk):
    """A user with an open session, anew for each test."""
    with desk.database.writing() as con:
        con.execute(USER.delete().where(USER.c.key == "eva"))
    return accounts.add(desk.database, "Eva", "steward", PASSWORD)


def shown(answer):
    """The password that a page shows."""
    return re.search(r"<b>([^<]*)</b> <code>([a-z0-9-]{23})</code>", answer.text).groups()


def logs_in(visit, name, password):
    return visit("").post("/login", data={"name": name, "password": password}).status_code == 303


def test_a_user_is_added_with_role_and_scope_and_a_password_that_is_shown_once(send, admin, visit, desk):
    answer = send("/users/add", name="Fresh  Face", role="manager", entities="bank_az, bank_az", branches=" 001,007 ",
                  manager="RM1")  # fmt: skip
    name, password = shown(answer)
    made = accounts.find(desk.database, "fresh face")
    assert name == made.name == "Fresh Face" and (made.role, made.manager) == ("manager", "RM1")
    assert made.scope == Scope(("bank_az",), ("001", "007")) and logs_in(visit, "fresh face", password)
    assert password not in admin.get("/users").text
    [line] = [line for line in desk.trail.lines() if line["action"] == "added user"]
    facts = ("user", "about", "role", "entities", "branches", "manager")
    assert [line[fact] for fact in facts] == [NAMES["admin"], "Fresh Face", "manager", "bank_az", "001,007", "RM1"]
    assert password not in desk.trail.file.read_text() and password.encode() not in desk.database.file.read_bytes()


@pytest.mark.parametrize(
    "fields, told",
    [
        ({"name": NAMES["steward"].upper()}, "cannot be told from"),
        ({"name": "Neu", "role": "stewart"}, "steward"),
        ({"name": "Neu", "entities": "bank_azz"}, "bank_az"),
        ({"name": " "}, "printable letters"),
    ],
)
def test_a_user_that_cannot_be_is_refused_with_the_reason(send, desk, fields, told):
    before = accounts.users(desk.database), len(desk.trail.lines())
    answer = send("/users/add", **{"role": "viewer", **fields})
    assert answer.status_code == 422 and told in answer.text
    assert (accounts.users(desk.database), len(desk.trail.lines())) == before


def test_another_role_and_scope_count_at_once_and_end_the_sessions(send, visit, desk, eva):
    session = visit("steward", "eva")
    assert session.get("/queue").status_code == 200
    assert send("/users/change", name="eva", role="viewer", branches="060").status_code == 303
    assert session.get("/queue").status_code == 303
    found = accounts.find(desk.database, "eva")
    assert (found.role, found.scope) == ("viewer", Scope((), ("060",))) and logs_in(visit, "Eva", PASSWORD)
    line = desk.trail.lines()[-2]
    assert [line[fact] for fact in ("action", "about", "role", "entities", "branches")] == [
        "changed user", "Eva", "viewer", "all", "060",
    ]  # fmt: skip
    assert send("/users/change", name="nobody at all", role="viewer").status_code == 404


def test_another_password_ends_the_sessions_and_the_old_one(send, visit, desk, eva):
    session = visit("steward", "eva")
    name, password = shown(send("/users/password", name="EVA"))
    assert session.get("/queue").status_code == 303 and name == "Eva"
    assert logs_in(visit, "eva", password) and not logs_in(visit, "eva", PASSWORD)
    line = next(line for line in reversed(desk.trail.lines()) if line["action"] == "gave user another password")
    assert line["about"] == "Eva" and password not in str(line)


@pytest.mark.parametrize(
    "path, fields",
    [
        ("/users", {"work": "disable"}),
        ("/users/change", {"role": "viewer"}),
        ("/users/change", {"role": "admin", "branches": "060"}),
        ("/users/password", {}),
    ],
)
def test_nobody_changes_himself(send, admin, desk, path, fields):
    before = accounts.find(desk.database, NAMES["admin"].casefold())
    assert send(path, name="ADMIN  one", **fields).status_code == 403
    assert accounts.find(desk.database, NAMES["admin"].casefold()) == before and admin.get("/users").status_code == 200


def test_an_administrator_of_some_clients_makes_nobody_who_sees_more(send, visit, desk, eva):
    accounts.add(desk.database, "Small Admin", "admin", PASSWORD, Scope(("bank_az",)))
    small = visit("admin", "small admin")
    for path, fields in (("add", {"name": "Neu", "role": "viewer"}), ("change", {"name": "Eva", "role": "viewer"}),
                         ("password", {"name": "Eva"})):  # fmt: skip
        assert send(f"/users/{path}", small, **fields).status_code == 403
    page = small.get("/users").text
    assert "/users/add" not in page and "/users/change" not in page and "Shut out" in page
    assert send("/users", small, name="Eva", work="disable").status_code == 303


def test_the_form_of_change_holds_what_is(admin, desk, eva):
    accounts.change(desk.database, "eva", "approver", Scope(("bank_az",), ("001", "007")))
    row = next(row for row in admin.get("/users").text.split("<tr>") if "<td>Eva</td>" in row)
    assert '<option value="approver" selected>' in row and 'value="001, 007"' in row and 'value="bank_az"' in row
    own = next(row for row in admin.get("/users").text.split("<tr>") if f"<td>{NAMES['admin']}</td>" in row)
    assert "<form" not in own


def test_whom_the_provider_keeps_is_changed_there(desk, eva):
    with desk.database.writing() as con:
        con.execute(USER.update().where(USER.c.key == "eva").values(subject="https://issuer u-1"))
    for change in (lambda: accounts.change(desk.database, "eva", "admin"),
                   lambda: accounts.set_password(desk.database, "eva", PASSWORD)):  # fmt: skip
        with pytest.raises(ConfigError, match="identity provider"):
            change()
    assert accounts.find(desk.database, "eva").role == "steward"


def test_passwords_to_begin_with_are_never_the_same():
    made = {accounts.new_password() for _ in range(200)}
    assert len(made) == 200 and all(re.fullmatch("([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}", one) for one in made)


def test_a_password_that_somebody_gave_opens_nothing_until_another_is_chosen(send, visit, desk, form, live):
    with live() as now:
        [(number,)] = now.con.execute("SELECT min(client_number) FROM golden_party").fetchall()
    name, given = shown(send("/users/add", name="New Hand", role="approver"))
    client = visit("")
    assert client.post("/login", data={"name": name, "password": given}).status_code == 303
    for path in ("/queue", f"/clients/{number}", "/decisions"):
        assert client.get(path).headers["location"] == "/password", path
    assert client.get(f"/api/v1/parties/{number}").status_code == 403
    sent = form(client.get("/password").text, "/password")
    assert client.post("/decisions/1/approve", data=sent | {"request": "a request"}).status_code == 403
    own = "three words of mine"
    for old, new, again, status in (("wrong", own, own, 401), (given, own, own + "x", 422), (given, given, given, 422),
                                    (given, "short", "short", 422)):  # fmt: skip
        answer = client.post("/password", data=sent | {"old": old, "new": new, "again": again})
        assert answer.status_code == status and 'role="alert"' in answer.text, (old, new)
    other = visit("")
    assert other.post("/login", data={"name": name, "password": given}).status_code == 303
    assert client.post("/password", data=sent | {"old": given, "new": own, "again": own}).status_code == 303
    assert client.get("/queue").status_code == 200 and other.get("/queue").headers["location"].startswith("/login")
    assert logs_in(visit, name, own) and not logs_in(visit, name, given)
    assert [line["user"] for line in desk.trail.lines() if line["action"] == "chose password"] == [name]
    shown(send("/users/password", name=name))
    assert client.get("/queue").headers["location"].startswith("/login")


def test_anybody_changes_his_own_password_and_guessing_the_old_one_ends(visit, form, eva):
    client = visit("")
    client.post("/login", data={"name": eva.name, "password": PASSWORD})
    assert 'href="/password"' in client.get("/queue").text
    sent = form(client.get("/password").text, "/password") | {"new": "x" * 20, "again": "x" * 20}
    tried = [client.post("/password", data=sent | {"old": f"guess {place}"}).status_code for place in range(12)]
    assert tried[0] == 401 and tried[-1] == 429


def test_a_service_and_a_person_are_told_apart_on_the_trail(send, desk, eva):
    with pytest.raises(ConfigError, match="cannot be told from Eva"):
        sessions.issue_token(desk.database, "EVA", 1)
    sessions.issue_token(desk.database, "warehouse", 1)
    assert send("/users/add", name="Warehouse", role="viewer").status_code == 422
