"""A version as a folder of its own: it appears whole or not at all, and names every file with rows and SHA-256.

Here: composing and checking the folder. Not here: what a file of a form looks like (files, excel, changes).
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rules.errors import StoreError
from stages.publish.job import Job
from store.hashing import file_sha256
from store.home import sync_file, sync_folder

FACTS = "publication.json"
Rows = dict[str, int]
"""Rows by file name."""


def write_folder(job: Job, write: Callable[[Job, Path], Rows]) -> str:
    """Make the folder of the version unless it is there; return it.

    `write` fills an empty folder and says how many rows it read back of each file. Raises StoreError where the folder
    holds something else: an old extract must not pass for this version.
    """
    if not _is_there(job):
        with _staged(job.folder) as staged:
            rows = write(job, staged)
            (staged / "manifest.json").write_bytes(job.manifest)
            _note(job, staged, rows)
    return str(job.folder)


def assert_read_back(place: str, given: int, read: int) -> None:
    """Refuse an output of which fewer or more rows are read back than were given."""
    if given != read:
        raise StoreError(place, f"{given} rows were given and {read} are read back", "see the disk, and run again")


def _is_there(job: Job) -> bool:
    kept = job.folder / "manifest.json"
    if not job.folder.exists():
        return False
    if not kept.exists() or kept.read_bytes() != job.manifest:
        expected = f"must be an extract of this home's version {job.version.version}"
        raise StoreError(str(job.folder), expected, "move it away and run again")
    noted = job.folder / FACTS
    return noted.exists() and json.loads(noted.read_text(encoding="utf-8")).items() >= job.facts.items()


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """An empty folder beside `folder` that takes its place at the end."""
    staged, old = folder.with_name(folder.name + ".tmp"), folder.with_name(folder.name + ".old")
    for leftover in (staged, old):
        shutil.rmtree(leftover, ignore_errors=True)
    staged.mkdir(parents=True)
    yield staged
    for file in staged.iterdir():
        sync_file(file)
    if folder.exists():
        folder.replace(old)
    staged.replace(folder)
    sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _note(job: Job, folder: Path, rows: Rows) -> None:
    files: dict[str, Any] = {
        name: {"rows": count, "sha256": file_sha256(folder / name)} for name, count in sorted(rows.items())
    }
    text = json.dumps({**job.facts, "files": files}, indent=1, sort_keys=True)
    (folder / FACTS).write_text(text + "\n", encoding="utf-8")
