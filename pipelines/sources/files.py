"""Finding and guarding the files of a source: dates, globs, escapes, growth while being read.

Here: which files, and that they stay the same. Not here: what is in them.
"""

from collections.abc import Callable
from pathlib import Path

from pipelines.sources.base import Raw, Request, stacked
from rules.errors import ConfigError, SourceError


def paths_of(request: Request) -> list[Path]:
    """Files of the source, sorted, each once; `{date}` is the business date.

    A relative path stays inside the folder of registry.yaml, symlinks followed; an absolute path is the bank's choice
    and stays inside its own declared folder. Raises SourceError for a missing file or an escape, ConfigError for `${}`:
    messages quote a path, so it may hold no secret.
    """
    found: list[Path] = []
    for declared in request.source.read.path:
        if "${" in declared:
            raise ConfigError(request.place, "read.path takes nothing from the environment", "write the path itself")
        found += _matches(request, declared.replace("{date}", request.business_date.isoformat()))
    return sorted(dict.fromkeys(found))


def _matches(request: Request, declared: str) -> list[Path]:
    pattern = Path(declared)
    if ".." in pattern.parts:
        raise request.fail(f"the path '{declared}' must not contain '..'", "put the file below the folder")
    root = _fixed_part(pattern) if pattern.is_absolute() else request.folder
    relative = str(pattern.relative_to(root)) if pattern.is_absolute() else declared
    hits = sorted(root.glob(relative)) if _is_glob(declared) else [root / relative]
    files = [hit for hit in hits if hit.is_file()]
    if not files:
        raise request.fail(f"no file '{declared}'", "check read.path, or whether the delivery is late")
    for file in files:
        if not file.resolve().is_relative_to(root.resolve()):
            raise request.fail(f"'{file.name}' is a link that leads out of its folder", "deliver the file itself")
    return files


def _is_glob(text: str) -> bool:
    return any(sign in text for sign in "*?[")


def _fixed_part(pattern: Path) -> Path:
    """The folder of an absolute path above its first wildcard."""
    folder = pattern.parent
    while _is_glob(str(folder)):
        folder = folder.parent
    return folder


def read_files(request: Request, read_one: Callable[[Request, Path], Raw]) -> Raw:
    """Read every file of the source, refusing one that changes meanwhile."""
    return stacked([_guarded(request, path, read_one) for path in paths_of(request)])


def _guarded(request: Request, path: Path, read_one: Callable[[Request, Path], Raw]) -> Raw:
    before = _state(path)
    if before[0] == 0:
        raise file_error(request, path, "the file is empty", "wait for the delivery, or take the file out of read.path")
    raw = read_one(request, path)
    if _state(path) != before:
        raise file_error(request, path, "the file changed while it was read", "run again when the delivery is complete")
    return raw


def _state(path: Path) -> tuple[int, int, int]:
    """Size, time of change and inode."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def file_error(request: Request, path: Path, expected: str, next_step: str = "") -> SourceError:
    """A SourceError that names the file by its name, not by its place on the machine."""
    return SourceError(f"{request.place}, file {path.name}", expected, next_step)
