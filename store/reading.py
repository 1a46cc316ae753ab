"""Who reads a version: a shared lock per version, held while a connection on it is open, released by its end.

Here: the lock. Not here: what is cleaned (retention). The operating system releases the lock of a process that died.
"""

import fcntl
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.home import Home


def _file(home: Home, version: int) -> Path:
    return home.versions / f"{version:06d}" / "readers.lock"


def hold(home: Home, version: int, reader: object) -> None:
    """Keep `version` from being removed as long as `reader` lives; in a home that nobody can write nothing is."""
    try:
        handle = os.open(_file(home, version), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return
    fcntl.flock(handle, fcntl.LOCK_SH)
    weakref.finalize(reader, os.close, handle)


@contextmanager
def alone(home: Home, version: int) -> Iterator[bool]:
    """Whether nobody reads the version, in this process or another; while it is so, new readers wait."""
    handle = None
    try:
        handle = os.open(_file(home, version), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = True
    except OSError:
        free = False
    try:
        yield free
    finally:
        if handle is not None:
            os.close(handle)
