"""Photograph and signature specimen of a client, for the head of his pages.

Here: which of his files it is. Not here: where files lie (files), the route (pages/pictures).
"""

from pathlib import Path
from typing import Literal

import duckdb

from rules.desk import LARGEST_FILE
from rules.errors import NotFound
from stewardship.client_desk.files import Found, Places, checked, place

Kind = Literal["photograph", "signature"]
KINDS: tuple[Kind, ...] = ("photograph", "signature")


def there_are(con: duckdb.DuckDBPyConnection, where: Places, number: str) -> list[Kind]:
    """Kinds of which a client has a picture in the archive."""
    return [kind for kind in KINDS if _found(con, where, number, kind)]


def picture(con: duckdb.DuckDBPyConnection, where: Places, number: str, kind: Kind) -> Found:
    """A client's newest picture of a kind that has not expired.

    Raises NotFound where there is none, or where the file is no picture or not the one that the dossier names.
    """
    for path, digest in _found(con, where, number, kind):
        found = checked(path, digest, kind)
        if found.media.startswith("image/") and path.stat().st_size <= LARGEST_FILE:
            return found
    raise NotFound(kind, "is not in the archive", "take one into the dossier")


def _found(con: duckdb.DuckDBPyConnection, where: Places, number: str, kind: Kind) -> list[tuple[Path, str]]:
    """The files that lie in the archive, the newest first, each with its digest as the dossier has it."""
    named = con.execute(_NEWEST, [number, kind]).fetchall()
    return [(path, str(digest)) for reference, digest in named if (path := place(where, reference))]


_NEWEST = """
    SELECT file_ref, coalesce(content_hash, '') FROM view_document
    WHERE client_number = ? AND kind = ? AND file_ref IS NOT NULL AND gone_since IS NULL
      AND coalesce(expires_on >= (SELECT max(business_date) FROM history_night), TRUE)
    ORDER BY made_on DESC NULLS LAST, feed, item, ordinal LIMIT 20"""
