"""Looking up in the index of a version: by number, document, source key; what happened to numbers.

Here: opening it, made where it is not there, and its look-ups. Not here: what it holds (build), states of other days
(stages/as_of). Never by phone alone, nor by a document number without its type.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from rules.errors import StoreError
from stages import lookup
from stages.index.build import BETWEEN, CLIENT, EVENT, FOUND_BY, NIGHT, NUMBER, build
from store import suppression, versions
from store.code import code_version
from store.hashing import file_sha256, text_sha256
from store.home import Home, write_durably
from store.manifest import Manifest
from store.opening import opened
from store.sorted import Sorted

Row = dict[str, Any]
_SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Index:
    """The index of a version, opened; safe for many threads, also when another process removes its files."""

    home: Home
    version: Manifest
    folder: Path
    files: Mapping[str, Sorted] = field(compare=False)
    sealed: frozenset[str] = field(default=frozenset(), compare=False)
    """Clients that are sealed whatever their role."""

    @classmethod
    def at(cls, home: Home, version: Manifest, folder: Path) -> "Index":
        """What `build` wrote into a folder."""
        return cls(home, version, folder, {name: Sorted(folder / name) for name in (CLIENT, FOUND_BY, NUMBER, EVENT)})

    def resolve(self, number: str) -> str:
        """The live number that `number` stands for; NotFound where none does, Erased where its subject was erased."""
        found = next(iter(self.files[NUMBER].rows(number)), None)
        if found and found["erased"]:
            raise lookup.erased()
        if found and found["stands_for"]:
            return str(found["stands_for"])
        if number in suppression.erased_clients(self.home):
            raise lookup.erased()
        if found:
            raise lookup.gone()
        return self._elsewhere(number)

    def _elsewhere(self, number: str) -> str:
        """The same of a number that the version does not know: one of a version rolled back since may have given it."""
        if versions.newest(self.home).version == self.version.version:
            raise lookup.never_given(number)
        with opened(self.home) as con:
            return lookup.resolve(con, self.home, number)

    def client(self, number: str) -> Row:
        """The client of a live number: `party`, its parts, `lineage`, `records`; for sight `offices` and `sealed`."""
        [row] = self.files[CLIENT].rows(number)
        found: Row = json.loads(row["body"])
        return {**found, "sealed": True} if number in self.sealed else found

    def sealing(self, records: Iterable[tuple[str, str]]) -> "Index":
        """The same index, with the clients of these records sealed."""
        return replace(self, sealed=frozenset(number for record in records for number in self.by_record(*record)))

    def by_document(self, kind: str, number: str) -> list[str]:
        """Clients that hold the document `kind` with `number`, as people write it."""
        return self._of("document", kind.lower(), lookup.plain(number))

    def by_record(self, source: str, record_id: str) -> list[str]:
        """The client of a source's record."""
        return self._of("record", source, record_id)

    def number_changes(self, after: tuple[int, int], most: int) -> list[Row]:
        """What happened to numbers behind the place `after` (version, position) of the ledger, oldest first."""
        place = after[0] * NIGHT + min(after[1], NIGHT - 1)
        return [{name: value for name, value in row.items() if name != "place"}
                for row in self.files[EVENT].after(place, most)]  # fmt: skip

    def _of(self, *key: str) -> list[str]:
        return [str(row["client_number"]) for row in self.files[FOUND_BY].rows(BETWEEN.join(key))]


def open_index(home: Home) -> Index:
    """The index of the live version, made if it is not there; that of another version or release is removed.

    IntegrityError where a file of the version is not as its manifest says.
    """
    version, place = versions.manifest(home), home.cache / "index"
    name = f"{version.version:06d}-{text_sha256(version.to_bytes().decode() + code_version())[:16]}"
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(home.cache / "index.lock"):  # a server and a command may both find that it is not there
        if not _intact(place / name):
            _make(home, version, place / name)
        for other in place.iterdir():
            if other.name != name:
                shutil.rmtree(other, ignore_errors=True)
        return Index.at(home, version, place / name)


def _make(home: Home, version: Manifest, folder: Path) -> None:
    """Build beside the place and rename; what was built of a version that an erasure changed meanwhile is dropped."""
    versions.assert_whole(home, version)
    made = Path(tempfile.mkdtemp(prefix="making-", dir=folder.parent))
    try:
        build(home, version, made)
        sums = {str(file.relative_to(made)): file_sha256(file) for file in _files(made)}
        write_durably(made / _SUMS, json.dumps(sums).encode())
        if versions.manifest(home, version.version) != version:
            raise StoreError(str(home.root), "the version was changed by an erasure meanwhile", "ask again")
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _intact(folder: Path) -> bool:
    """Whether every file is there as it was written."""
    if not (folder / _SUMS).exists():
        return False
    sums: dict[str, str] = json.loads((folder / _SUMS).read_bytes())
    return all((folder / name).exists() and file_sha256(folder / name) == sha for name, sha in sums.items())


def _files(folder: Path) -> Iterable[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())
