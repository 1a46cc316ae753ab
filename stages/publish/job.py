"""One output of one version: what a writer needs to know.

Here: places and the opened tables. Not here: writing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from rules.publication import Publication
from stages import entities
from stages.night import Night
from store import versions
from store.hashing import text_sha256
from store.manifest import Manifest


@dataclass(frozen=True)
class Job:
    """A version to be written to an output."""

    night: Night
    version: Manifest
    target: Publication

    @property
    def place(self) -> Path:
        """Folder of the output."""
        return self.night.home.published / self.target.name

    @property
    def folder(self) -> Path:
        """Folder of this version in it."""
        return self.place / f"{self.version.version:06d}"

    @cached_property
    def manifest(self) -> bytes:
        """The version's manifest as it is written beside the output."""
        return self.version.to_bytes()

    @cached_property
    def facts(self) -> dict[str, object]:
        """What the output is a function of: an output that was made of the same facts is the same."""
        unsaid = {"connection"} | ({"contract"} if self.target.contract is None else set())
        declared = self.target.model_dump(mode="json", exclude=unsaid)
        manifest = text_sha256(self.manifest.decode())
        return {"version": self.version.version, "manifest_sha256": manifest, "declared": declared}

    @contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection with the published tables, restricted to the output's legal entity, and the key map."""
        with self.night.open() as con:
            if self.target.legal_entity:
                versions.attach(con, self.night.home, self.version, entities.NEEDED, entities.PREFIX)
                across = self.night.settings.registry.publish_across_entities
                entities.restrict(con, self.target.legal_entity, across)
            else:
                versions.attach(con, self.night.home, self.version, self.target.published)
            yield con

    @property
    def tables(self) -> list[str]:
        """The published tables that the version has."""
        return [name for name in self.target.published if self.version.table(name)]
