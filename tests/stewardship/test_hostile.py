"""What hostile input must not do to logs."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from stewardship import limits
from tests.stewardship.conftest import NAMES

FORGED = 'x\r\n{"user": "admin", "action": "approved"}\n'


def test_line_feeds_in_what_is_sent_make_no_line_in_any_log(visit, desk, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    before = len(desk.trail.lines())
    visit("").post("/login", data={"name": FORGED, "password": "x" * 12})
    auditor = visit("auditor")
    auditor.get("/search", params={"by": "name", "text": FORGED})
    auditor.get("/clients/1%0d%0aadmin")
    lines = desk.trail.file.read_bytes().splitlines()
    assert len(lines) == before + 2 and desk.trail.broken() == []
    assert all(json.loads(line)["user"] != "admin" for line in lines)

    def broken(*_):
        raise ValueError(FORGED)

    monkeypatch.setattr(desk.served, "live", broken)
    assert auditor.get("/search", params={"by": "name", "text": FORGED}).status_code == 500
    ours = [record.getMessage() for record in caplog.records if record.name != "httpx"]
    assert any("ValueError at" in said for said in ours) and not any({"\n", "\r"} & set(said) for said in ours)


@pytest.mark.parametrize("address", ["//[", "//[x", "http://[::1", "http://a]/x", "http://["])
def test_an_address_that_is_none_is_refused_like_one_elsewhere(address, visit, service):
    client = visit("")
    page = client.get("/login", params={"onward": address})
    assert page.status_code == 200 and f'value="{address}"' not in page.text
    sent = {"name": NAMES["steward"], "password": "x" * 12, "onward": address}
    assert client.post("/login", data=sent, headers={"origin": address}).status_code == 403
    answer = client.post("/language", data={"language": "en"}, headers={"referer": address})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert service.post("/api/v1/parties/look-up", content='{"numbers": ["\\ud800"]}').status_code == 422


def test_guesses_that_come_together_are_as_many_as_one_after_another(visit, desk):
    """A password takes a while to check; the auditor sees whose it was."""
    clients = [visit("") for _ in range(limits.FAILURES + 6)]
    sent = {"name": NAMES["steward"], "password": "guessed guessed"}
    before = len(desk.trail.lines())
    desk.attempts._failed.clear()
    try:
        with ThreadPoolExecutor(len(clients)) as pool:
            codes = list(pool.map(lambda client: client.post("/login", data=sent).status_code, clients))
    finally:
        desk.attempts._failed.clear()
    assert sorted(codes) == [401] * limits.FAILURES + [429] * 6
    lines = desk.trail.lines()[before:]
    assert {line["of"] for line in lines} == {NAMES["steward"]} and all(line["address"] for line in lines)
