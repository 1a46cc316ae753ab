"""Files of a client's dossier: the bank's archive that its references lead to, and copies taken in at the desk.

Here: which file a document is of, and that it is unchanged and of a kind that may be handed out. Not here: the routes
(pages/pictures), keeping copies (store/uploads). A file is named by its client and its digest or kind, so that no
address leads to another client's.
"""

from pathlib import Path
from typing import NamedTuple

import duckdb

from rules.errors import NotFound
from rules.settings import Settings
from stages.lookup import Row
from store import uploads
from store.duck import rows
from store.hashing import file_sha256
from store.home import Home

SHA256 = 64


class Places(NamedTuple):
    """Where files lie: the home, and what the bank declares, if the desk was started with it."""

    home: Home
    settings: Settings | None


class Found(NamedTuple):
    """A file with its media type and the digest that the dossier names, where it names one."""

    path: Path
    media: str
    digest: str


def place(where: Places, reference: str) -> Path | None:
    """The file of a reference, inside the archive or among the copies of the desk."""
    if reference.startswith(uploads.PREFIX):
        return uploads.find(where.home, reference)
    if where.settings is None or where.settings.registry.dossier is None:
        return None
    archive = (where.settings.folder / where.settings.registry.dossier).resolve()
    path = (archive / reference).resolve()
    return path if path.is_relative_to(archive) and path.is_file() else None


def checked(path: Path, digest: str, what: str) -> Found:
    """The file, if it is a picture or PDF and the one that the dossier names; else NotFound."""
    with path.open("rb") as file:
        media = uploads.media(file.read(16))
    if media is None or (len(digest) == SHA256 and digest != file_sha256(path)):
        raise NotFound(
            what, "is no picture or PDF, or not the file that the dossier names", "have the archive looked at"
        )
    return Found(path, media, digest)


def copies(con: duckdb.DuckDBPyConnection, where: Places, number: str) -> list[Row]:
    """Documents of the client whose file is there: kind, number, made_on and `digest`."""
    return [row for row in rows(con, _COPIES, [number]) if place(where, row["file_ref"])]


def copy(con: duckdb.DuckDBPyConnection, where: Places, number: str, digest: str) -> Found:
    """The client's file of a digest; NotFound where no document of his has it."""
    for row in copies(con, where, number):
        path = place(where, row["file_ref"])
        if row["digest"] == digest and path:
            return checked(path, digest, "document")
    raise NotFound("document", "is not in the archive", "take one into the dossier")


_COPIES = f"""
    SELECT kind, number, made_on, file_ref, content_hash AS digest FROM view_document
    WHERE client_number = ? AND file_ref IS NOT NULL AND length(content_hash) = {SHA256} AND gone_since IS NULL
    ORDER BY kind, made_on DESC, feed, item, ordinal LIMIT 100"""
