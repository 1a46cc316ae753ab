"""Trying again: at most the declared number of times, and only what a second try can mend.

Here: the loop. Not here: what can be mended (each connector says so by raising Transient).
"""

from collections.abc import Callable
from time import sleep
from typing import TypeVar

from pipelines.sources.base import Request

T = TypeVar("T")
PAUSE_SECONDS = 0.2


class Transient(Exception):
    """A failure that may pass: connection cut, server busy. Its text must hold no value and no secret."""


def retried(request: Request, attempt: Callable[[], T]) -> T:
    """Run `attempt` anew from its start after a Transient; then SourceError. Nothing partial survives a try."""
    for left in range(request.source.read.retries, -1, -1):
        try:
            return attempt()
        except Transient as failure:
            if left == 0:
                tries = request.source.read.retries + 1
                raise request.fail(f"{failure} ({tries} tries)", "check the source system, then run again") from None
            sleep(PAUSE_SECONDS * 2 ** (request.source.read.retries - left))
    raise AssertionError("unreachable")
