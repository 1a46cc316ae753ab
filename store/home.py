"""The home: one folder that holds everything a run writes, with names for its parts.

Here: paths and crash-safe writing of small files. Not here: what the files mean.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rules.errors import StoreError

PRIVATE = 0o077
"""umask of every process that writes a home: client data is never readable by others."""


@dataclass(frozen=True)
class Home:
    """Paths of a home; call `prepare()` before writing."""

    root: Path

    @property
    def objects(self) -> Path:
        """Content-addressed files, named by their SHA-256."""
        return self.root / "objects"

    @property
    def versions(self) -> Path:
        """One folder per version with its manifest."""
        return self.root / "versions"

    @property
    def pointer(self) -> Path:
        """The file that names the live version."""
        return self.root / "current.json"

    @property
    def snapshots(self) -> Path:
        """Raw snapshots by source and business date."""
        return self.root / "raw"

    @property
    def staging(self) -> Path:
        """Work of runs not yet promoted."""
        return self.root / "staging"

    @property
    def keys(self) -> Path:
        """The key map's append-only files."""
        return self.root / "keys"

    @property
    def models(self) -> Path:
        """Trained model versions."""
        return self.root / "models"

    @property
    def cache(self) -> Path:
        """Standard forms of distinct values; disposable."""
        return self.root / "cache"

    @property
    def reports(self) -> Path:
        """One HTML report per version."""
        return self.root / "reports"

    @property
    def published(self) -> Path:
        """Snapshots handed to downstream systems."""
        return self.root / "published"

    @property
    def outbox(self) -> Path:
        """What is asked of owning systems, a folder each."""
        return self.root / "outbox"

    @property
    def dagster(self) -> Path:
        """Dagster's instance folder."""
        return self.root / "dagster"

    def prepare(self) -> "Home":
        """Create the folders with private modes; raise StoreError where the place cannot be written."""
        os.umask(PRIVATE)
        folders = (
            self.objects, self.versions, self.snapshots, self.staging, self.keys, self.models, self.cache,
            self.reports, self.published, self.dagster,
        )  # fmt: skip
        try:
            for folder in folders:
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(str(self.root), f"cannot be written ({error.strerror})", "choose another --home") from None
        return self


def write_durably(path: Path, data: bytes) -> None:
    """Write beside `path`, fsync, rename over it and fsync the folder: readers see the old or the new file."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Force a file's bytes to disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to disk, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def private() -> Iterator[None]:
    """What is written inside is readable by its owner only, also outside a home."""
    before = os.umask(PRIVATE)
    try:
        yield
    finally:
        os.umask(before)
