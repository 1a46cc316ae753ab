"""Whether each declared source is there: its files, the variables that its connection and token name.

Here: what can be seen without reading a row or opening a connection. Not here: reading (pipelines/sources).
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rules.errors import RegistryError
from rules.sources import Source

if TYPE_CHECKING:
    from pipelines.sources.base import Request

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ANY_DAY = "[0-9]" * 4 + "-" + "[0-9]" * 2 + "-" + "[0-9]" * 2


@dataclass(frozen=True)
class Reached:
    """State (ok, warning, problem) of a source, what was found, and the mend."""

    state: str
    found: str
    mend: str = ""


def reach(source: Source, folder: Path, day: date) -> Reached:
    """Look at one source; `folder` is where relative paths start, `day` the business date that is due."""
    unset = list(_unset(source))
    if unset:
        named = ", ".join(unset)
        return Reached("problem", f"not set in the environment: {named}", f"export {unset[0]}=… before a run")
    if not source.read.path:
        return Reached("ok", "its variables are set; the connection was not tried")
    from pipelines.sources.base import Request

    return _files(Request(source, folder, day))


def _unset(source: Source) -> Iterator[str]:
    texts = (source.connection or "", source.read.token or "")
    yield from dict.fromkeys(name for text in texts for name in _VARIABLE.findall(text) if not os.environ.get(name))


def _files(request: "Request") -> Reached:
    from pipelines.sources.files import paths_of

    try:
        paths = paths_of(request)
    except RegistryError as error:
        return _late(request) or Reached("problem", error.expected, _mend(request))
    for path in paths:
        if not os.access(path, os.R_OK):
            return Reached("problem", f"'{path.name}' is not readable by this user", "change its mode or its owner")
        if path.stat().st_size == 0:
            return Reached("problem", f"'{path.name}' is empty", "wait for the delivery, or take it out of read.path")
    return Reached("ok", paths[0].name if len(paths) == 1 else f"{len(paths)} files")


def _late(request: "Request") -> Reached | None:
    """A dated file of another day shows that the place is right and only the delivery is due."""
    folder, declared = request.folder, request.source.read.path
    dated = [path.replace("{date}", _ANY_DAY) for path in declared if "{date}" in path and ".." not in Path(path).parts]
    found = sorted(file.name for path in dated for file in _glob(folder, path))
    if not found:
        return None
    said = f"no file for {request.business_date}; the newest is '{found[-1]}'"
    return Reached("warning", said, "wait for the delivery, or name another day with --date")


def _glob(folder: Path, path: str) -> Iterator[Path]:
    pattern = Path(path)
    root = Path(pattern.anchor) if pattern.is_absolute() else folder
    return root.glob(str(pattern.relative_to(root)) if pattern.is_absolute() else path)


def _mend(request: "Request") -> str:
    return f"correct read.path (it starts from {request.folder}), or give --data"
