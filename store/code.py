"""The code version: what of our own code a result depends on.

Here: one hash over the rooms that compute. Not here: the desks, the command line, tests.
"""

import hashlib
from functools import cache
from pathlib import Path

ROOMS = ("rules", "store", "quality", "matching", "golden_record", "stages", "pipelines")
_ROOT = Path(__file__).parent.parent


@cache
def code_version() -> str:
    """First 16 digits of the SHA-256 over the rooms' Python files and reference lists, in path order."""
    digest = hashlib.sha256()
    for path in sorted(file for room in ROOMS for file in (_ROOT / room).rglob("*") if _counts(file)):
        digest.update(path.relative_to(_ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _counts(file: Path) -> bool:
    return file.is_file() and file.suffix in (".py", ".csv", ".yaml") and "__pycache__" not in file.parts
