"""The live version, open for questions: one database in memory per version, a cursor per request.

Here: when a version is opened and closed, and which small tables are held in memory. Not here: any question. A
request sees one version to its end; the pointer is looked at by every request, so a new version answers without a
restart, and while a night runs the one before does.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Lock

import duckdb

from rules.errors import NotFound, StoreError
from stages import lookup
from stewardship import cases, near, related, sample, sight
from store import keymap, suppression, versions
from store.decisions.entries import Record
from store.duck import connect, cursor
from store.home import Home
from store.manifest import Manifest

MEMORY = "2GB"
PATIENCE = 30.0
"""Seconds that who asks waits where no version is open yet."""
Mark = tuple[int, int]
_HELD = ("crosswalk", "golden_party", "golden_name", "golden_identifier", "golden_address", "golden_contact")
"""Tables held in memory, compressed, in the order of their files; the others are read from these.

Measured on 1.1 million clients: by client number 2 to 4 ms in the order of it, 28 ms in another, 0.6 ms with an index,
which takes as much memory as the table: so the crosswalk alone has one. Plain tables take 1.2 GB, compressed 0.26."""


@dataclass
class Version:
    """An open version; `readers` requests use it now."""

    home: Home
    manifest: Manifest
    con: duckdb.DuckDBPyConnection
    closing: ExitStack
    readers: int = 0
    retired: bool = False
    _alone: Lock = field(default_factory=Lock)

    @property
    def number(self) -> int:
        """Its number."""
        return self.manifest.version

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of one thread."""
        with cursor(self.con) as con:
            yield con

    @contextmanager
    def near(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The same for who asks about the clients of a case: quick, and of their records alone."""
        with cursor(self.con, near.SCHEMA) as con:
            yield con

    def resolve(self, con: duckdb.DuckDBPyConnection, number: str) -> str:
        """The live number that `number` stands for; NotFound where none does, Erased where its subject was erased."""
        gone = f"bool_and(starts_with(record_id, '{suppression.PREFIX}'))"
        [(erased,)] = con.execute(f"SELECT {gone} FROM crosswalk WHERE client_number = ?", [number]).fetchall()
        if erased is not None:
            return self._kept(number, erased)
        try:
            with self._alone:
                return self._kept(lookup.resolve(con, self.home, number), False)
        except NotFound:
            self._kept(number, number in suppression.erased_clients(self.home))
            raise

    def seen(self, con: duckdb.DuckDBPyConnection, scope: sight.Scope, number: str) -> str:
        """The same of a client in sight; OutOfSight and Sealed where he is not."""
        with sight.alike(scope):
            current = self.resolve(con, number)
        sight.assert_sees(con, scope, current)
        return current

    @staticmethod
    def _kept(number: str, erased: bool) -> str:
        if erased:
            raise lookup.erased()
        return number


def mark(home: Home) -> Mark:
    """What changes when the pointer is replaced; cheaper than reading and checking the manifest each time."""
    try:
        found = home.pointer.stat()
    except FileNotFoundError:
        raise StoreError(str(home.root), "no version is live yet", "run `registry run` first") from None
    return found.st_ino, found.st_mtime_ns


def still_opening() -> StoreError:
    """What is told to who has waited long enough: a large version takes minutes to open for the first time."""
    return StoreError("the live version", "is still being opened", "ask again in a minute")


class Served:
    """Which version answers; safe for many threads."""

    def __init__(self, home: Home, sealed: Callable[[], Iterable[Record]] = frozenset) -> None:
        self.home, self._sealed = home, sealed
        self._lock, self._opening, self._seen = Lock(), Lock(), (0, 0)
        self._now: Version | None = None

    @contextmanager
    def live(self) -> Iterator[Version]:
        """The version that is live now; it stays open until its last reader has left."""
        version = self._enter()
        try:
            yield version
        finally:
            self._leave(version)

    def _enter(self) -> Version:
        """The version now live, or the one before while another request opens it."""
        seen = mark(self.home)
        return self._known(seen, self._opening.locked()) or self._opened(seen)

    def _known(self, seen: Mark, enough: bool) -> Version | None:
        """The open version, if it is the one of the pointer `seen`, or any is `enough`."""
        with self._lock:
            if self._now is None or (seen != self._seen and not enough):
                return None
            self._now.readers += 1
            return self._now

    def _opened(self, seen: Mark) -> Version:
        if not self._opening.acquire(timeout=PATIENCE):
            raise still_opening()
        try:
            return self._known(seen, enough=False) or self._fresh(seen)
        finally:
            self._opening.release()

    def _fresh(self, seen: Mark) -> Version:
        fresh = open_version(self.home, self._sealed())
        with self._lock:
            self._retire()
            self._now, self._seen = fresh, seen
            fresh.readers += 1
        return fresh

    def _leave(self, version: Version) -> None:
        with self._lock:
            version.readers -= 1
            _close_unused(version)

    def _retire(self) -> None:
        if self._now is not None:
            self._now.retired = True
            _close_unused(self._now)
            self._now = None

    def close(self) -> None:
        """Close what nobody reads any more."""
        with self._lock:
            self._retire()


def _close_unused(version: Version) -> None:
    if version.retired and not version.readers:
        version.closing.close()


def open_version(home: Home, sealed: Iterable[Record] = ()) -> Version:
    """The live version with its indexes and its cases; clients of the records `sealed` are sealed.

    IntegrityError where a file is not as its manifest says.
    """
    found = versions.manifest(home)
    versions.assert_whole(home, found)
    with ExitStack() as closing:
        con = closing.enter_context(connect([home.root], home.prepare().cache, MEMORY, compressed=True))
        versions.attach(con, home, found)
        keymap.attach(con, home)
        for table in _HELD:
            con.execute(f"CREATE TABLE held_{table} AS FROM {table}")
            con.execute(f"DROP VIEW {table}")
            con.execute(f"ALTER TABLE held_{table} RENAME TO {table}")
            con.execute("CHECKPOINT")  # compresses it
        con.execute("CREATE INDEX crosswalk_client ON crosswalk (client_number)")
        cases.collect(con, home, found)
        sight.collect(con, sealed)
        related.collect(con)
        sample.draw(con, found)
        near.collect(con)
        return Version(home, found, con, closing.pop_all())
