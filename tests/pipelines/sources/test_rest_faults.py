"""Faults 17-21 of REST services, on a real HTTP server."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pipelines.sources import page
from pipelines.sources import rest as rest_source
from pipelines.sources.extract import extract
from pipelines.sources.snapshot import snapshot
from rules.errors import ContractError, SourceError
from rules.sources import Source

MakeSource = Callable[..., Source]
DAY = date(2026, 11, 20)
HERE = Path()


class Service:
    """A paged service whose faults a test switches on: `faults` are used up one a request."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = [{"id": f"{i:03}", "name": "A"} for i in range(5)]
        self.faults: list[str] = []
        self.served = 0
        self.next = False
        self.after_page: Callable[[int], None] = lambda page: None

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        self.served += 1
        if fault == "hang":
            time.sleep(1)
        if handler.headers["Authorization"] != "Bearer good":
            return self.send(handler, 401, {})
        if fault.isdigit():
            return self.send(handler, int(fault), {})
        if fault in ("bomb", "br"):
            return self.pack(handler, fault)
        asked = parse_qs(urlsplit(handler.path).query)
        page, size = int(asked["page"][0]), int(asked["page_size"][0])
        items = self.rows[(page - 1) * size : page * size]
        body: dict[str, Any] = {"items": items}
        if self.next:
            body["next"] = f"/clients?page={page + 1}&page_size={size}" if page * size < len(self.rows) else None
        if fault == "elsewhere":
            body["next"] = "http://127.0.0.2:1/steal"
        self.send(handler, 200, body, cut=fault == "cut")
        return self.after_page(page)

    def send(self, handler: BaseHTTPRequestHandler, status: int, body: Any, cut: bool = False) -> None:
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2] if cut else data)
        handler.close_connection = cut

    def pack(self, handler: BaseHTTPRequestHandler, fault: str) -> None:
        data = gzip.compress(b" " * 3_000_000)
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip" if fault == "bomb" else "br")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    served = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    monkeypatch.setenv("CRM", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("TOKEN", "good")
    yield served
    server.shutdown()
    server.server_close()


def rest(make: MakeSource, **read: Any) -> Source:
    read = {"endpoint": "/clients", "items": "items", "page_size": 2, "token": "${TOKEN}", **read}
    return make("rest", connection="${CRM}", read=read)


@pytest.mark.parametrize("follow", [False, True])
def test_all_pages_are_read(make_source: MakeSource, service: Service, follow: bool) -> None:
    service.next = follow
    read = extract(rest(make_source, **({"next": "next"} if follow else {})), HERE, DAY)
    assert read.frame.get_column("id").to_list() == ["000", "001", "002", "003", "004"]


def test_pages_are_taken_apart_few_at_a_time(
    make_source: MakeSource, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.rows[4]["name"] = None
    whole = extract(rest(make_source), HERE, DAY)
    monkeypatch.setattr(rest_source, "BLOCK", 1)
    parts = extract(rest(make_source), HERE, DAY)
    assert parts.frame.equals(whole.frame)
    assert parts.frame.get_column("row").to_list() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("fault", ["cut", "503", "429"])
def test_connection_cut_mid_fetch_is_retried(make_source: MakeSource, service: Service, fault: str) -> None:
    service.faults = ["", fault]
    assert extract(rest(make_source), HERE, DAY).frame.height == 5


def test_service_that_stays_down_fails_without_a_partial_snapshot(make_source: MakeSource, service: Service) -> None:
    service.faults = ["", *["500"] * 9]
    with pytest.raises(SourceError, match=r"answered 500 \(3 tries\)"):
        snapshot(rest(make_source, retries=2), HERE, DAY)
    assert service.served == 4


def test_hang_times_out(make_source: MakeSource, service: Service) -> None:
    service.faults = ["hang"]
    with pytest.raises(SourceError, match="did not answer in time"):
        extract(rest(make_source, timeout_seconds=0.2, retries=0), HERE, DAY)


def test_rows_that_change_while_paging_start_the_read_anew(make_source: MakeSource, service: Service) -> None:
    def insert(page: int) -> None:
        if page == 2 and len(service.rows) == 5:
            service.rows.insert(0, {"id": "new", "name": "B"})

    service.after_page = insert
    ids = extract(rest(make_source), HERE, DAY).frame.get_column("id").to_list()
    assert ids == ["new", "000", "001", "002", "003", "004"]


def test_wrong_token_is_an_error_without_the_secret(
    make_source: MakeSource, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "hunter2")
    with pytest.raises(SourceError, match="refused the token") as caught:
        extract(rest(make_source), HERE, DAY)
    assert "hunter2" not in str(caught.value)
    assert service.served == 1


def test_next_page_on_another_server_is_refused(make_source: MakeSource, service: Service) -> None:
    service.faults = ["elsewhere"]
    with pytest.raises(SourceError, match="another server"):
        extract(rest(make_source, next="next"), HERE, DAY)


def test_items_that_are_not_there_and_new_fields_are_named(make_source: MakeSource, service: Service) -> None:
    with pytest.raises(SourceError, match=r"read\.items"):
        extract(rest(make_source, items="clients"), HERE, DAY)
    service.rows[4]["vip"] = "yes"
    with pytest.raises(ContractError, match="'vip' is new"):
        extract(rest(make_source), HERE, DAY)


def test_empty_service_breaks_min_rows(make_source: MakeSource, service: Service) -> None:
    service.rows = []
    with pytest.raises(ContractError, match="min_rows is 1"):
        snapshot(rest(make_source), HERE, DAY)


def test_a_page_that_unpacks_beyond_its_bound_is_refused(
    make_source: MakeSource, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "MOST_BYTES", 1 << 20)
    service.faults = ["bomb"]
    with pytest.raises(SourceError, match="larger than 1 MB"):
        extract(rest(make_source), HERE, DAY)
    assert service.served == 1


def test_a_packing_that_was_not_asked_for_is_refused(make_source: MakeSource, service: Service) -> None:
    service.faults = ["br"]
    with pytest.raises(SourceError, match="packed"):
        extract(rest(make_source), HERE, DAY)


def test_the_read_as_a_whole_has_a_limit(
    make_source: MakeSource, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_source, "SECONDS", 0.3)
    service.rows = [{"id": str(place), "name": "A"} for place in range(10_000)]
    with pytest.raises(SourceError, match="all pages took longer"):
        extract(rest(make_source), HERE, DAY)
    assert 0 < service.served < 5_000


def test_paging_stops_at_max_rows(make_source: MakeSource, service: Service) -> None:
    read = {"endpoint": "/clients", "items": "items", "page_size": 2, "token": "${TOKEN}"}
    source = make_source("rest", connection="${CRM}", read=read, contract={"max_rows": 3})
    with pytest.raises(ContractError, match="max_rows is 3"):
        extract(source, HERE, DAY)
    assert service.served == 2


@pytest.mark.parametrize("address", ["http://me:hunter2@host:port", "http://me:hunter2\n@h"])
def test_an_address_that_is_none_is_not_quoted(
    make_source: MakeSource, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("CRM", address)
    monkeypatch.setenv("TOKEN", "good")
    with pytest.raises(SourceError, match="no address") as caught:
        extract(rest(make_source, retries=0), HERE, DAY)
    assert "hunter2" not in str(caught.value)


def test_a_token_that_cannot_be_sent_is_not_quoted(
    make_source: MakeSource, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "hunter2\u0259")
    with pytest.raises(SourceError, match="the token has a character") as caught:
        extract(rest(make_source), HERE, DAY)
    assert "hunter2" not in str(caught.value)
