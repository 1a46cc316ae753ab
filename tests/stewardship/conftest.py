"""A desk on the demo home with a user of each role; modules that change anything take a copy of their own."""

import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from rules.desk import ROLES
from rules.settings import load_registry
from stewardship import accounts, related, sessions
from stewardship.app import create
from store.desk import Database
from store.home import Home

SITE = "http://127.0.0.1"
PASSWORD = "correct horse battery"
NAMES = {role: f"{role.title()} One" for role in ROLES}


@pytest.fixture(scope="session")
def peopled_home(demo_home, tmp_path_factory) -> Path:
    """The demo home with a user of each role; to be copied."""
    target = tmp_path_factory.mktemp("desk") / "home"
    shutil.copytree(demo_home, target, ignore=shutil.ignore_patterns("spill-*"))
    for role, name in {**NAMES, "second": "Approver Two"}.items():
        accounts.add(Database(Home(target)), name, "approver" if role == "second" else role, PASSWORD)
    return target


@pytest.fixture(scope="module")
def home(peopled_home, tmp_path_factory) -> Home:
    """A home of the module's own."""
    return Home(Path(shutil.copytree(peopled_home, tmp_path_factory.mktemp("module") / "home")))


@pytest.fixture(scope="module")
def app(home):
    """The desk of the home, closed at the end."""
    made = create(home, settings=load_registry(home.root / "bank" / "registry.yaml"))
    yield made
    made.state.desk.close()


@pytest.fixture(scope="module")
def desk(app):
    return app.state.desk


@pytest.fixture
def visit(app, desk):
    """`visit(role)`: a client with a session of that role's user, without going through the log-in page."""

    def enter(role: str = "steward", name: str = ""):
        client = TestClient(app, base_url=SITE, headers={"origin": SITE}, follow_redirects=False)
        if role:
            user = accounts.find(desk.database, (name or NAMES[role]).casefold())
            secret = sessions.open_session(desk.database, user)
            client.cookies.set("registry_session", secret)
            client.csrf = sessions.of_session(desk.database, secret).csrf
        return client

    return enter


@pytest.fixture(scope="module")
def token(desk):
    return sessions.issue_token(desk.database, "scoring", 1)


@pytest.fixture
def service(app, token):
    """A client with a service's token."""
    return TestClient(app, base_url=SITE, headers={"authorization": f"Bearer {token}"}, follow_redirects=False)


@pytest.fixture
def cases(desk):
    """`cases(where)`: rows of the live version's cases."""

    def ask(where: str = "true"):
        with desk.served.live() as version, version.cursor() as con:
            return con.sql(f"SELECT * FROM case_item WHERE {where} ORDER BY risk DESC, case_id").pl().to_dicts()

    return ask


@pytest.fixture
def form():
    """`form(page, action)`: the hidden fields of a page's form."""

    def fields(html: str, action: str) -> dict[str, str]:
        body = re.search(rf'<form[^>]*action="{re.escape(action)}[^"]*"[^>]*>(.*?)</form>', html, re.DOTALL)
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body.group(1))
        return dict(hidden)

    return fields


@pytest.fixture
def live(desk):
    """A cursor on the live version."""

    @contextmanager
    def opened():
        with desk.served.live() as version, version.cursor() as con:
            yield SimpleNamespace(con=con, version=version)

    return opened


@pytest.fixture
def seal(live):
    """`with seal(number)`: that client sealed, under every number it ever had."""

    @contextmanager
    def shut(number):
        with live() as now:
            now.con.execute("""
                INSERT INTO sealed_client SELECT client_number, resolves_to FROM ledger_number WHERE resolves_to = ?""",
                [number])  # fmt: skip
            related.collect(now.con)
        try:
            yield
        finally:
            with live() as now:
                now.con.execute("DELETE FROM sealed_client WHERE stands_for = ?", [number])
                related.collect(now.con)

    return shut
