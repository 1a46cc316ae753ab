"""One writer per home: a lock that the operating system releases when its process dies.

Here: the lock and who holds it. Not here: what is done under it.
"""

import json
import os

from filelock import FileLock, Timeout

from rules.errors import HomeBusy
from store.home import Home

_held: dict[str, FileLock] = {}


def acquire(home: Home) -> None:
    """Take the home for this process; asking again in the same process is free. Raise HomeBusy if another has it."""
    name = str(home.root.resolve())
    if name in _held and _held[name].is_locked:
        return
    lock = FileLock(home.root / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise HomeBusy(
            name, f"another run holds this home (process {_holder(home)})", "wait for it to end, then run again"
        ) from None
    _held[name] = lock
    (home.root / "run.holder").write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")


def release(home: Home) -> None:
    """Give the home back; harmless when it is not held."""
    lock = _held.pop(str(home.root.resolve()), None)
    if lock is not None:
        (home.root / "run.holder").unlink(missing_ok=True)
        lock.release()


def _holder(home: Home) -> str:
    try:
        return str(json.loads((home.root / "run.holder").read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError):
        return "unknown"
