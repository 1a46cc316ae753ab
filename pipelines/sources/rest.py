"""REST services that answer in pages of JSON.

Here: paging, retries, timeouts, consistency over pages. Not here: JSON to columns (json_rows.py), types (contract.py).
Few pages are held at once: all of them together may be larger than memory.
"""

from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Any
from urllib.parse import urljoin, urlsplit

import duckdb
import httpx
import polars as pl
from polars.exceptions import PolarsError

from pipelines.sources.base import Connector, Raw, Request
from pipelines.sources.contract import check_most
from pipelines.sources.json_rows import from_lines
from pipelines.sources.page import SECONDS, Reading, client_of
from pipelines.sources.retry import Transient, retried
from pipelines.sources.scratch import BLOCK, duckdb_for

_MOST_PAGES = 1_000_000


def read(request: Request) -> Raw:
    """All pages or none; a page that fails is asked for again, data that moves meanwhile starts the read anew."""
    end = monotonic() + SECONDS
    return retried(request, lambda: _attempt(request, end))


def _attempt(request: Request, end: float) -> Raw:
    try:
        with client_of(request) as client:
            return from_lines(_items(request, _pages(Reading(request, client, end))))
    except (PolarsError, duckdb.Error) as error:
        problem = f"the items are not rows ({type(error).__name__})"
        raise request.fail(problem, "check read.items") from None


def _pages(reading: Reading) -> Iterator[str]:
    """The text of every page; at the end the first one must still be what it was."""
    request = reading.request
    first: list[Any] = []
    last, pages, rows = "", 0, 0
    seen: set[str] = set()
    url: str | None = _url(request, 1)
    while url is not None and pages < _MOST_PAGES:
        if url in seen:
            raise request.fail("the pages lead in a circle", "check read.next and read.page_param")
        seen.add(url)
        text, data = reading.page(url)
        items = _list_in(request, data)
        if not items:
            break
        if text == last:
            raise request.fail("two pages are the same", "check read.page_param")
        first, last, pages, rows = first or items, text, pages + 1, rows + len(items)
        check_most(request, rows)
        yield text
        url = _next_url(request, data, url, pages + 1)
    if pages > 1:
        _check_still(reading, first)


def _list_in(request: Request, data: Any) -> list[Any]:
    items = _within(data, request.source.read.items)
    if not isinstance(items, list):
        raise request.fail("a page holds no list of items", "check read.items")
    return items


def _url(request: Request, page: int) -> str:
    read = request.source.read
    address = request.connection().rstrip("/") + read.endpoint
    try:
        url = httpx.URL(address)
        return str(url.copy_merge_params({read.page_param: str(page), read.size_param: str(read.page_size)}))
    except (httpx.InvalidURL, ValueError):
        problem = "connection and read.endpoint together are no address"
        raise request.fail(problem, "check the secret behind 'connection'") from None


def _next_url(request: Request, data: Any, url: str, page: int) -> str | None:
    """The next page as the answer names it, on the same server only: the token goes along."""
    if request.source.read.next is None:
        return _url(request, page)
    named = _within(data, request.source.read.next)
    if not named:
        return None
    try:
        following = urljoin(url, str(named))
        elsewhere = urlsplit(following)[:2] != urlsplit(url)[:2]
    except ValueError:
        raise request.fail("the next page is no address", "check read.next") from None
    if elsewhere:
        raise request.fail("the next page is on another server", "check read.next")
    return following


def _check_still(reading: Reading, first: list[Any]) -> None:
    """Rows that came or went while paging shift the pages: the first page must still be what it was."""
    if _within(reading.page(_url(reading.request, 1))[1], reading.request.source.read.items) != first:
        raise Transient("rows changed while the pages were read")


def _within(data: Any, path: str | None) -> Any:
    for part in path.split(".") if path else ():
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _items(request: Request, pages: Iterable[str]) -> Iterator[pl.DataFrame]:
    """The items of a few pages at a time as lines of JSON, taken out by DuckDB: none becomes a Python object."""
    path = "".join(f'."{part}"' for part in (request.source.read.items or "").split(".") if part)
    query = """SELECT $rows + row_number() OVER (ORDER BY page, place) - 1 AS row, line FROM
        (SELECT page, unnest(items)::VARCHAR AS line, generate_subscripts(items, 1) AS place FROM
        (SELECT page, json_extract(text, $path)::JSON[] AS items FROM pages)) ORDER BY row"""
    rows = 0
    with duckdb_for() as con:
        for few in _blocks(pages):
            con.register("pages", pl.DataFrame({"page": range(len(few)), "text": few}).to_arrow())
            lines: pl.DataFrame = con.sql(query, params={"path": f"${path}", "rows": rows}).pl()
            rows += lines.height
            yield lines


def _blocks(pages: Iterable[str]) -> Iterator[list[str]]:
    few: list[str] = []
    for text in pages:
        few.append(text)
        if sum(map(len, few)) >= BLOCK:
            yield few
            few = []
    if few:
        yield few


CONNECTOR = Connector(("rest",), read)
