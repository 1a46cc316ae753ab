"""Looking through a log of JSON lines that may be long: from the newest line back, from a day on.

Here: reading a log in blocks, so that it is never in memory as a whole. Not here: writing and checking it (chain). A
place in the log is a byte, so that going on where one stopped costs nothing.
"""

from bisect import bisect_left
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from store.chain import Line, length, parsed

_BLOCK = 262_144
_NEVER = "9999"
"""Behind every time."""


def newest_first(path: Path, upto: int, since: int = 0) -> Iterator[tuple[int, Line]]:
    """The lines between two places, the newest first, each with the place where it begins; a torn one is empty."""
    if upto <= since:
        return
    with path.open("rb") as file:
        rest = b""
        while upto > since:
            upto, before = max(since, upto - _BLOCK), upto
            file.seek(upto)
            block = file.read(before - upto) + rest
            cut = (block.find(b"\n") + 1 or len(block)) if upto > since else 0
            rest = block[:cut]
            yield from _backwards(block[cut:], upto + cut)


def _backwards(block: bytes, begins: int) -> Iterator[tuple[int, Line]]:
    place = begins + len(block)
    for text in reversed(block.splitlines(keepends=True)):
        place -= len(text)
        yield place, parsed(text)


def begins(path: Path, at: str) -> int:
    """The place of the first line that was written then or later, by the times of the lines, which only go on."""
    size = length(path)
    if not size:
        return 0
    with path.open("rb") as file:
        return _line_from(file, bisect_left(range(size), at, key=lambda place: _time_from(file, place)))


def _line_from(file: BufferedReader, place: int) -> int:
    """Go to the first line that begins at a place or behind it."""
    file.seek(max(0, place - 1))
    if place:
        file.readline()
    return file.tell()


def _time_from(file: BufferedReader, place: int) -> str:
    _line_from(file, place)
    return next((str(at) for text in file if (at := parsed(text).get("at"))), _NEVER)
