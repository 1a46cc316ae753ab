"""Versions: promote atomically, read the live one, roll back, verify files.

Promotion = stage → fsync → hash → manifest → rename the pointer. A crash leaves version N or N+1 live, never a mix:
a version folder above the pointer's `promoted` was never live and is swept.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow.parquet as pq
from pydantic import BaseModel, ValidationError

from rules.contracts import TABLES
from rules.errors import IntegrityError, NotFound, StoreError
from store import reading
from store.duck import identifier, quote
from store.hashing import file_sha256
from store.home import Home, sync_file, sync_folder, write_durably
from store.manifest import FileEntry, Manifest
from store.tables import missing_sql

_MARK = "was_live"
"""File in the folder of every version that ever was live: such a version is never swept."""
_NEXT = ".next"
"""Suffix of a revised manifest until it stands in the place of the old one."""
_PLACE = "place__"
"""Column of a row's place among the files of its table."""
SEE_KEPT = "see which versions are kept", "registry versions"
"""What to do where a version is not there: the step, and the command that takes it."""
REMOVED = "removed"
"""File beside the manifest of a version whose tables are past their term: a tombstone."""


class Pointer(BaseModel):
    """The live version, the hash of its manifest, and the highest version ever promoted."""

    version: int
    manifest_sha256: str
    promoted: int


def live(home: Home) -> Pointer | None:
    """The pointer, or None in a new home. Raises IntegrityError where versions once live are newer than it says.

    The marks are read before the pointer: a promotion in between writes them in the other order.
    """
    marked = [int(path.parent.name) for path in home.versions.glob(f"*/{_MARK}")]
    pointer = _read_pointer(home)
    newest = max(marked, default=0)
    if newest > (pointer.promoted if pointer else 0):
        raise IntegrityError(
            str(home.pointer), f"is missing or older than version {newest}, which was live", "restore it from a backup"
        )
    return pointer


