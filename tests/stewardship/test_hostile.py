"""What hostile input must not do to logs."""

import json
import logging

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
