"""Search before create for many at once: whoever waits is answered by one search.

Here: the queue, and when an index is opened and closed for searching. Not here: searching (stages/search). Most of what
a search costs it costs whatever the number of pairs, so requests that come while one runs share the next one, and those
who were answered are given a moment to ask again beside those who waited meanwhile: else the first to come back is
searched for alone, or callers fall into two groups for good, and everybody waits for two searches. While a new version
is opened the one before answers; every answer names its version.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from rules.placeholders import Placeholders
from rules.typed import Typed
from stages.index.read import Index
from stages.search import Finder

TOGETHER = 16
"""Searches that one answers together."""
MOST = 50
"""Clients that are looked for."""
MOMENT = 0.01
"""Seconds within which another of those who were answered is expected to ask again."""
Asked = tuple[Index, Typed, Future["Answer"]]


@dataclass(frozen=True)
class Answer:
    """The index that answered, and what was found in it."""

    index: Index
    found: list[dict[str, Any]]


class Searching:
    """Searches in the live version; safe for many threads."""

    def __init__(self, declared: Placeholders) -> None:
        self.declared = declared
        self._waiting: SimpleQueue[Asked] = SimpleQueue()
        self._together = 1
        self._worker, self._opener = ThreadPoolExecutor(1, "search"), ThreadPoolExecutor(1, "open-search")
        self._now: Finder | None = None
        self._next: tuple[Index, Future[Finder]] | None = None

    def ask(self, live: Index, typed: Typed) -> Future[Answer]:
        """Which clients of `live`, or of the version before while that is opened, the typed one may be.

        `MOST` at most: who may not see all of them is shown the first of those in his sight, and learns of no other.
        """
        asked: Future[Answer] = Future()
        self._waiting.put((live, typed, asked))
        self._worker.submit(self._serve)
        return asked

    def prepare(self, live: Index) -> None:
        """Open an index for searching before anybody searches it."""
        self._worker.submit(self._finder, live)

    def settle(self) -> None:
        """Wait for what is being prepared."""
        self._worker.submit(lambda: None).result()

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
            found = finder.find([typed for _, typed, _ in waiting], MOST)
            self._together = len(waiting) + self._waiting.qsize()
            for (*_, asked), hits in zip(waiting, found, strict=True):
                asked.set_result(Answer(finder.index, hits))
        except BaseException as error:  # also a library's panic: it is for those who wait
            for *_, asked in waiting:
                if not asked.done():
                    asked.set_exception(error)

    def _taken(self) -> Iterator[Asked]:
        """Who waits, and who comes within a moment as long as fewer are there than were answered or waited before."""
        for place in range(TOGETHER):
            try:
                yield self._waiting.get(timeout=MOMENT if 0 < place < self._together else 0)
            except Empty:
                return

    def _finder(self, live: Index) -> Finder:
        """The finder of `live`, or the one before while that is opened; never one from before an erasure."""
        if self._now is None or self._now.index.folder == live.folder:
            self._now = self._now or self._open(live)
            return self._now
        if self._next is None:
            self._next = live, self._opener.submit(self._open, live)
        if self._next[1].done() or self._now.index.version.version == live.version.version:
            before, self._now, self._next = self._now, self._next[1].result(), None
            before.close()
        return self._now

    def _open(self, index: Index) -> Finder:
        return Finder(index, self.declared).warm()
