"""An append-only log of JSON lines in the home, each with the hash of the one before.

Here: lines in and out; a changed or lost line is noticed, a lost end by who knows how far the log reached (`head`).
Not here: what is logged (stages/gates, store/suppression, stewardship/audit), looking through a long log
(chain_search). Appending reads the last line only and waits for other writers; who reads sees whole lines.
"""

import fcntl
import json
import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any

from rules.errors import IntegrityError
from store.hashing import text_sha256
from store.home import sync_folder
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
    return [line for text in kept[-newest:] if (line := parsed(text))]


def broken(path: Path) -> list[int]:
    """Lines, from 1, that are not as they were written or do not follow the line before."""
    found, previous = [], ""
    for number, text in enumerate(_texts(path), 1):
        line = parsed(text)
        if line.get("previous") != previous or line.get("hash") != _hash(line):
            found.append(number)
        previous = str(line.get("hash", ""))
    return found


def head(path: Path) -> tuple[int, str]:
    """The byte where the last line ends, and its hash; (0, "") where there is none, or a crash tore it."""
    size = length(path)
    found = _hash_at(path, size)
    return (size, found) if found else (0, "")


def holds(path: Path, upto: int, hashed: str) -> bool:
    """Whether the line that ends at byte `upto` is there, and has that hash."""
    return length(path) >= upto and _hash_at(path, upto) == hashed


def length(path: Path) -> int:
    """How many bytes the log has when no writer is in the middle of a line; 0 where there is none."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        return os.fstat(file.fileno()).st_size


def _hash_at(path: Path, upto: int) -> str:
    """The hash of the line that ends at byte `upto`; empty where no line does."""
    if not upto:
        return ""
    with FileIO(path) as file:
        last = _last(file, upto)
    return str(parsed(last).get("hash", "")) if last.endswith(b"\n") else ""


def _texts(path: Path) -> Iterator[bytes]:
    """Its lines as they stand, one after the other, without those that are added meanwhile."""
    left = length(path)
    if left:
        with path.open("rb") as file:
            while left > 0 and (text := file.readline()):
                yield text
                left -= len(text)


def append(path: Path, facts: Line) -> Line:
    """Add `facts` with the time and the operating system's user, behind whatever stands last."""
    return append_all(path, [facts])[0]


def append_all(path: Path, facts: Sequence[Line]) -> list[Line]:
    """Add several lines at once: all are on the disk, or the file is torn behind some of them."""
    with closing(Writer(path)) as writer:
        return writer.append_all(facts)


class Writer:
    """Appends to a log again and again, for one thread: the file stays open and its end is remembered.

    What another process wrote meanwhile, or a file that took the log's place, is read again.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._user = path, os_user()
        self._file: FileIO | None = None
        self._end, self._hash = (0, 0), ""

    def append_all(self, facts: Sequence[Line]) -> list[Line]:
        """The same as the function of this name."""
        with self._locked() as file:
            torn = b"" if self._knows_end() else self._read_end(file)
            added = _chained(facts, self._hash, self._user)
            self._end = 0, 0  # as long as nobody knows how much was written
            _write(file, torn + b"".join(json.dumps(line, sort_keys=True).encode() + b"\n" for line in added))
            self._hash, self._end = str(added[-1]["hash"]) if added else self._hash, _end(os.fstat(file.fileno()))
        return added

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._shut()
            self._file = None

    @contextmanager
    def _locked(self) -> Iterator[FileIO]:
        """The file, of which no other process is a writer."""
        while self._file is None or not self._is_log(self._file):
            self.close()
            self._file = FileIO(self._path, "a+", opener=_durable)
            self._shut = weakref.finalize(self, self._file.close)
        try:
            yield self._file
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _is_log(self, file: FileIO) -> bool:
        """Whether the file, now locked, is still the log's: another may have taken its place while we waited."""
        fcntl.flock(file, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            return os.fstat(file.fileno()).st_ino == self._path.stat().st_ino
        return False

    def _knows_end(self) -> bool:
        with suppress(FileNotFoundError):
            return self._end == _end(self._path.stat())
        return False

    def _read_end(self, file: FileIO) -> bytes:
        """Read the hash of the last line; the end that a torn one lacks."""
        last = _last(file, file.seek(0, os.SEEK_END))
        if not last:
            sync_folder(self._path.parent)
        self._hash = str(parsed(last).get("hash", ""))
        return b"\n" * (last != b"" and not last.endswith(b"\n"))


def _durable(path: str, flags: int) -> int:
    """Opened so that what is written is on the disk when writing returns, and only the owner reads it."""
    return os.open(path, flags | os.O_SYNC, 0o600)


def _end(found: os.stat_result) -> tuple[int, int]:
    """Which file it is, and how long."""
    return found.st_ino, found.st_size


def _write(file: FileIO, data: bytes) -> None:
    """Write all of it; the disk may take it in parts."""
    while data:
        data = data[file.write(data) :]


def _chained(facts: Sequence[Line], previous: str, user: str) -> list[Line]:
    """The lines, each with the hash of the one before and its own."""
    now, added = datetime.now(UTC).isoformat(timespec="seconds"), []
    for one in facts:
        line = {**one, "at": now, "os_user": user, "previous": previous}
        line["hash"] = previous = _hash(line)
        added.append(line)
    return added


def _last(file: FileIO, size: int) -> bytes:
    """The last line of the first `size` bytes, with its end, if it has one."""
    tail = b""
    while size and b"\n" not in tail[:-1]:
        begin = max(0, size - _BLOCK)
        file.seek(begin)
        tail, size = file.read(size - begin) + tail, begin
    return tail[tail.rfind(b"\n", 0, -1) + 1 :]


def parsed(text: bytes) -> Line:
    """A line; nothing where it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _hash(line: Line) -> str:
    return text_sha256(json.dumps({name: value for name, value in line.items() if name != "hash"}, sort_keys=True))
