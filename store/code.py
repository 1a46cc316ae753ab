"""The code version: what of our own code a result depends on.

Here: one hash over the rooms that compute. Not here: the desks, the command line, tests.
"""

import hashlib
from functools import cache
from pathlib import Path

LOCK = "requirements/runtime.lock"
FORMS = ("quality", "rules")
"""Rooms that a standard form depends on."""
ROOMS = ("rules", "store", "quality", "matching", "golden_record", "client_view", "stages", "pipelines")
_ROOT = Path(__file__).parent.parent


@cache
def code_version() -> str:
    """Digest of the rooms that compute and of the locked libraries."""
    return _digest(ROOMS)


@cache
def forms_version() -> str:
    """Digest of what standard forms of values are made by: part of the name of every cache of them."""
    return _digest(FORMS)


def _digest(rooms: tuple[str, ...]) -> str:
    """First 16 digits of the SHA-256 over the rooms' Python files and lists and the lock, in path order."""
    digest = hashlib.sha256()
    lock = _ROOT / LOCK
    digest.update(lock.read_bytes() if lock.exists() else b"")
    for path in sorted(file for room in rooms for file in (_ROOT / room).rglob("*") if _counts(file)):
        digest.update(path.relative_to(_ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _counts(file: Path) -> bool:
    return file.is_file() and file.suffix in (".py", ".csv", ".yaml") and "__pycache__" not in file.parts
