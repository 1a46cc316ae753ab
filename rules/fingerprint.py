"""A short hash of what is declared: part of a cache's version, so that an edited list makes old results stale."""

import hashlib

from rules.load import Declared


def fingerprint(*declared: Declared) -> str:
    """Twelve hexadecimal digits over all values of `declared`, in the order given."""
    text = "\n".join(part.model_dump_json() for part in declared)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