def _read_pointer(home: Home) -> Pointer | None:
    try:
        return Pointer.model_validate_json(home.pointer.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise IntegrityError(
            str(home.pointer), "is not a valid pointer", "restore it, or run `registry doctor`"
        ) from None


def numbers(home: Home) -> list[int]:
    """Versions ever promoted, ascending; of removed ones (`is_removed`) only the manifest is kept."""
    pointer = live(home)
    if pointer is None:
        return []
    found = (int(folder.name) for folder in home.versions.iterdir() if folder.name.isdigit())
    return sorted(number for number in found if number <= pointer.promoted)


def kept(home: Home) -> list[int]:
    """Versions ever promoted whose tables are still there, ascending."""
    return [number for number in numbers(home) if not is_removed(home, number)]


def manifest(home: Home, version: int | None = None) -> Manifest:
    """The manifest of `version` (default: the live one); its hash is checked where the pointer knows it."""
    pointer = live(home)
    if pointer is None:
        raise NotFound(str(home.root), "no version has been promoted yet", "run `registry run` first")
    number = pointer.version if version is None else version
    path = manifest_path(home, number)
    if number > pointer.promoted or not (path.exists() or number == pointer.version):
        raise NotFound(str(home.root), f"there is no version {number}", *SEE_KEPT)
    expected = pointer.manifest_sha256 if number == pointer.version else _kept_hash(path)
    for kept in (path, path.with_suffix(_NEXT)):
        data = kept.read_bytes() if kept.exists() else b""
        if data and hashlib.sha256(data).hexdigest() == expected:
            return _parsed(data)
    raise IntegrityError(str(path), "differs from the hash kept of it", "roll back: `registry rollback`")


@lru_cache(maxsize=8)
def _parsed(data: bytes) -> Manifest:
    """A night asks for its parent's manifest a thousand times."""
    return Manifest.model_validate_json(data)


def is_removed(home: Home, version: int) -> bool:
    """Whether the version's tables were removed at the end of their term."""
    return manifest_path(home, version).with_name(REMOVED).exists()


def require_kept(home: Home, version: int) -> None:
    """Raise NotFound for a version whose tables were removed."""
    if is_removed(home, version):
        place = f"version {version}"
        raise NotFound(place, "its term is over, its tables were removed", *SEE_KEPT)


def _kept_hash(path: Path) -> str:
    """Hash written beside a manifest at promotion; the pointer knows only the live one's."""
    beside = path.with_suffix(".sha256")
    return beside.read_text(encoding="ascii") if beside.exists() else ""


def newest(home: Home) -> Manifest:
    """The manifest of the highest version ever promoted, live or rolled back: it has the whole ledger.

    Raises IntegrityError where it is missing: an older ledger would give numbers a second time.
    """
    pointer = live(home)
    promoted = pointer.promoted if pointer else 0
    if promoted and not manifest_path(home, promoted).exists():
        place = str(manifest_path(home, promoted))
        raise IntegrityError(place, "is missing, and with it the newest ledger", "restore it from a backup")
    return manifest(home, promoted)


def manifest_path(home: Home, version: int) -> Path:
    """Where a version's manifest lies."""
    return home.versions / f"{version:06d}" / "manifest.json"


def manifest_sha256(home: Home, version: int) -> str:
    """SHA-256 of a version's manifest as it is."""
    return file_sha256(manifest_path(home, version))


def next_number(home: Home) -> int:
    """The number the next promoted version gets: monotone, never reused, also after a rollback."""
    pointer = live(home)
    return pointer.promoted + 1 if pointer else 1


def adopt(
    home: Home, file: Path, rows: int, kind: Literal["base", "lost", "delta"] = "base", key: tuple[str, ...] = ()
) -> FileEntry:
    """Move a staged Parquet file among the content-addressed objects and return its entry.

    An object of that name that was damaged meanwhile is replaced, so running again heals a home.
    """
    digest = file_sha256(file)
    sync_file(file)
    target = home.objects / digest[:2] / f"{digest}.parquet"
    target.parent.mkdir(exist_ok=True)
    sync_folder(home.objects)
    if _intact(target, digest):
        file.unlink()
    else:
        file.replace(target)
        sync_folder(target.parent)
    return FileEntry(path=str(target.relative_to(home.root)), sha256=digest, rows=rows, kind=kind, key=key)


def promote(home: Home, new: Manifest) -> Pointer:
    """Make `new` live. Refused when its parent is not the version live now, or its number not the next one."""
    pointer = live(home)
    if new.parent != (pointer.version if pointer else None):
        raise StoreError(
            str(home.root), f"version {new.version} was built on {new.parent}, which is no longer live", "run again"
        )
    if new.version != next_number(home):
        raise StoreError(
            str(home.root), f"version {new.version} cannot be promoted, {next_number(home)} comes next", "run again"
        )
    folder, data = home.versions / f"{new.version:06d}", new.to_bytes()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    write_durably(folder / "manifest.sha256", hashlib.sha256(data).hexdigest().encode())
    write_durably(folder / "manifest.json", data)
    sync_folder(home.versions)
    return _point(home, new.version, promoted=new.version)


def revise(home: Home, new: Manifest) -> None:
    """Put a revised manifest in the place of a promoted version's; readers see the old or the new one."""
    path, pointer, data = manifest_path(home, new.version), live(home), new.to_bytes()
    write_durably(path.with_suffix(_NEXT), data)
    digest = hashlib.sha256(data).hexdigest()
    if pointer and pointer.version == new.version:
        changed = pointer.model_copy(update={"manifest_sha256": digest})
        write_durably(home.pointer, json.dumps(changed.model_dump(), sort_keys=True).encode())
    write_durably(path.with_suffix(".sha256"), digest.encode())
    path.with_suffix(_NEXT).replace(path)
    sync_folder(path.parent)


def rollback(home: Home, version: int) -> Pointer:
    """Point back to an earlier version after checking all its files."""
    require_kept(home, version)
    assert_whole(home, manifest(home, version), "choose another version")
    pointer = live(home)
    return _point(home, version, promoted=pointer.promoted if pointer else version)


def pointer_to(home: Home, version: int, promoted: int) -> Pointer:
    """A pointer at the version, not yet written."""
    return Pointer(version=version, manifest_sha256=file_sha256(manifest_path(home, version)), promoted=promoted)


def _point(home: Home, version: int, promoted: int) -> Pointer:
    pointer = pointer_to(home, version, promoted)
    write_durably(home.pointer, json.dumps(pointer.model_dump(), sort_keys=True).encode())
    write_durably(manifest_path(home, version).with_name(_MARK), b"")
    return pointer


def damaged(home: Home, of: Manifest, tables: Iterable[str] | None = None) -> list[str]:
    """Files of a version, or of some of its tables, that are missing or differ from their hash."""
    wanted = set(tables) if tables is not None else {table.name for table in of.tables}
    files = [file for table in of.tables if table.name in wanted for file in table.files]
    return [file.path for file in files if not _intact(home.root / file.path, file.sha256)]


def assert_whole(home: Home, of: Manifest, mend: str = "`registry rollback`, or restore it") -> None:
    """Raise IntegrityError where a file of the version is missing or differs from its hash."""
    broken = damaged(home, of)
    if broken:
        raise IntegrityError(broken[0], f"version {of.version} has damaged files", mend)


def _intact(path: Path, sha256: str) -> bool:
    return path.exists() and file_sha256(path) == sha256


def attach(
    con: duckdb.DuckDBPyConnection, home: Home, of: Manifest, tables: Iterable[str] | None = None, prefix: str = ""
) -> None:
    """Create a view per table of the version, named `prefix` + table; the version stays while `con` is in use.

    A column that the release which made the version did not have is empty.
    """
    reading.hold(home, of.version, con)
    require_kept(home, of.version)
    wanted = set(tables) if tables is not None else None
    for entry in of.tables:
        if wanted is None or entry.name in wanted:
            body = f"SELECT * FROM ({rows_sql(home, entry.files)})"
            given = {name for file in entry.files if file.kind != "lost" for name in _columns(home.root / file.path)}
            added = missing_sql(TABLES[entry.name], given) if entry.name in TABLES else ""
            con.execute(f"CREATE OR REPLACE VIEW {prefix}{entry.name} AS {body.replace('*', f'*{added}', 1)}")


@lru_cache(maxsize=4096)
def _columns(file: Path) -> frozenset[str]:
    """Columns of an object, which is named by its content: asked of DuckDB they took a third of what a night reads."""
    return frozenset(pq.read_schema(file).names)


def rows_sql(home: Home, files: Iterable[FileEntry]) -> str:
    """A query of a table's rows: every file adds rows, or takes away those added before that have its keys.

    Rows are taken away in one join for all files of the same keys. A join for each file would give the same; but DuckDB
    takes every such join for one that leaves a fifth, and six of them for a table of a few rows: it then joins the
    table with itself, row by row.
    """
    rows, lost = list[str](), dict[tuple[str, ...], list[str]]()
    for place, file in enumerate(files):
        read = f"SELECT *, {place} AS {_PLACE} FROM read_parquet({quote(str((home.root / file.path).resolve()))})"
        (lost.setdefault(file.key, []) if file.kind == "lost" else rows).append(read)
    body = " UNION ALL BY NAME ".join(rows)
    for key, later in lost.items():
        same = " AND ".join(f"t.{identifier(column)} = gone.{identifier(column)}" for column in key)
        body = f"""SELECT t.* FROM ({body}) t
                   ANTI JOIN ({" UNION ALL ".join(later)}) gone ON {same} AND gone.{_PLACE} > t.{_PLACE}"""
    return f"SELECT * EXCLUDE ({_PLACE}) FROM ({body})" if rows else ""


def sweep(home: Home) -> None:
    """Remove what killed runs left: staging folders and version folders that never became live."""
    pointer = live(home)
    promoted = pointer.promoted if pointer else 0
    for folder in home.versions.iterdir():
        if folder.name.isdigit() and int(folder.name) > promoted:
            shutil.rmtree(folder)
    for leftover in home.staging.iterdir():
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)
