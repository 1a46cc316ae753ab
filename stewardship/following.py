"""A new version is opened as soon as it is live, before anybody asks: at 1.1 million clients that takes half a minute.

Here: looking at the pointer now and then. Not here: opening the desk's database (serving) and the index (indexed), each
of which answers from the version before until the new one is open.
"""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Event, Thread

from stewardship.desk import Desk
from stewardship.serving import mark

SECONDS = 2.0
"""How often the pointer is looked at."""


class Following:
    """Opens what the pointer names, from the start until `close`, and tells `opened` its number.

    What cannot be opened is told to who asks for it.
    """

    def __init__(self, desk: Desk, opened: Callable[[int], object]) -> None:
        self._desk, self._opened, self._stop = desk, opened, Event()
        self._thread = Thread(target=self._follow, name="follow", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, when what is being opened is open."""
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        tried = None
        while not self._stop.is_set():
            with suppress(Exception):
                if tried != (seen := mark(self._desk.home)):
                    tried = seen  # once: looking through a damaged version takes as long as opening it
                    self._open()
            self._stop.wait(SECONDS)

    def _open(self) -> None:
        index = self._desk.indexed.asked()
        with self._desk.served.live() as version:
            number = version.number
        if isinstance(index, Future):
            index.result()
        self._desk.anchor()
        self._opened(number)
