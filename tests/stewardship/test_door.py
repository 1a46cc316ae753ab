"""Logging in, staying in, being thrown out; what every answer carries; requests that are refused at the door."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from rules.errors import ConfigError, NotFound
from rules.limits import Limits
from stewardship import accounts, limits, sessions
from store.desk import SESSION, TOKEN
from tests.stewardship.conftest import NAMES, PASSWORD, SITE

COOKIE = "registry_session"


def login(client, name=NAMES["steward"], password=PASSWORD, **more):
    return client.post("/login", data={"name": name, "password": password, **more})


@pytest.fixture(autouse=True)
def no_failures(desk):
    yield
    desk.attempts._failed.clear()


def test_log_in_and_out(visit):
    client = visit("")
    assert client.get("/queue").headers["location"] == "/login?onward=/queue"
    answer = login(client, name="  STEWARD one ", onward="/decisions")
    assert (answer.status_code, answer.headers["location"]) == (303, "/decisions")
    assert client.get("/queue").status_code == 200
    old = client.cookies[COOKIE]
    page = client.get("/queue").text
    csrf = re.search(r'data-csrf="([^"]+)"', page).group(1)
    assert client.post("/logout", data={"csrf": csrf}).status_code == 303
    client.cookies.set(COOKIE, old)
    assert client.get("/queue").status_code == 303, "the session itself ended, not only its cookie"


def test_the_cookie_is_hidden_from_scripts_and_other_sites(visit):
    cookie = login(visit("")).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie


def test_a_wrong_password_and_an_unknown_name_look_alike(visit):
    wrong, unknown = login(visit(""), password="x" * 12), login(visit(""), name="nobody at all")
    assert wrong.status_code == unknown.status_code == 401
    strip = re.compile(r'value="[^"]*"| autofocus')
    assert strip.sub("", wrong.text) == strip.sub("", unknown.text)


def test_a_session_that_somebody_planted_is_not_taken_over(visit):
    client = visit("")
    client.cookies.set(COOKIE, "planted")
    answer = login(client)
    assert "planted" not in answer.headers["set-cookie"]


def test_a_user_who_is_shut_out_is_out_at_once(visit, desk):
    accounts.add(desk.database, "Leaver", "steward", PASSWORD)
    client = visit("steward", "leaver")
    assert client.get("/queue").status_code == 200
    accounts.disable(desk.database, "leaver")
    assert client.get("/queue").status_code == 303
    assert login(visit(""), "Leaver").status_code == 401
    accounts.disable(desk.database, "leaver", disabled=False)
    assert login(visit(""), "Leaver").status_code == 303


@pytest.mark.parametrize("column, ago", [("seen_at", sessions.IDLE), ("created_at", sessions.LONGEST)])
def test_a_session_ends_by_idling_and_after_a_working_day(visit, desk, column, ago):
    client = visit()
    with desk.database.writing() as con:
        old = datetime.now(UTC) - ago - timedelta(seconds=1)
        con.execute(update(SESSION).values({column: old.isoformat()}))
    assert client.get("/queue").status_code == 303


def test_a_flood_of_log_ins_is_stopped_for_the_name_and_the_address(visit, monkeypatch):
    monkeypatch.setattr(limits, "FAILURES", 3)
    client = visit("")
    for _ in range(3):
        assert login(client, password="wrong password").status_code == 401
    stopped = login(client)
    assert stopped.status_code == 429 and int(stopped.headers["retry-after"]) > 0
    assert login(visit(""), NAMES["auditor"]).status_code == 429, "the address too"


def test_a_flood_of_pages_waits_by_user_and_by_address(visit, desk, service, monkeypatch):
    monkeypatch.setattr(desk, "pages", limits.Rate(3, 60))
    client, again, nobody = visit(), visit(), visit("")
    assert [each.get("/queue").status_code for each in (client, again, client, again, client)] == [200] * 3 + [429] * 2
    stopped = client.get("/queue", headers={"accept-language": "ro"})
    assert 0 < int(stopped.headers["retry-after"]) <= 60 and "prea multe pagini" in stopped.text
    assert NAMES["steward"] in stopped.text and stopped.headers["x-frame-options"] == "DENY"
    assert visit("approver").get("/queue").status_code == 200, "each user for himself"
    nobody.cookies.set(COOKIE, "made up")
    asked = [nobody.get(path).status_code for path in ("/login", "/nothing", "/login/provider", "/login", "/queue")]
    assert asked == [200, 404, 404, 429, 429], "who is nobody, by address, whatever he sends"
    assert login(visit("")).status_code == 429 and visit("viewer").get("/queue").status_code == 200
    assert nobody.get("/static/desk.js").status_code == service.get("/api/v1/version").status_code == 200


def test_what_a_bank_declares_is_the_limit(home):
    from rules.settings import load_registry
    from stewardship.desk import desk

    declared = load_registry(home.root / "bank" / "registry.yaml")
    registry = declared.registry.model_copy(update={"limits": Limits(pages=7, api=30)})
    for settings, expected in ((None, (400, 5000)), (replace(declared, registry=registry), (140, 300))):
        made = desk(home, settings)
        made.close()
        assert (made.pages.requests, made.rate.requests) == expected
    assert replace(declared, registry=registry).rules_hash() == declared.rules_hash(), "it changes no result"


def test_a_form_needs_its_origin_and_its_token(visit, cases):
    path = f"/cases/{cases()[0]['case_id']}/work"
    client = visit()
    assert client.post(path, data={"work": "claim"}).status_code == 403
    assert client.post(path, data={"work": "claim", "csrf": "other"}).status_code == 403
    assert client.post(path, data={"work": "claim", "csrf": visit().csrf}).status_code == 403, "of another session"
    sent = {"work": "claim", "csrf": client.csrf}
    for origin in ("https://elsewhere.example", "null", ""):
        assert client.post(path, data=sent, headers={"origin": origin}).status_code == 403
    assert client.post(path, data=sent).status_code == 303


@pytest.mark.parametrize("onward", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere", "/a\r\nb", "x"])
def test_a_log_in_never_leads_elsewhere(visit, onward):
    assert login(visit(""), onward=onward).headers["location"] == "/"


def test_every_answer_carries_the_security_headers(visit, cases):
    client = visit()
    paths = ("/login", "/queue", f"/cases/{cases()[0]['case_id']}", "/static/desk.js", "/nothing", "/api/v1/version")
    for path in paths:
        headers = client.get(path).headers
        assert (
            "script-src 'self'" in headers["content-security-policy"]
            and "unsafe" not in headers["content-security-policy"]
        )
        assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_another_sites_name_is_refused(visit):
    assert visit("").get("/login", headers={"host": "elsewhere.example"}).status_code == 400


def test_a_huge_body_is_refused(visit):
    assert login(visit(""), password="x" * 70_000).status_code == 413


@pytest.mark.parametrize("size", [{"content-length": "3000000"}, {"transfer-encoding": "chunked"}])
def test_nobody_unknown_sends_a_file(visit, size):
    """Not a byte of it is read: the answer comes although it never ends."""

    def endless():
        yield b"0" * 1000
        raise AssertionError("was read")

    answer = visit("").post("/desk/clients/10000000146/enter/document", content=endless(), headers=size)
    assert answer.status_code == 413


def test_a_defect_is_told_by_a_number_and_logged_without_its_text(visit, desk, monkeypatch, caplog):
    def broken(*_):
        raise ValueError("Secret Client")

    monkeypatch.setattr(desk.served, "live", broken)
    answer = visit().get("/queue")
    number = re.search(r"number ([0-9a-f]{8})", answer.text).group(1)
    assert answer.status_code == 500 and "Secret" not in answer.text
    assert number in caplog.text and "ValueError at" in caplog.text and "Secret" not in caplog.text


def test_no_live_version_is_told_with_the_next_step(visit, desk, tmp_path, monkeypatch):
    from stewardship.serving import Served
    from store.home import Home

    monkeypatch.setattr(desk, "served", Served(Home(tmp_path)))
    answer = visit().get("/queue")
    assert answer.status_code == 503 and "registry run" in answer.text and str(desk.home.root) not in answer.text


@pytest.mark.parametrize(
    "name, role, password, told",
    [
        ("Аpprover One", "steward", PASSWORD, "cannot be told from"),  # a Cyrillic A
        ("registry", "steward", PASSWORD, "cannot be told from"),
        (" ", "steward", PASSWORD, "printable letters"),
        ("Fresh", "stewart", PASSWORD, "steward"),
        ("Fresh", "steward", "short", "12 to"),
    ],
)
def test_users_that_cannot_be(desk, name, role, password, told):
    with pytest.raises(ConfigError, match=told):
        accounts.add(desk.database, name, role, password)


def test_passwords_are_kept_as_hashes_only(desk, home):
    accounts.set_password(desk.database, NAMES["admin"], "another long password")
    assert accounts.check(desk.database, NAMES["admin"], "another long password")
    assert accounts.check(desk.database, NAMES["admin"], PASSWORD) is None
    assert b"another long password" not in desk.database.file.read_bytes()
    assert desk.database.file.stat().st_mode & 0o077 == 0
    with pytest.raises(NotFound):
        accounts.set_password(desk.database, "nobody", PASSWORD)


def test_the_language_is_chosen_and_kept(visit):
    client = visit("")
    assert client.post("/language", data={"language": "xx"}).status_code == 422
    answer = client.post("/language", data={"language": "ro"}, headers={"referer": f"{SITE}/login?onward=/queue"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    page = client.get("/login").text
    assert '<html lang="ro">' in page and "Autentificare" in page and "Log in" not in page


def test_a_tokens_end(service, desk, token):
    assert service.get("/api/v1/version").status_code == 200
    with desk.database.writing() as con:
        con.execute(update(TOKEN).values(ends_at=datetime.now(UTC).isoformat()))
    assert service.get("/api/v1/version").status_code == 401
    assert service.get("/api/v1/version", headers={"authorization": "Basic eDp5"}).status_code == 401
