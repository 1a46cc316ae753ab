"""How often a log-in may fail, how often somebody may ask, and how large a request may be.

Here: the figures, and counting in memory. Not here: what a bank declares (rules/limits), passwords (accounts).
"""

import time
from collections import OrderedDict, deque
from collections.abc import Iterable
from threading import Lock

FAILURES, WINDOW, REMEMBERED = 10, 300.0, 10_000
"""Failed log-ins of a name, or from an address, within so many seconds; how many names and addresses are remembered."""
AT_ONCE_PAGES, AT_ONCE_API = 20, 10
"""Of how many seconds a caller may have the requests at once: a window with many tabs, a batch of look-ups."""
BEGUN = 1_000
"""Log-ins that an address may begin at the identity provider in the time that one may take: a fifth at most of those
that may be under way (provider), counting those of the time before, so that nobody displaces another's."""
LARGEST = 64 * 1024
"""Bytes of a request's body, beside a file (rules/desk)."""


class Attempts:
    """Failed log-ins by name and by address."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, *keys: str) -> int:
        """Seconds until another try is allowed; 0 where one is, which counts as failed until it succeeded.

        Counted before the password is looked at: many tries at once are many tries.
        """
        now = time.monotonic()
        with self._lock:
            seconds = max((self._wait(key, now) for key in keys), default=0)
            if not seconds:
                self._note(keys, now)
            return seconds

    def _wait(self, key: str, now: float) -> int:
        failed = self._failed.get(key, deque())
        while failed and now - failed[0] > WINDOW:
            failed.popleft()
        return int(WINDOW - (now - failed[0])) + 1 if len(failed) >= FAILURES else 0

    def _note(self, keys: Iterable[str], now: float) -> None:
        for key in keys:
            self._failed.setdefault(key, deque(maxlen=FAILURES)).append(now)
            self._failed.move_to_end(key)
        while len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)

    def succeeded(self, name: str, address: str = "") -> None:
        """Forget the failures of a name, and of an address this try alone.

        Its owner might log in between guesses at others' names.
        """
        with self._lock:
            self._failed.pop(name, None)
            if tries := self._failed.get(address):
                tries.pop()


class Rate:
    """Requests of each caller: so many at once, and as many again, evenly, in every so many seconds.

    Of a caller only the moment is kept at which all its requests, spread evenly, would be over.
    """

    def __init__(self, requests: int, seconds: float) -> None:
        self.requests, self.seconds = requests, seconds
        self._lock = Lock()
        self._over: OrderedDict[str, float] = OrderedDict()

    def wait(self, caller: str) -> int:
        """Seconds until the caller may ask; 0 where it may now, and the request is counted."""
        now, each = time.monotonic(), self.seconds / self.requests
        with self._lock:
            over = max(self._over.get(caller, now), now) + each
            late = over - now - self.seconds
            if late > each / 2:  # not 0: the sum of many small shares is not exact
                return int(late) + 1
            self._over[caller] = over
            self._over.move_to_end(caller)
            if len(self._over) > REMEMBERED:
                self._over.popitem(last=False)
            return 0
