"""One page of a REST service: asked for, unpacked within bounds, parsed.

Here: one request and what may go wrong with it. Not here: paging (rest.py).
"""

import json
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx

from pipelines.sources.base import Request
from pipelines.sources.retry import Transient, retried
from rules.load import expand_env

MOST_BYTES = 64 << 20
SECONDS = 3600.0
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_PACKED = ("", "identity", "gzip", "deflate")


@dataclass(frozen=True)
class Reading:
    """A read under way: who asks, through which client, and when it must be over (monotonic seconds)."""

    request: Request
    client: httpx.Client
    end: float

    def check_time(self) -> None:
        """SourceError once the read as a whole takes longer than an hour; no further try is made."""
        if monotonic() > self.end:
            raise self.request.fail(f"all pages took longer than {SECONDS:g} seconds", "read less, or larger pages")

    def page(self, url: str) -> tuple[str, Any]:
        """Text and JSON of the page at `url`; a failure that may pass is tried again."""
        return retried(self.request, lambda: self._get(url))

    def _get(self, url: str) -> tuple[str, Any]:
        self.check_time()
        try:
            with self.client.stream("GET", url) as answer:
                _check_status(self.request, answer)
                return _parsed(self.request, self._body(answer))
        except httpx.TimeoutException:
            raise Transient("the service did not answer in time (read.timeout_seconds)") from None
        except (httpx.RequestError, httpx.InvalidURL, ValueError) as error:
            raise Transient(f"the connection failed or was cut ({type(error).__name__})") from None

    def _body(self, answer: httpx.Response) -> bytes:
        """The unpacked answer, never more than 64 MB: a small one may unpack to anything."""
        if answer.headers.get("content-encoding", "").strip().lower() not in _PACKED:
            raise self.request.fail("the answer is packed in a way that was not asked for", "let it send gzip or none")
        parts, size = [], 0
        for part in answer.iter_bytes():
            size += len(part)
            if size > MOST_BYTES:
                raise self.request.fail(f"a page is larger than {MOST_BYTES >> 20} MB", "make read.page_size smaller")
            self.check_time()
            parts.append(part)
        return b"".join(parts)


def client_of(request: Request) -> httpx.Client:
    """A client that sends the token, follows no redirect and takes nothing from the machine's environment."""
    token = expand_env(request.source.read.token or "", request.place)
    headers = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
    timeout = httpx.Timeout(request.source.read.timeout_seconds or 30.0)
    if not token.isascii() or not token.isprintable():
        raise request.fail("the token has a character that no token has", "check the secret behind read.token")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return httpx.Client(headers=headers, timeout=timeout, follow_redirects=False, trust_env=False)


def _check_status(request: Request, answer: httpx.Response) -> None:
    if answer.status_code in _PASSING:
        raise Transient(f"the service answered {answer.status_code}")
    if answer.status_code in (401, 403):
        raise request.fail("the service refused the token", "check the secret behind read.token")
    if answer.status_code != 200:
        raise request.fail(f"the service answered {answer.status_code}", "check connection and read.endpoint")


def _parsed(request: Request, body: bytes) -> tuple[str, Any]:
    try:
        text = body.decode(json.detect_encoding(body))
        return text, json.loads(text)
    except ValueError:
        raise Transient("an answer is not whole JSON") from None
    except RecursionError:
        raise request.fail("an answer is nested too deeply", "check connection and read.endpoint") from None
