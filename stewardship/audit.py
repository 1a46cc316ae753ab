"""The audit trail: who logged in, searched and opened what, one line each, chained by hashes (store/chain).

Here: what a line holds, and when it is written: before the answer goes out, and together with those of others who wait,
since the disk takes as long for many lines as for one. Not here: decisions, which have a log of their own. A line names
client numbers and cases, never a client's values nor what was typed into a search.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from store import chain
from store.home import Home

FILE = "audit.jsonl"


def named(numbers: Iterable[str | None]) -> str:
    """Client numbers, or cases, as a line names several: each once, with blanks between."""
    return " ".join(dict.fromkeys(number for number in numbers if number))


def of(rows: Iterable[Mapping[str, Any]]) -> str:
    """The same of rows that each are about a client; those of a list of something else name nobody."""
    return named(row.get("client_number") for row in rows)


def _lines(
    user: str, action: str, each: Sequence[chain.Line], facts: Mapping[str, str | int]
) -> list[chain.Line]:  # fmt: skip
    return [{"user": user, "action": action, **facts, **one} for one in each or ({},)]


class Trail:
    """The trail of a home; safe for many threads."""

    def __init__(self, home: Home) -> None:
        self.file: Path = home.root / FILE
        self._waiting: SimpleQueue[tuple[Sequence[chain.Line], Future[None]]] = SimpleQueue()
        self._writer, self._log = ThreadPoolExecutor(1, "audit"), chain.Writer(self.file)

    def note(self, user: str, action: str, *each: chain.Line, **facts: str | int) -> None:
        """Append a line; with `each` a line for each."""
        self._put(_lines(user, action, each, facts)).result()

    async def noted(self, user: str, action: str, *each: chain.Line, **facts: str | int) -> None:
        """The same for a coroutine."""
        await asyncio.wrap_future(self._put(_lines(user, action, each, facts)))

    def lines(self, newest: int = 0) -> list[chain.Line]:
        """Its lines, oldest first, or only the `newest`."""
        return chain.lines(self.file, newest)

    def broken(self) -> list[int]:
        """Lines, from 1, that are not as they were written or do not follow the line before."""
        return chain.broken(self.file)

    def head(self) -> tuple[int, str]:
        """The byte where the last line ends, and its hash."""
        return chain.head(self.file)

    def holds(self, upto: int, hashed: str) -> bool:
        """Whether a line with that hash ends at byte `upto`."""
        return chain.holds(self.file, upto, hashed)

    def close(self) -> None:
        """Write what waits."""
        self._writer.shutdown(wait=True)
        self._log.close()

    def _put(self, lines: Sequence[chain.Line]) -> Future[None]:
        done: Future[None] = Future()
        self._waiting.put((lines, done))
        self._writer.submit(self._write)
        return done

    def _write(self) -> None:
        """Write the lines of everybody who waits; nobody may, if an earlier call wrote them."""
        waiting = []
        try:
            while True:
                waiting.append(self._waiting.get_nowait())
        except Empty:
            pass
        if not waiting:
            return
        try:
            self._log.append_all([line for lines, _ in waiting for line in lines])
        except Exception as error:
            for _, done in waiting:
                done.set_exception(error)
        else:
            for _, done in waiting:
                done.set_result(None)
