"""An append-only log of JSON lines in the home, each with the hash of the one before.

Here: lines in and out; a changed or lost line is noticed. Not here: what is logged (stages/gates, stages/erase).
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rules.errors import IntegrityError
from store.hashing import text_sha256
from store.home import sync_folder
from store.people import os_user

Line = dict[str, Any]


def read(path: Path) -> list[Line]:
    """Every line; IntegrityError names the first that is not as it was written."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found: list[Line] = []
    for number, text in enumerate(lines, 1):
        line = json.loads(text)
        before = found[-1]["hash"] if found else ""
        if line.get("previous") != before or line.get("hash") != _hash(line):
            raise IntegrityError(f"{path.name}, line {number}", "was changed", "restore the file from a backup")
        found.append(line)
    return found


def append(path: Path, facts: Line) -> Line:
    """Add `facts` with the time and the operating system's user; the home must be held, or the log be its own lock."""
    before = read(path)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = {**facts, "at": now, "os_user": os_user(), "previous": before[-1]["hash"] if before else ""}
    line["hash"] = _hash(line)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return line


def _hash(line: Line) -> str:
    return text_sha256(json.dumps({name: value for name, value in line.items() if name != "hash"}, sort_keys=True))
