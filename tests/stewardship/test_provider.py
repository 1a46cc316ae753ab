"""Log-in by an identity provider: a real one over HTTP, a real browser, and tokens that must not let anybody in."""

import base64
import hmac
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from rules.errors import ConfigError
from rules.oidc import Oidc
from stewardship import accounts, provider, sessions
from stewardship.app import create
from stewardship.limits import BEGUN, Rate
from stewardship.provider import UNDER_WAY, Provider
from tests.stewardship.browsing import WIDE, Site, browser  # noqa: F401
from tests.stewardship.conftest import NAMES, PASSWORD, SITE
from tests.stewardship.identity_provider import CLIENT, SECRET, IdentityProvider

ROLES = {"mdm-approvers": "approver", "mdm-stewards": "steward", "mdm-users": "admin"}
BEGIN, DONE = "/login/provider", "/login/provider/done"


@pytest.fixture(scope="module")
def issuer():
    made = IdentityProvider()
    yield made
    made.site.close()


@pytest.fixture(scope="module")
def declared(issuer):
    role = {"claim": "groups", "values": ROLES}
    return Oidc(issuer=issuer.issuer, client_id=CLIENT, secret="${SECRET}", label="Bank ID", role=role)


@pytest.fixture(scope="module")
def app(home, declared):
    """The desk of the home with the provider."""
    from rules.settings import load_registry

    made = create(home, settings=load_registry(home.root / "bank" / "registry.yaml"))
    made.state.desk.provider = Provider(declared, SECRET)
    yield made
    made.state.desk.close()


@pytest.fixture(autouse=True)
def well(issuer, desk, declared):
    issuer.well()
    desk.provider = Provider(declared, SECRET)


@pytest.fixture
def visitor(app):
    return TestClient(app, base_url=SITE, headers={"origin": SITE}, follow_redirects=False)


def come_back(client, onward=""):
    """Begin at the desk, be logged in by the provider over HTTP; path and query that the browser comes back with."""
    there = client.get(BEGIN, params={"onward": onward} if onward else None).headers["location"]
    back = httpx.get(there).headers["location"]
    return f"{urlsplit(back).path}?{urlsplit(back).query}"


def log_in(client, **more):
    return client.get(come_back(client, **more))


def test_who_is_vouched_for_comes_in_and_goes_on(visitor, issuer, desk):
    answer = log_in(visitor, onward="/decisions")
    assert answer.status_code == 200 and 'content="0;url=/decisions"' in answer.text
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert "Leyla Steward" in visitor.get("/queue").text
    *_, line = (line for line in desk.trail.lines() if line["action"] == "logged in")
    assert (line["user"], line["action"], line["by"]) == ("Leyla Steward", "logged in", "identity provider")
    asked = issuer.seen[-1]
    assert asked["scope"] == "openid profile email" and len(asked["nonce"]) > 40 and len(asked["state"]) > 40


def test_one_logs_out_here_and_is_led_to_log_out_there(visitor, issuer):
    log_in(visitor)
    token = visitor.cookies["registry_session"]
    csrf = sessions.of_session(visitor.app.state.desk.database, token).csrf
    assert visitor.post("/logout", data={"csrf": csrf}).headers["location"] == "/login"
    visitor.cookies.set("registry_session", token)
    assert visitor.get("/queue").status_code == 303
    place = urlsplit(visitor.get("/login/provider/out").headers["location"])
    assert place.path == "/out" and parse_qs(place.query)["post_logout_redirect_uri"] == [f"{SITE}/login"]


@pytest.mark.parametrize(
    "claims, told",
    [
        ({"nonce": "another"}, "its token does not hold (invalid_claim)"),
        ({"nonce": None}, "its token does not hold"),
        ({"aud": "another"}, "its token does not hold"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "its token does not hold (invalid_claim)"),
        ({"iss": "https://elsewhere.example"}, "its token does not hold (invalid_claim)"),
        ({"exp": 1_700_000_000}, "its token does not hold (expired_token)"),
        ({"iat": 9_900_000_000, "exp": 9_900_000_100}, "its token does not hold"),
        ({"sub": None}, "its token does not hold"),
        ({"at_hash": "wrong"}, "its token does not hold (invalid_claim)"),
        ({"groups": ["staff"]}, "you have no role at this desk"),
        ({"groups": []}, "you have no role at this desk"),
        ({"groups": None}, "you have no role at this desk"),
        ({"preferred_username": None}, "no claim 'preferred_username'"),
        ({"preferred_username": "Аpprover One", "sub": "u-7"}, "cannot be told from"),  # a Cyrillic A
    ],
)
def test_claims_that_let_nobody_in(visitor, issuer, desk, claims, told):
    issuer.mend = lambda header, made: (header, {k: v for k, v in (made | claims).items() if v is not None})
    answer = log_in(visitor)
    assert answer.status_code == 403 and told in unescape(answer.text)
    assert visitor.get("/queue").status_code == 303
    assert desk.trail.lines()[-1]["action"] == "log-in refused"


