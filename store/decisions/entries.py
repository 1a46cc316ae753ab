"""A row of the log and its place in the chain.

Here: the shape, the hash, what is broken in a chain. Not here: where rows lie (log), what they mean (state).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from store.hashing import text_sha256

REMEMBERED = 1 << 20
"""Rows whose parsed form and hashes a process remembers: both are pure functions of the row."""
Record = tuple[str, str]
"""Source and record_id."""
SECOND_PERSON = "second person"
"""Key of the evidence under which it says why its clients ask for one."""


@dataclass(frozen=True)
class Payload:
    """What may hold a client's data or someone's words: deletable, the chain holds only its salted digest."""

    salt: str
    reason: str = ""
    value: str = ""

    @property
    def digest(self) -> str:
        """What the chain keeps of it."""
        return _digest(self)


@dataclass(frozen=True)
class Entry:
    """One row: a decision, or an approval or end `about` an earlier one.

    `left` and `right` are the two groups of records that are joined or kept apart; an override has `left` alone.
    `numbers` are the client numbers as given. `effect` says what a confirmation confirms. `evidence` tells how the
    first records of both groups stood to each other, and why the clients ask for a second person, as JSON without
    values; `evidence_hash` covers the values.
    """

    id: int
    at: str
    kind: str
    author: str
    os_user: str = ""
    about: int | None = None
    effect: str = ""
    left: tuple[Record, ...] = ()
    right: tuple[Record, ...] = ()
    numbers: tuple[str, ...] = ()
    field: str = ""
    ends: str = ""
    evidence: str = ""
    evidence_hash: str = ""
    request: str = ""
    payload_digest: str = ""
    previous_hash: str = ""
    hash: str = ""

    @property
    def second_person(self) -> tuple[str, ...]:
        """Why its clients ask for a second person (rules/decisions)."""
        return _second_person(self.evidence)

    def sealed(self, previous: str, payload: Payload) -> "Entry":
        """The entry behind the row with hash `previous`, with its own hash."""
        body = replace(self, previous_hash=previous, payload_digest=payload.digest, hash="")
        return replace(body, hash=_hash(body))

    def asks_the_same(self, other: "Entry") -> bool:
        """Whether the same person asks for the same thing, whenever."""
        told = ("author", "kind", "about", "effect", "left", "right", "field", "ends")
        return all(getattr(self, name) == getattr(other, name) for name in told)


@lru_cache(REMEMBERED)
def _second_person(evidence: str) -> tuple[str, ...]:
    return tuple(json.loads(evidence).get(SECOND_PERSON, ())) if evidence else ()


@lru_cache(REMEMBERED)
def _digest(payload: Payload) -> str:
    return text_sha256(json.dumps(vars(payload), sort_keys=True))


@lru_cache(REMEMBERED)
def _hash(entry: Entry) -> str:
    return text_sha256(json.dumps({k: v for k, v in vars(entry).items() if k != "hash"}, sort_keys=True))


def broken(entries: Sequence[Entry], payloads: Mapping[int, Payload]) -> Iterator[int]:
    """Numbers of rows that were changed, do not follow the row before, or whose payload was changed (not deleted)."""
    previous, expected = "", 1
    for entry in entries:
        payload = payloads.get(entry.id)
        whole = entry.id == expected and entry.previous_hash == previous and entry.hash == _hash(entry)
        if not whole or (payload is not None and payload.digest != entry.payload_digest):
            yield entry.id
        previous, expected = entry.hash, entry.id + 1
