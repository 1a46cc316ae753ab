"""The manifest: what a version is made of. Written once, never changed.

Here: its shape and its canonical bytes. Not here: how files are staged or promoted.
"""

import json
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from store.hashing import text_sha256


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileEntry(_Frozen):
    """One content-addressed Parquet file: a whole table, keys whose rows the files before it lose, or added rows."""

    path: str
    sha256: str
    rows: int
    kind: Literal["base", "lost", "delta"] = "base"
    key: tuple[str, ...] = ()


class TableEntry(_Frozen):
    """One table of the version."""

    name: str
    rows: int
    content_hash: str
    files: tuple[FileEntry, ...]


class InputEntry(_Frozen):
    """One raw snapshot the version was made from: rows delivered, and rows carried that the source no longer has.

    Gone rows that the source's new declaration could not take over are counted as left behind.
    """

    source: str
    snapshot: str
    rows: int
    content_hash: str
    stale: bool = False
    carried: int = 0
    left_behind: int = 0


class CheckEntry(_Frozen):
    """Outcome of one stage's checks."""

    stage: str
    rules: int
    failed: int
    blocking_failed: int


class RunEntry(_Frozen):
    """Facts of the run that are left out of every hash."""

    started: str
    seconds: dict[str, float]


class Manifest(_Frozen):
    """One promoted version."""

    version: int
    parent: int | None
    business_date: date
    inputs: tuple[InputEntry, ...]
    feeds: tuple[InputEntry, ...] = ()
    models: dict[str, str]
    rules_hash: str
    decisions_upto: int = 0
    decisions_hash: str = ""
    suppression_hash: str = ""
    code_version: str
    tables: tuple[TableEntry, ...]
    checks: tuple[CheckEntry, ...]
    run: RunEntry

    def table(self, name: str) -> TableEntry | None:
        """The entry of a table, if the version has it."""
        return next((entry for entry in self.tables if entry.name == name), None)

    @property
    def content_hashes(self) -> dict[str, str]:
        """Content hash by table: equality of results."""
        return {entry.name: entry.content_hash for entry in self.tables}

    @property
    def fingerprint(self) -> str:
        """What the result is a function of, besides the parent: inputs, models, rules, code, decisions, suppression."""
        return fingerprint(
            self.business_date, (*self.inputs, *self.feeds), self.models, self.rules_hash, self.code_version,
            self.decisions_upto, self.suppression_hash,
        )  # fmt: skip

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return (json.dumps(self.model_dump(mode="json"), indent=1, sort_keys=True) + "\n").encode()


def fingerprint(
    business_date: date,
    inputs: tuple[InputEntry, ...],
    models: dict[str, str],
    rules_hash: str,
    code_version: str,
    decisions_upto: int,
    suppression_hash: str = "",
) -> str:
    """One hash of everything a night's result depends on, besides its parent version."""
    facts = {
        "date": business_date.isoformat(),
        "inputs": sorted((entry.source, entry.content_hash, entry.stale) for entry in inputs),
        "models": models,
        "rules": rules_hash,
        "code": code_version,
        "decisions": decisions_upto,
        "suppression": suppression_hash,
    }
    return text_sha256(json.dumps(facts, sort_keys=True))
