"""REST services that answer in pages of JSON.

Here: paging, retries, timeouts, consistency over pages. Not here: JSON to columns (json_rows.py), types (contract.py).
"""

from typing import Any
from urllib.parse import urljoin, urlsplit

import duckdb
import httpx
import polars as pl
from polars.exceptions import PolarsError

from pipelines.sources.base import Connector, Raw, Request
from pipelines.sources.json_rows import from_lines
from pipelines.sources.retry import Transient, retried
from rules.load import expand_env

_PASSING = {408, 425, 429, 500, 502, 503, 504}
_MOST_PAGES = 1_000_000


def read(request: Request) -> Raw:
    """All pages or none; a page that fails is asked for again, data that moves meanwhile starts the read anew."""
    return retried(request, lambda: _attempt(request))


def _attempt(request: Request) -> Raw:
    with _client(request) as client:
        pages = _pages(request, client)
        _check_still(request, client, pages)
    try:
        return from_lines(_items(request, pages))
    except (PolarsError, duckdb.Error) as error:
        problem = f"the items are not rows ({type(error).__name__})"
        raise request.fail(problem, "check read.items") from None


def _client(request: Request) -> httpx.Client:
    token = expand_env(request.source.read.token or "", request.place)
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    timeout = httpx.Timeout(request.source.read.timeout_seconds or 30.0)
    return httpx.Client(headers=headers, timeout=timeout, follow_redirects=False, trust_env=False)


def _pages(request: Request, client: httpx.Client) -> list[str]:
    pages: list[str] = []
    seen: set[str] = set()
    url: str | None = _url(request, 1)
    while url is not None and len(pages) < _MOST_PAGES:
        if url in seen:
            raise request.fail("the pages lead in a circle", "check read.next and read.page_param")
        seen.add(url)
        text, data = _page(request, client, url)
        items = _within(data, request.source.read.items)
        if not isinstance(items, list):
            raise request.fail("a page holds no list of items", "check read.items")
        if not items:
            break
        if pages and text == pages[-1]:
            raise request.fail("two pages are the same", "check read.page_param")
        pages.append(text)
        url = _next_url(request, data, url, len(pages) + 1)
    return pages


def _url(request: Request, page: int) -> str:
    read = request.source.read
    url = httpx.URL(request.connection().rstrip("/") + read.endpoint)
    return str(url.copy_merge_params({read.page_param: str(page), read.size_param: str(read.page_size)}))


def _next_url(request: Request, data: Any, url: str, page: int) -> str | None:
    """The next page as the answer names it, on the same server only: the token goes along."""
    if request.source.read.next is None:
        return _url(request, page)
    named = _within(data, request.source.read.next)
    if not named:
        return None
    following = urljoin(url, str(named))
    if urlsplit(following)[:2] != urlsplit(url)[:2]:
        raise request.fail("the next page is on another server", "check read.next")
    return following


def _page(request: Request, client: httpx.Client, url: str) -> tuple[str, Any]:
    return retried(request, lambda: _get(request, client, url))


def _get(request: Request, client: httpx.Client, url: str) -> tuple[str, Any]:
    try:
        answer = client.get(url)
    except httpx.TimeoutException:
        raise Transient("the service did not answer in time (read.timeout_seconds)") from None
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise Transient(f"the connection failed or was cut ({type(error).__name__})") from None
    if answer.status_code in _PASSING:
        raise Transient(f"the service answered {answer.status_code}")
    if answer.status_code in (401, 403):
        raise request.fail("the service refused the token", "check the secret behind read.token")
    if answer.status_code != 200:
        raise request.fail(f"the service answered {answer.status_code}", "check connection and read.endpoint")
    try:
        return answer.text, answer.json()
    except ValueError:
        raise Transient("an answer is not whole JSON") from None


def _check_still(request: Request, client: httpx.Client, pages: list[str]) -> None:
    """Rows that came or went while paging shift the pages: the first page must still be what it was."""
    if len(pages) > 1:
        items = request.source.read.items
        now = _within(_page(request, client, _url(request, 1))[1], items)
        if now != _within(httpx.Response(200, text=pages[0]).json(), items):
            raise Transient("rows changed while the pages were read")


def _within(data: Any, path: str | None) -> Any:
    for part in path.split(".") if path else ():
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _items(request: Request, pages: list[str]) -> pl.DataFrame:
    """The items of all pages as lines of JSON, taken out by DuckDB: no item becomes a Python object."""
    path = "".join(f'."{part}"' for part in (request.source.read.items or "").split(".") if part)
    query = """SELECT row_number() OVER (ORDER BY page, place) - 1 AS row, line FROM
        (SELECT page, unnest(items)::VARCHAR AS line, generate_subscripts(items, 1) AS place FROM
        (SELECT page, json_extract(text, ?)::JSON[] AS items FROM pages)) ORDER BY row"""
    with duckdb.connect(":memory:") as con:
        con.register("pages", pl.DataFrame({"page": range(len(pages)), "text": pages}).to_arrow())
        lines: pl.DataFrame = con.sql(query, params=[f"${path}"]).pl()
    return lines


CONNECTOR = Connector(("rest",), read)
