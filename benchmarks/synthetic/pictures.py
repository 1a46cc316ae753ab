"""Photographs and signature specimens of the dossier, drawn: a few of them, since a picture is drawn one by one.

Here: pictures as PNG, the same bytes on every machine. Not here: which documents there are (children.py).
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.synthetic.draws import stream

KINDS = ("photograph", "signature")
DRAWN = 400
"""Documents of a chunk among which those of these kinds lie in the archive."""
FOLDER = "archive"
_SKIN = ((241, 205, 175), (222, 178, 140), (198, 144, 104), (150, 103, 70))
_CLOTH = ((52, 73, 94), (96, 60, 84), (38, 92, 84), (120, 66, 48), (70, 70, 78))
_HAIR = ((30, 24, 22), (60, 42, 32), (92, 66, 44), (150, 150, 152))
_WALL, _INK = (226, 231, 236), (28, 40, 92)


def drawn(kind: str, serial: int) -> bytes:
    """The PNG of a document."""
    rng = stream(serial, kind, 0)
    return _photograph(rng) if kind == "photograph" else _signature(rng)


def archived(documents: pl.DataFrame) -> Iterator[tuple[str, bytes]]:
    """(path, PNG) of every document in the archive, of a frame with file_ref, kind, content_hash, serial."""
    for kind, serial, name in documents.filter(in_archive()).select("kind", "serial", "file_ref").iter_rows():
        yield f"{FOLDER}/{name}", drawn(kind, serial)


def hashed(documents: pl.DataFrame) -> pl.DataFrame:
    """The frame with the true SHA-256 of every document in the archive."""
    known = [
        {"serial": serial, "_hash": hashlib.sha256(drawn(kind, serial)).hexdigest()}
        for kind, serial in documents.filter(in_archive()).select("kind", "serial").iter_rows()
    ]
    found = pl.DataFrame(known, schema={"serial": pl.Int64, "_hash": pl.String})
    joined = documents.join(found, on="serial", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("_hash", "content_hash").alias("content_hash")).drop("_hash")


def in_archive() -> pl.Expr:
    """Whether a document's picture is drawn."""
    return pl.col("kind").is_in(KINDS) & (pl.col("serial") % 500_000 < DRAWN)


def _photograph(rng: np.random.Generator) -> bytes:
    """Head and shoulders before a wall."""
    rows, columns = np.mgrid[0:120, 0:96]
    picked = (each[rng.integers(0, len(each))] for each in (_CLOTH, _HAIR, _SKIN))
    wide, tall, long = rng.integers(18, 22), rng.integers(23, 27), rng.integers(0, 14)
    pixels = np.zeros((120, 96), dtype=np.uint8)
    for colour, (row, column, high, across) in enumerate(
        ((118, 48, 40, 44), (46 + long // 2, 48, tall + 4 + long, wide + 5), (54, 48, tall, wide)), 1
    ):
        pixels[((rows - row) / high) ** 2 + ((columns - column) / across) ** 2 <= 1] = colour
    for eye in (40, 56):
        pixels[50:53, eye - 2 : eye + 2] = 2
    pixels[66:68, 42:54] = 2
    return _png(pixels, (_WALL, *picked))


def _signature(rng: np.random.Generator) -> bytes:
    """A line that runs to the right in loops."""
    along = np.linspace(0, 1, 1500)
    high, wide = np.zeros(1500), 12 + 150 * along
    for loop in range(1, 6):
        high += rng.uniform(-12, 12) / loop * np.sin(2 * np.pi * loop * 2 * along + rng.uniform(0, 6))
        wide += rng.uniform(-7, 7) * np.cos(2 * np.pi * loop * 2 * along + rng.uniform(0, 6)) / loop
    pixels = np.zeros((72, 180), dtype=np.uint8)
    for row in (0, 1):
        pixels[np.clip(36 + high + row, 0, 71).astype(int), np.clip(wide, 0, 179).astype(int)] = 1
    return _png(pixels, ((255, 255, 255), _INK))


def _png(pixels: npt.NDArray[np.uint8], palette: tuple[tuple[int, int, int], ...]) -> bytes:
    """Uncompressed, since compressed bytes differ between builds of zlib."""
    high, wide = pixels.shape
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)
    colours = bytes(part for colour in palette for part in colour)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0)), (b"PLTE", colours),
        (b"IDAT", zlib.compress(lines, 0)), (b"IEND", b""),
    )  # fmt: skip
    body = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)
