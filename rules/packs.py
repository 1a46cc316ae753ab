"""Which reference packs a model was trained under: a hash of every declared file that standard forms come from.

Here: the files and their hashes. Not here: what is in them (rules/load, rules/reference).
"""

import hashlib
from pathlib import Path

from rules.load import DEFAULTS

_KINDS = (".csv", ".yaml", ".yml", ".txt")
_LATER = ("survivorship.yaml", "gates.yaml", "quality.yaml", "view")
"""Files and folders that are read only after matching: a change of theirs makes no other model."""


def pack_hashes(overlay: Path | None = None) -> dict[str, str]:
    """SHA-256 by file: `reference/…` and `defaults/…` as shipped, `bank/…` for the bank's own overlay."""
    folders = {"reference": DEFAULTS.parent / "reference", "defaults": DEFAULTS, "bank": overlay}
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": hashlib.sha256(path.read_bytes()).hexdigest()
        for name, folder in folders.items()
        if folder is not None
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in _KINDS and not set(path.relative_to(folder).parts) & set(_LATER)
    }
