"""Photograph and signature specimen of a client, from the archive that the dossier's file references lead to.

Here: which file it is, and that it is a picture, unchanged, inside the archive. Not here: the route (pages/pictures). A
file is named by its client and kind alone, so that no address leads to another client's.
"""

from pathlib import Path
from typing import Literal

import duckdb

from rules.errors import NotFound
from rules.settings import Settings
from store.hashing import file_sha256

Kind = Literal["photograph", "signature"]
KINDS: tuple[Kind, ...] = ("photograph", "signature")
LARGEST = 4 * 1024 * 1024
_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""What pictures begin with; nothing else is served, whatever it is called."""
_SHA256 = 64


def there_are(con: duckdb.DuckDBPyConnection, settings: Settings | None, number: str) -> list[Kind]:
    """Kinds of which a client has a picture in the archive."""
    return [kind for kind in KINDS if _file(con, settings, number, kind)]


def picture(con: duckdb.DuckDBPyConnection, settings: Settings | None, number: str, kind: Kind) -> tuple[str, bytes]:
    """Media type and content of a client's newest picture of a kind that has not expired.

    Raises NotFound where there is none, or where the file is no picture or not the one that the dossier names.
    """
    found = _file(con, settings, number, kind)
    if found is None:
        raise NotFound(kind, "is not in the archive", "take one into the dossier")
    path, digest = found
    data = path.read_bytes() if path.stat().st_size <= LARGEST else b""
    media = next((media for begins, media in _TYPES.items() if data.startswith(begins)), None)
    if media is None or (len(digest) == _SHA256 and digest != file_sha256(path)):
        raise NotFound(kind, "is no picture, or not the file that the dossier names", "have the archive looked at")
    return media, data


def _file(
    con: duckdb.DuckDBPyConnection, settings: Settings | None, number: str, kind: Kind
) -> tuple[Path, str] | None:  # fmt: skip
    """The file and its hash as the dossier has it, if it lies in the archive."""
    if settings is None or settings.registry.dossier is None:
        return None
    archive = (settings.folder / settings.registry.dossier).resolve()
    for name, digest in con.execute(_NEWEST, [number, kind]).fetchall():
        path = (archive / name).resolve()
        if path.is_relative_to(archive) and path.is_file():
            return path, str(digest)
    return None


_NEWEST = """
    SELECT file_ref, coalesce(content_hash, '') FROM view_document
    WHERE client_number = ? AND kind = ? AND file_ref IS NOT NULL AND gone_since IS NULL
      AND coalesce(expires_on >= (SELECT max(business_date) FROM history_night), TRUE)
    ORDER BY made_on DESC NULLS LAST, feed, item, ordinal LIMIT 20"""
