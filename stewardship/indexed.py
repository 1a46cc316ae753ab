"""The index of the live version, followed: a new one is opened beside the old, which answers meanwhile.

Here: when an index is opened, who waits. Not here: what it holds (stages/index), the desk's own database of a version
(serving). After an erasure nobody is answered by what was before it, and after damage by nothing.
"""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from stages.index.read import Index, open_index
from stewardship import serving
from stewardship.serving import Mark, mark, still_opening
from store import versions
from store.decisions.entries import Record
from store.home import Home


class Indexed:
    """Which index answers, safe for many threads; `ready` is told of every index that was opened."""

    def __init__(
        self, home: Home, ready: Callable[[Index], object], sealed: Callable[[], Iterable[Record]] = frozenset
    ) -> None:  # fmt: skip
        self.home, self._ready, self._sealed = home, ready, sealed
        self._opener, self._lock = ThreadPoolExecutor(1, "open-index"), Lock()
        self._now: tuple[Mark, Index] | None = None
        self._next: Future[Index] | None = None

    async def live(self) -> Index:
        """The index of the version that is live now, or of the one before while it is opened.

        StoreError where none is open yet, nor within `PATIENCE`: making one of a million clients takes minutes.
        """
        found = self.asked()
        if isinstance(found, Index):
            return found
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(found)), serving.PATIENCE)
        except TimeoutError:
            raise still_opening() from None

    def wait(self) -> Index:
        """The same for a thread."""
        found = self.asked()
        try:
            return found if isinstance(found, Index) else found.result(serving.PATIENCE)
        except TimeoutError:
            raise still_opening() from None

    def asked(self) -> Index | Future[Index]:
        """The index that answers; or, where nobody may be answered before it is open, the one that is coming."""
        seen = mark(self.home)
        with self._lock:
            if self._now and self._now[0] == seen:
                return self._now[1]
            failed = self._next is not None and self._next.done() and self._next.exception() is not None
            if self._next is None or self._next.done():
                self._next = self._opener.submit(self._open)
            return self._now[1] if self._now and not failed and not self._revised(self._now[1]) else self._next

    def close(self) -> None:
        """Wait for what is being opened."""
        self._opener.shutdown(wait=True, cancel_futures=True)

    def _open(self) -> Index:
        seen = mark(self.home)
        sealed = self._sealed()
        opened = open_index(self.home).sealing(sealed)
        with self._lock:
            self._now = seen, opened
        self._ready(opened)
        return opened

    def _revised(self, index: Index) -> bool:
        """Whether the live version is the one of the index, changed by an erasure."""
        pointer = versions.live(self.home)
        return pointer is not None and pointer.version == index.version.version
