"""Text files as UTF-8 without a byte order mark, whatever their declared encoding.

Here: strict decoding; a file is in its declared encoding or it is refused. Not here: guessing encodings.
"""

import codecs
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from pipelines.sources.base import Raw, Request
from pipelines.sources.files import file_error
from pipelines.sources.scratch import BLOCK, private_folder

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CHUNK = 1 << 22


@contextmanager
def as_utf8(request: Request, path: Path) -> Iterator[Path]:
    """Yield a path with the same text in UTF-8; the file itself when it already is."""
    codec = _codec(request)
    if codec == "utf-8":
        _refuse_mark(request, path)
        yield path
        return
    with private_folder() as folder:
        plain = folder / "plain.txt"
        os.close(os.open(plain, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _transcode(request, path, plain, codec)
        yield plain


def _codec(request: Request) -> str:
    try:
        return codecs.lookup(request.source.read.encoding).name
    except LookupError:
        raise request.fail(
            f"unknown encoding '{request.source.read.encoding}'", "use utf-8, latin-1, cp1251 …"
        ) from None


def _refuse_mark(request: Request, path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(3)
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            problem = f"the file starts with the mark of {encoding}, declared is utf-8"
            raise file_error(request, path, problem, f"set read.encoding: {encoding}")


def _transcode(request: Request, path: Path, plain: Path, codec: str) -> None:
    decoder = codecs.getincrementaldecoder(codec)(errors="strict")
    try:
        with path.open("rb") as source, plain.open("wb") as target:
            while chunk := source.read(_CHUNK):
                target.write(decoder.decode(chunk).encode("utf-8"))
            target.write(decoder.decode(b"", final=True).encode("utf-8"))
    except UnicodeError:
        raise file_error(request, path, f"bytes that are not {codec}", "declare read.encoding as delivered") from None


def line_blocks(request: Request, plain: Path, path: Path) -> Iterator[pl.DataFrame]:
    """Non-blank lines of a UTF-8 file as (row, line), one block at least: so many at a time as are held at once."""
    rows = 0
    with plain.open("rb") as file:
        for number in itertools.count():
            block = file.read(BLOCK) + file.readline()
            if number and not block:
                return
            lines = _lines(request, block, path)
            yield lines.with_columns(pl.int_range(rows, rows + pl.len(), dtype=pl.Int64).alias("row"))
            rows += lines.height


def _lines(request: Request, block: bytes, path: Path) -> pl.DataFrame:
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        raise file_error(request, path, "bytes that are not utf-8", "declare read.encoding as delivered") from None
    lines = pl.DataFrame({"line": [text]}).select(pl.col("line").str.split("\n").explode().str.strip_chars_end("\r"))
    return lines.filter(pl.col("line").str.strip_chars() != "")


def check_end(request: Request, plain: Path, path: Path, raw: Raw) -> None:
    """A last line that is no row and has no line break is a transfer that broke off."""
    with plain.open("rb") as file:
        file.seek(max(0, plain.stat().st_size - 1))
        ended = file.read() in (b"\n", b"\r")
    last = raw.frame.height + raw.bad_rows.height - 1
    if not ended and not raw.bad_rows.filter(pl.col("row") == last).is_empty():
        raise file_error(request, path, "the file is truncated in its last row", "ask for the delivery again")
