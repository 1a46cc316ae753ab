"""Search before create for many at once: whoever waits is answered by one search.

Here: the queue, and when a version is opened and closed for searching. Not here: searching (stages/search). Making the
model's expressions ready costs a tenth of a second whatever the number of pairs, so requests that come while one search
runs share the next one. While a new version is opened the one before answers; every answer names its version.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from rules.placeholders import Placeholders
from rules.typed import Typed
from stages.search import Finder
from store.home import Home
from store.manifest import Manifest

TOGETHER = 16
"""Searches that one answers together."""


@dataclass(frozen=True)
class Answer:
    """The version that answered, and what it found."""

    version: Manifest
    found: list[dict[str, Any]]


class Searching:
    """Searches in the live version; safe for many threads."""

    def __init__(self, home: Home, declared: Placeholders) -> None:
        self.home, self.declared = home, declared
        self._waiting: SimpleQueue[tuple[Manifest, Typed, int, Future[Answer]]] = SimpleQueue()
        self._worker, self._opener = ThreadPoolExecutor(1, "search"), ThreadPoolExecutor(1, "open-search")
        self._now: Finder | None = None
        self._next: tuple[Manifest, Future[Finder]] | None = None

    def ask(self, live: Manifest, typed: Typed, most: int) -> Answer:
        """Which clients of `live`, or of the version before while that is opened, the typed one may be."""
        asked: Future[Answer] = Future()
        self._waiting.put((live, typed, most, asked))
        self._worker.submit(self._serve)
        return asked.result()

    def close(self) -> None:
        """Stop, and close what is open."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._opener.shutdown(wait=True, cancel_futures=True)
        for finder in (self._now, self._next[1].result() if self._next and self._next[1].done() else None):
            if finder is not None:
                finder.close()

    def _serve(self) -> None:
        """Answer everybody who waits; nobody may, if an earlier call answered them."""
        waiting = list(self._taken())
        if not waiting:
            return
        try:
            finder = self._finder(waiting[-1][0])
            found = finder.find([typed for _, typed, _, _ in waiting], max(most for _, _, most, _ in waiting))
            for (_, _, most, asked), hits in zip(waiting, found, strict=True):
                asked.set_result(Answer(finder.version, hits[:most]))
        except BaseException as error:  # also a library's panic: it is for those who wait
            for *_, asked in waiting:
                if not asked.done():
                    asked.set_exception(error)

    def _taken(self) -> Iterator[tuple[Manifest, Typed, int, Future[Answer]]]:
        for _ in range(TOGETHER):
            try:
                yield self._waiting.get_nowait()
            except Empty:
                return

    def _finder(self, live: Manifest) -> Finder:
        """The finder of `live`, or the one before while that is opened."""
        if self._now is None:
            self._now = self._open(live)
        if self._next and self._next[1].done():
            ready = self._next[1]
            self._next = None
            before, self._now = self._now, ready.result()
            before.close()
        if self._now.version != live and self._next is None:
            self._next = live, self._opener.submit(self._open, live)
        return self._now

    def _open(self, version: Manifest) -> Finder:
        finder = Finder(self.home, version, self.declared)
        finder.warm()
        return finder