def _encoded(part):
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _unsigned(header, claims):
    return ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "none"}, claims)) + "."


def _by_public_key(issuer):
    """The trick of old libraries: the public key, which everybody has, as the secret of a shared-secret signature."""
    secret = issuer.keys[0].as_pem(private=False)

    def made(header, claims):
        text = ".".join(_encoded(json.dumps(part).encode()) for part in (header | {"alg": "HS256"}, claims))
        return f"{text}.{_encoded(hmac.digest(secret, text.encode(), 'sha256'))}"

    return made


def _by_stranger(header, claims):
    return jwt.encode(header, claims, RSAKey.generate_key(2048, {"kid": "one"}))


def _changed(issuer):
    def made(header, claims):
        head, _, signature = jwt.encode(header, claims, issuer.keys[0]).split(".")
        return f"{head}.{_encoded(json.dumps(claims | {'groups': list(ROLES)}).encode())}.{signature}"

    return made


@pytest.mark.parametrize("forged", ["unsigned", "public key", "stranger", "changed", "garbage"])
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(visitor, issuer, forged):
    ways = {"unsigned": _unsigned, "public key": _by_public_key(issuer), "stranger": _by_stranger,
            "changed": _changed(issuer), "garbage": lambda *_: "a.b.c"}  # fmt: skip
    issuer.signed = ways[forged]
    answer = log_in(visitor)
    assert answer.status_code == 403 and "its token" in answer.text
    assert visitor.get("/queue").status_code == 303


def test_a_new_key_of_the_provider_is_taken_up(visitor, issuer):
    assert log_in(visitor).status_code == 200
    issuer.keys.append(RSAKey.generate_key(2048, {"kid": "two", "use": "sig"}))
    assert log_in(visitor).status_code == 200


def test_a_way_back_counts_once_and_only_in_its_own_browser(visitor, app, issuer):
    back = come_back(visitor)
    stranger = TestClient(app, base_url=SITE, follow_redirects=False)
    assert "another browser" in stranger.get(back).text, "an attacker's code does not log a victim in"
    assert "used already" in visitor.get(back).text, "and it is spent"
    back = come_back(visitor)
    assert visitor.get(back).status_code == 200
    visitor.cookies.clear()
    assert visitor.get(back).status_code == 403 and visitor.get("/queue").status_code == 303
    code = parse_qs(urlsplit(back).query)["code"][0]
    state = parse_qs(urlsplit(visitor.get(BEGIN).headers["location"]).query)["state"][0]
    again = visitor.get(DONE, params={"code": code, "state": state})
    assert "does not take the code" in again.text, "a code of before in a log-in of now"


def test_a_stolen_code_is_of_no_use_without_its_verifier(visitor, issuer):
    back = parse_qs(urlsplit(come_back(visitor)).query)
    with httpx.Client() as thief:
        sent = {"code": back["code"][0], "grant_type": "authorization_code", "redirect_uri": f"{SITE}{DONE}"}
        assert thief.post(f"{issuer.issuer}/token", data=sent, auth=(CLIENT, SECRET)).status_code == 400


@pytest.mark.parametrize("sent", [{}, {"state": "made up", "code": "x"}, {"state": "", "error": "access_denied"}])
def test_a_way_back_that_never_began_is_refused(visitor, sent):
    assert visitor.get(DONE, params=sent).status_code == 403


def test_what_the_provider_refuses_and_another_providers_answer(visitor):
    for sent in (
        {"error": "access_denied", "error_description": "<script>"},
        {"code": "x", "iss": "https://x.example"},
    ):
        state = parse_qs(urlsplit(visitor.get(BEGIN).headers["location"]).query)["state"][0]
        answer = visitor.get(DONE, params={"state": state, **sent})
        assert (
            answer.status_code == 403
            and "<script>x" not in answer.text
            and "<script>" not in answer.text.split("<main")[1]
        )


