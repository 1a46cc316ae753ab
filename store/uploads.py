"""Copies that were taken into a dossier at the desk: one file for each content, named by its SHA-256, in the home.

Here: keeping, finding, removing. Not here: which document a copy is of (store/entered), who may see it (stewardship).
What a file is, its first bytes say, never its name.
"""

import hashlib
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from rules.errors import DecisionRefused
from store.home import Home, private, sync_file, sync_folder

PREFIX = "upload:"
"""Before the digest, in the file reference of a document that was taken in at the desk."""
TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"%PDF-": "application/pdf"}
_PIECE = 64 * 1024
_PARTIAL = ".partial-"


def keep(home: Home, content: IO[bytes], largest: int) -> str:
    """Copy the content, piece by piece, into the home; its digest.

    Raises DecisionRefused where it is no PNG, JPEG or PDF, or has more than `largest` bytes.
    """
    folder = _folder(home)
    with private():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=_PARTIAL) as file:
            digest, size, begins = hashlib.sha256(), 0, b""
            while piece := content.read(_PIECE):
                begins, size = begins or piece[:16], size + len(piece)
                if size > largest:
                    raise DecisionRefused("file", f"has more than {largest // 2**20} MB", "scan it smaller")
                digest.update(piece)
                file.write(piece)
            if media(begins) is None:
                raise DecisionRefused("file", "is no PNG, JPEG or PDF", "scan it as one of these")
            file.flush()
            sync_file(Path(file.name))
            target = folder / digest.hexdigest()
            target.unlink(missing_ok=True)
            target.hardlink_to(file.name)
    sync_folder(folder)
    return target.name


def find(home: Home, reference: str) -> Path | None:
    """The file of a document's reference, if it was taken in at the desk and is there."""
    path = _folder(home) / reference.removeprefix(PREFIX)
    return path if reference.startswith(PREFIX) and path.parent == _folder(home) and path.is_file() else None


def media(begins: bytes) -> str | None:
    """The media type that first bytes tell; None for what is no picture and no PDF."""
    return next((kind for first, kind in TYPES.items() if begins.startswith(first)), None)


def remove(home: Home, references: Iterable[str]) -> int:
    """Remove the files of references, also what a killed request left half; how many were there."""
    gone = [path for reference in references if (path := find(home, reference))]
    for path in (*gone, *_folder(home).glob(f"{_PARTIAL}*")):
        path.unlink(missing_ok=True)
    return len(gone)


def _folder(home: Home) -> Path:
    return home.root / "uploads"
