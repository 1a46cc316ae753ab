"""How often a log-in may fail, how often a program may ask, and how large a request may be.

Here: the figures, and counting in memory. Not here: passwords (accounts).
"""

import time
from collections import OrderedDict, deque
from threading import Lock

FAILURES, WINDOW, REMEMBERED = 10, 300.0, 10_000
"""Failed log-ins of a name, or from an address, within so many seconds; how many names and addresses are remembered."""
REQUESTS, PER_SECONDS = 5_000, 10.0
"""Requests of a caller of the API within so many seconds."""
LARGEST = 64 * 1024
"""Bytes of a request's body, beside a file (rules/desk)."""


class Attempts:
    """Failed log-ins by name and by address."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, *keys: str) -> int:
        """Seconds until another try is allowed; 0 where one is."""
        now = time.monotonic()
        with self._lock:
            return max((self._wait(key, now) for key in keys), default=0)

    def _wait(self, key: str, now: float) -> int:
        failed = self._failed.get(key, deque())
        while failed and now - failed[0] > WINDOW:
            failed.popleft()
        return int(WINDOW - (now - failed[0])) + 1 if len(failed) >= FAILURES else 0

    def failed(self, *keys: str) -> None:
        """Note a failure."""
        with self._lock:
            for key in keys:
                self._failed.setdefault(key, deque(maxlen=FAILURES)).append(time.monotonic())
                self._failed.move_to_end(key)
            while len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)

    def succeeded(self, *keys: str) -> None:
        """Forget failures."""
        with self._lock:
            for key in keys:
                self._failed.pop(key, None)


class Rate:
    """Requests of each caller in the last seconds."""

    def __init__(self, requests: int = REQUESTS, seconds: float = PER_SECONDS) -> None:
        self.requests, self.seconds = requests, seconds
        self._lock = Lock()
        self._asked: dict[str, deque[float]] = {}

    def wait(self, caller: str) -> int:
        """Seconds until the caller may ask; 0 where it may now, and the request is counted."""
        now = time.monotonic()
        with self._lock:
            asked = self._asked.setdefault(caller, deque())
            while asked and now - asked[0] > self.seconds:
                asked.popleft()
            if len(asked) >= self.requests:
                return int(self.seconds - (now - asked[0])) + 1
            asked.append(now)
            return 0