def test_a_provider_that_is_down_is_told_and_sessions_go_on(visitor, visit, desk, declared):
    nobody = declared.model_copy(update={"issuer": "http://127.0.0.1:9"})
    desk.provider = Provider(nobody, SECRET)
    answer = visitor.get(BEGIN)
    assert answer.status_code == 503 and "does not answer" in answer.text and "try again" in answer.text
    assert visit("steward").get("/queue").status_code == 200


def test_a_provider_that_hangs_holds_one_thread_alone(desk, declared, monkeypatch):
    monkeypatch.setattr(provider, "PATIENCE", 0.05)
    monkeypatch.setattr(provider, "TIMEOUT", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(4) as threads:
        hanging = Provider(
            declared.model_copy(update={"issuer": f"http://127.0.0.1:{silent.getsockname()[1]}"}), SECRET
        )
        waits = [threads.submit(hanging.begin, f"{SITE}{DONE}", "") for _ in range(4)]
        told = sorted(str(wait.exception()) for wait in waits)
    assert sum("has not answered yet" in each for each in told) == 3 and sum("Timeout" in each for each in told) == 1


def test_a_provider_that_is_declared_wrongly_is_told(visitor, issuer, desk, declared):
    issuer.document_mended = {"issuer": "https://elsewhere.example"}
    assert "another issuer" in visitor.get(BEGIN).text
    issuer.document_mended = {"token_endpoint": "http://elsewhere.example/token"}
    assert "no https address as token_endpoint" in visitor.get(BEGIN).text
    issuer.document_mended = {}
    desk.provider = Provider(declared, "another secret")
    answer = log_in(visitor)
    assert answer.status_code == 503 and "client id and secret" in answer.text


def test_the_role_is_that_of_each_log_in_the_first_that_fits(visitor, issuer, desk):
    issuer.person = {"sub": "u-2", "preferred_username": "Rufat", "groups": ["mdm-stewards", "mdm-approvers"]}
    log_in(visitor)
    assert accounts.find(desk.database, "rufat").role == "approver"
    issuer.person = {"sub": "u-2", "preferred_username": "Renamed", "groups": ["mdm-stewards"]}
    log_in(visitor)
    found = accounts.find(desk.database, "rufat")
    assert (found.role, accounts.find(desk.database, "renamed")) == ("steward", None)
    issuer.person = {"sub": "u-2", "preferred_username": "Rufat", "groups": []}
    assert log_in(visitor).status_code == 403


def test_who_is_shut_out_stays_out(visitor, issuer, desk):
    issuer.person = {"sub": "u-3", "preferred_username": "Leaver", "groups": ["mdm-stewards"]}
    log_in(visitor)
    accounts.disable(desk.database, "Leaver")
    assert visitor.get("/queue").status_code == 303
    assert "shut out" in log_in(visitor).text


def test_one_name_is_one_person_here_and_there(visitor, issuer, desk):
    """A local user's name is taken over only when it was handed over; then decisions of before are the person's own."""
    accounts.add(desk.database, "Both Ways", "steward", PASSWORD)
    issuer.person = {"sub": "u-4", "preferred_username": "both  WAYS", "groups": ["mdm-approvers"]}
    assert "hand-over" in log_in(visitor).text
    accounts.hand_over(desk.database, "Both Ways")
    assert accounts.check(desk.database, "Both Ways", PASSWORD) is None
    assert log_in(visitor).status_code == 200 and accounts.find(desk.database, "both ways").name == "Both Ways"
    with pytest.raises(ConfigError, match="identity provider"):
        accounts.set_password(desk.database, "Both Ways", PASSWORD)
    issuer.person = {"sub": "u-5", "preferred_username": "Both Ways", "groups": ["mdm-approvers"]}
    assert "somebody else" in log_in(visitor).text


def test_nobody_approves_under_another_way_in_what_he_decided(visitor, issuer, desk, visit, cases, form):
    """What a local user decided is not approved by the same name at the provider, also written another way."""
    case = next(one for one in cases() if one["number_one"] != one["number_other"])
    author, place = visit("steward"), f"/cases/{case['case_id']}"
    fields = form(author.get(place).text, f"{place}/answer")
    assert author.post(f"{place}/answer", data={**fields, "answer": "match"}).status_code == 303
    decided = max(desk.decisions())
    accounts.hand_over(desk.database, NAMES["steward"])
    issuer.person = {"sub": "u-6", "preferred_username": NAMES["steward"].upper(), "groups": ["mdm-approvers"]}
    assert log_in(visitor).status_code == 200
    csrf = sessions.of_session(desk.database, visitor.cookies["registry_session"]).csrf
    sent = {"csrf": csrf, "request": "approve by another way"}
    assert visitor.post(f"/decisions/{decided}/approve", data=sent).status_code == 403
    assert not desk.decisions()[decided].approver


def test_local_users_may_be_switched_off(visitor, visit, desk, declared, issuer):
    inside = visit("auditor")
    desk.provider = Provider(declared.model_copy(update={"local_users": False}), SECRET)
    sessions.keep_sessions(desk.database, local=False, vouched=True)
    assert inside.get("/queue").status_code == 303
    sent = {"name": NAMES["auditor"], "password": PASSWORD}
    assert visitor.post("/login", data=sent).status_code == 403
    page = visitor.get("/login?onward=/queue").text
    assert 'name="password"' not in page and "/login/provider?onward=/queue" in page and "Bank ID" in page
    issuer.person = {"sub": "u-8", "preferred_username": NAMES["auditor"], "groups": ["mdm-users"]}
    assert log_in(visitor).status_code == 200, "a local user of that name who can log in no more is the same person"
    shown = visitor.get("/users").text
    assert "mdm-approvers" in shown and "local users are switched off" in shown and "identity provider" in shown
    sessions.keep_sessions(desk.database, local=True, vouched=False)
    assert visitor.get("/users").status_code == 303


def test_the_provider_keeps_the_users_and_the_page_shuts_out_alone(visit, desk):
    admin = visit("admin")
    page = admin.get("/users").text
    assert "The identity provider keeps the users" in page and "Shut out" in page
    before = accounts.users(desk.database)
    place = {"csrf": admin.csrf, "name": NAMES["viewer"], "role": "admin"}
    for path, sent in (
        ("add", place | {"name": "Neu"}),
        ("change", place),
        ("password", {"csrf": admin.csrf, "name": NAMES["viewer"]}),
    ):
        assert f"/users/{path}" not in page
        answer = admin.post(f"/users/{path}", data=sent)
        assert answer.status_code == 403 and "identity provider keeps the users" in answer.text
    assert accounts.users(desk.database) == before


def test_log_ins_that_one_address_begins_displace_nobody(visitor, visit, desk, monkeypatch):
    monkeypatch.setattr(desk, "begun", Rate(2, 600))
    back = come_back(visitor)
    flood = [visit("").get(BEGIN) for _ in range(3)]
    assert [answer.status_code for answer in flood] == [303, 429, 429] and int(flood[1].headers["retry-after"]) <= 301
    assert visitor.get(back).status_code == 200, "who began before comes in"
    assert BEGUN * 5 <= UNDER_WAY


def test_without_a_provider_there_is_no_way_by_it(visitor, desk):
    desk.provider = None
    assert [visitor.get(path).status_code for path in (BEGIN, DONE, f"{BEGIN}/out")] == [404] * 3
    assert "/login/provider" not in visitor.get("/login").text


def test_a_browser_goes_all_the_way(app, browser, issuer, desk):  # noqa: F811
    site = Site(app)
    context = browser.new_context(viewport=WIDE, locale="en-GB")
    page = context.new_page()
    page.goto(f"{site.url}/decisions")
    page.get_by_text("Log in by Bank ID").click()
    page.wait_for_url(f"{site.url}/decisions")
    assert "Leyla Steward" in page.content()
    context.close()
    site.close()


@pytest.mark.parametrize(
    ("mended", "secret", "state", "said"),
    [({}, SECRET, "ok", "Bank ID"), ({"issuer": "https://other.example"}, SECRET, "problem", "another issuer"),
     ({}, None, "problem", "OIDC_SECRET")],
)  # fmt: skip
def test_doctor_asks_whether_a_log_in_could_begin(issuer, tmp_path, monkeypatch, mended, secret, state, said):
    from cli.doctor import examine

    issuer.document_mended = mended
    monkeypatch.delenv("OIDC_SECRET", raising=False)
    if secret:
        monkeypatch.setenv("OIDC_SECRET", secret)
    source = {"name": "a", "kind": "csv", "read": {"path": "a.csv", "key": "id"},
              "contract": {"columns": {"id": "text"}}, "map": [{"party_type": "person"}]}  # fmt: skip
    oidc = {"issuer": issuer.issuer, "client_id": CLIENT, "secret": "${OIDC_SECRET}", "label": "Bank ID",
            "role": {"claim": "groups", "values": ROLES}}  # fmt: skip
    config = tmp_path / "registry.yaml"
    config.write_text(json.dumps({"sources": [source], "oidc": oidc}))
    [found] = [one for one in examine(config, tmp_path / "home") if one["what"] == "identity provider"]
    assert found["state"] == state and said in found["found"], found
