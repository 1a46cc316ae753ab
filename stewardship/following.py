"""A new version is opened as soon as it is live, before anybody asks: at 1.1 million clients that takes half a minute.

Here: looking at the pointer now and then. Not here: opening the desk's database (serving) and the index (indexed), each
of which answers from the version before until the new one is open.
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Event, Thread

from rules.errors import RegistryError
from stewardship.desk import Desk
from stewardship.serving import mark

SECONDS = 2.0
"""How often the pointer is looked at."""


class Following:
    """Opens what the pointer names, from the start until `close`, and has it `told`, in a line, or why it cannot."""

    def __init__(self, desk: Desk, told: Callable[[str], object]) -> None:
        self._desk, self._told, self._stop, self._last = desk, told, Event(), ""
        self._thread = Thread(target=self._follow, name="follow", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, when what is being opened is open."""
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        tried = None
        while not self._stop.is_set():
            try:
                if tried != (seen := mark(self._desk.home)):
                    tried = seen  # once: looking through a damaged version takes as long as opening it
                    self._tell(f"Open  version {self._open()}")
            except RegistryError as error:
                self._tell(f"No version can be opened: {error}")
            except Exception as error:  # its text may hold a client's values
                self._tell(f"No version can be opened: a defect ({type(error).__name__})")
            self._stop.wait(SECONDS)

    def _tell(self, line: str) -> None:
        """Once for each look that finds the same."""
        if line != self._last:
            self._last = line
            self._told(line)

    def _open(self) -> int:
        index = self._desk.indexed.asked()
        with self._desk.served.live() as version:
            number = version.number
        if isinstance(index, Future):
            index.result()
        self._desk.searching.settle()
        self._desk.explanations.settle()
        self._desk.anchor()
        return number
