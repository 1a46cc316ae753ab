"""An append-only log of JSON lines in the home, each with the hash of the one before.

Here: lines in and out; a changed or lost line is noticed. Not here: what is logged (stages/gates, store/suppression,
stewardship/audit). Appending reads the last line only and waits for other writers; who reads sees whole lines.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from rules.errors import IntegrityError
from store.hashing import text_sha256
from store.home import private, sync_folder
from store.people import os_user

Line = dict[str, Any]
_BLOCK = 65_536


def read(path: Path) -> list[Line]:
    """Every line; IntegrityError names the first that is not as it was written."""
    bad = next(iter(broken(path)), None)
    if bad is not None:
        raise IntegrityError(f"{path.name}, line {bad}", "was changed", "restore the file from a backup")
    return lines(path)


def lines(path: Path, newest: int = 0) -> list[Line]:
    """Its lines unchecked, oldest first, or only the `newest`; one that a crash tore is left out."""
    kept = path.read_bytes().splitlines() if path.exists() else []
    return [line for text in kept[-newest:] if (line := _parsed(text))]


def broken(path: Path) -> list[int]:
    """Lines, from 1, that are not as they were written or do not follow the line before."""
    found, previous = [], ""
    for number, text in enumerate(path.read_bytes().splitlines() if path.exists() else [], 1):
        line = _parsed(text)
        if line.get("previous") != previous or line.get("hash") != _hash(line):
            found.append(number)
        previous = str(line.get("hash", ""))
    return found


def append(path: Path, facts: Line) -> Line:
    """Add `facts` with the time and the operating system's user, behind whatever stands last."""
    return append_all(path, [facts])[0]


def append_all(path: Path, facts: Sequence[Line]) -> list[Line]:
    """Add several lines at once: all are on the disk, or the file is torn behind some of them."""
    with private(), path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last = _last(file)
        torn = b"\n" * (last != b"" and not last.endswith(b"\n"))
        added = _chained(facts, str(_parsed(last).get("hash", "")))
        file.write(torn + b"".join(json.dumps(line, sort_keys=True).encode() + b"\n" for line in added))
        file.flush()
        os.fsync(file.fileno())
    if not last:
        sync_folder(path.parent)
    return added


def _chained(facts: Sequence[Line], previous: str) -> list[Line]:
    """The lines, each with the hash of the one before and its own."""
    now, user, added = datetime.now(UTC).isoformat(timespec="seconds"), os_user(), []
    for one in facts:
        line = {**one, "at": now, "os_user": user, "previous": previous}
        line["hash"] = previous = _hash(line)
        added.append(line)
    return added


def _last(file: BinaryIO) -> bytes:
    """The last line with its end, if it has one."""
    size, tail = file.seek(0, os.SEEK_END), b""
    while size and b"\n" not in tail[:-1]:
        begin = max(0, size - _BLOCK)
        file.seek(begin)
        tail, size = file.read(size - begin) + tail, begin
    return tail[tail.rfind(b"\n", 0, -1) + 1 :]


def _parsed(text: bytes) -> Line:
    """A line; nothing where it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _hash(line: Line) -> str:
    return text_sha256(json.dumps({name: value for name, value in line.items() if name != "hash"}, sort_keys=True))
