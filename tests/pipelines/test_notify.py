"""Notices and metrics: sent to a real web server and a real mail server, never a reason for a night to fail."""

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipelines.notify import FAILED, STALE, STOPPED, night_ended, notify
from rules.errors import ConfigError
from rules.load import validate
from rules.settings import Notice, Registry
from stages import metrics


@pytest.fixture
def hook():
    """A web server that keeps what it is sent."""
    got = []

    class Keep(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if self.path == "/broken" else 200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Keep) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_address[1]}", got
        server.shutdown()


@pytest.fixture
def mail():
    """A mail server that keeps what it is sent."""
    got = []

    class Keep(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                if line.upper().startswith(b"DATA"):
                    self.wfile.write(b"354 go on\r\n")
                    while (text := self.rfile.readline()) != b".\r\n":
                        got.append(text.decode())
                self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Keep) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"mailto://127.0.0.1:{server.server_address[1]}?from=registry@bank.test&to=ops@bank.test", got
        server.shutdown()


def told(place, *notices: Notice):
    registry = place.settings.registry.model_copy(update={"notify": notices})
    return type(place)(
        type(place.settings)(place.settings.path, registry, place.settings.sources), place.home, place.data
    )


def test_a_notice_goes_to_the_web_hook_and_the_mail_that_want_the_event(bank_place, hook, mail, monkeypatch):
    monkeypatch.setenv("HOOK", hook[0])
    monkeypatch.setenv("MAIL", mail[0])
    place = told(bank_place, Notice(to="${HOOK}"), Notice(to="${MAIL}", events=("failed",)))
    assert notify(place.settings, FAILED, "the source is gone") == 2
    assert notify(place.settings, STALE, "an earlier snapshot") == 1
    assert [one["type"] for one in hook[1]] == ["failure", "warning"] and "the source is gone" in hook[1][0]["message"]
    assert "Subject: Customer registry: night failed" in "".join(mail[1]) and "the source is gone" in "".join(mail[1])


def test_a_notice_that_cannot_be_sent_fails_nothing_and_names_no_address(bank_place, hook, monkeypatch, capsys):
    monkeypatch.setenv("HOOK", f"{hook[0]}/broken")
    monkeypatch.setenv("NOBODY", "json://127.0.0.1:1/secret")
    monkeypatch.setenv("UNKNOWN", "gopher://127.0.0.1/secret")
    place = told(bank_place, *(Notice(to=f"${{{name}}}") for name in ("HOOK", "NOBODY", "UNKNOWN", "NOT_SET")))
    assert notify(place.settings, STOPPED, "a gate") == 0
    said = "".join(capsys.readouterr())
    assert said.count("notice not sent") == 4 and "127.0.0.1" not in said and "secret" not in said


def test_the_end_of_a_night_is_told_and_measured(bank_place, hook, days, monkeypatch):
    monkeypatch.setenv("HOOK", hook[0])
    place = told(bank_place, Notice(to="${HOOK}"))
    night_ended(place, days.second)
    assert hook[1] == [] and "registry_last_night_stopped 0.0" in read(place)
    night_ended(place, days.third, "raw_core: cannot be read")
    assert "night failed" in hook[1][0]["title"] and "raw_core" in hook[1][0]["message"]
    assert "registry_last_night_stopped 1.0" in read(place) and "registry_live_version 2.0" in read(place)


def read(place) -> str:
    return metrics.path(place.home).read_text(encoding="utf-8")


def test_the_metrics_tell_every_source_and_are_well_formed(bank_place):
    families = list(text_string_to_metric_families(metrics.write(bank_place.home).read_text(encoding="utf-8")))
    samples = [sample for family in families for sample in family.samples]
    told = {sample.labels["source"] for sample in samples if sample.name == "registry_source_rows"}
    assert told == {"core", "crm", "cards", "loans", "leads", "companies", "desk"}
    assert all(sample.value >= 0 for sample in samples) and len(samples) > 40
    assert {family.type for family in families} == {"gauge"}


def test_an_address_is_never_written_into_registry_yaml(tmp_path):
    declared = {"sources": ["a.yaml"], "notify": [{"to": "https://hooks.example/secret"}]}
    with pytest.raises(ConfigError, match=r"notify\.0\.to"):
        validate(Registry, declared, tmp_path / "registry.yaml")


def test_scheduled_nights_have_sensors_for_both_ends(bank_place):
    from pipelines.definitions import build

    names = {sensor.name for sensor in build(bank_place).sensors}
    assert names == {"night_failed", "night_done"}
