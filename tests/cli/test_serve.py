"""The commands of the desk: users and tokens on the machine, a server that starts, answers and says where it is."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"


@pytest.fixture
def add(registry, monkeypatch):
    """`add(home, name, role, password)`: what the command says."""
    import io

    def run(home, name, role="steward", password=PASSWORD):
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        return registry("users", "add", name, "--role", role, "--stdin", "--home", home)

    return run


def test_users_are_added_listed_and_shut_out(registry, add, tmp_path):
    assert add(tmp_path, "Nadia").out.strip() == "User Nadia added as steward."
    assert add(tmp_path, "nadia").code == 1 and "cannot be told from" in add(tmp_path, "nadia").err
    assert add(tmp_path, "Omar", "chef").code == 1
    assert registry("users", "disable", "Nadia", "--home", tmp_path).code == 0
    found = json.loads(registry("users", "list", "--home", tmp_path, "--json").out)
    assert [(user["name"], user["role"], user["disabled"]) for user in found] == [("Nadia", "steward", True)]
    assert registry("users", "password", "Nobody", "--stdin", "--home", tmp_path).code == 1


def test_a_user_gets_another_role_and_scope(registry, add, tmp_path):
    add(tmp_path, "Nadia")
    asked = ("--role", "manager", "--entity", "a", "--entity", "b", "--branch", "060", "--manager", "RM1")
    assert registry("users", "change", "NADIA", *asked, "--home", tmp_path).code == 0
    [found] = json.loads(registry("users", "list", "--home", tmp_path, "--json").out)
    assert (found["role"], found["entities"], found["branches"]) == ("manager", ["a", "b"], ["060"])
    assert found["manager"] == "RM1"
    refused = registry("users", "change", "Nadia", "--role", "chef", "--home", tmp_path)
    assert refused.code == 1 and "is one of viewer" in refused.err
    assert registry("users", "change", "Nobody", "--role", "viewer", "--home", tmp_path).code == 1


def test_a_user_is_handed_over_to_the_identity_provider(registry, add, tmp_path):
    add(tmp_path, "Nadia")
    assert "Handed over" in registry("users", "hand-over", "nadia", "--home", tmp_path).out
    assert json.loads(registry("users", "list", "--home", tmp_path, "--json").out)[0]["by"] == ""
    assert registry("users", "hand-over", "Nobody", "--home", tmp_path).code == 1


def test_tokens_are_shown_once_and_revoked(registry, tmp_path):
    secret = registry("tokens", "issue", "scoring", "--home", tmp_path).out.strip()
    assert len(secret) > 40 and registry("tokens", "issue", "scoring", "--home", tmp_path).code == 1
    shown = registry("tokens", "list", "--home", tmp_path, "--json").out
    assert json.loads(shown)[0]["name"] == "scoring" and secret not in shown
    assert registry("tokens", "revoke", "scoring", "--home", tmp_path).code == 0
    assert registry("tokens", "revoke", "scoring", "--home", tmp_path).code == 1


def test_a_taken_port_is_told_before_anything_is_opened(registry, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        shown = registry("serve", "--home", tmp_path, "--port", taken.getsockname()[1])
    assert shown.code == 1 and "choose another --port" in shown.err


@pytest.mark.slow
def test_it_serves_and_stops_at_a_signal(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    asked = [
        sys.executable,
        "-c",
        "from cli.main import main; main()",
        "serve",
        "--home",
        tmp_path,
        "--port",
        str(port),
    ]
    server = subprocess.Popen(asked, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline() == f"Desk  http://127.0.0.1:{port}/login\n"
        assert "openapi.json" in server.stdout.readline() and "users add" in server.stdout.readline()
        assert httpx.get(f"http://127.0.0.1:{port}/login", timeout=30).status_code == 200
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        server.stdout.close()
