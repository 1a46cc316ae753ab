"""What the rows of a log say: decisions with their approvals and ends, as a pure function of the rows.

Here: which decisions count, until when. Not here: which contradict each other (conflicts), what they do to records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rules.decisions import APPROVE, END, effect_of, needs_second_person
from store.decisions.entries import Entry, Payload, Record
from store.people import look_alike

PENDING, IN_EFFECT, EXPIRED, ENDED, ERASED = "waits for approval", "in effect", "expired", "ended", "erased"


@dataclass(frozen=True)
class Decision:
    """A decision with what later rows say of it; `reason` and `value` are empty once their payload is deleted."""

    entry: Entry
    payload: Payload | None
    approver: str = ""
    approved_at: str = ""
    approval: int = 0
    ending_by: str = ""
    """Who would end what two persons made; it counts until somebody else ends it too."""
    ended_at: str = ""
    ended_by: str = ""

    @property
    def id(self) -> int:
        """Its number in the log."""
        return self.entry.id

    @property
    def made_by(self) -> int:
        """The row of the log since which it counts: its own, or that of its approval."""
        return self.approval or self.id

    @property
    def effect(self) -> str:
        """must_link, cannot_link, or empty for an override."""
        return effect_of(self.entry.kind, self.entry.effect)

    @property
    def needs_second_person(self) -> bool:
        """Whether it takes two persons."""
        return needs_second_person(self.entry.kind, self.entry.field, self.entry.second_person)

    @property
    def anchors(self) -> tuple[Record, ...]:
        """The first record of each group: the ones its evidence is about."""
        return (*self.entry.left[:1], *self.entry.right[:1])

    def state(self, day: date) -> str:
        """How it stands on a business date."""
        if self.ended_at:
            return ENDED
        if self.needs_second_person and not self.approver:
            return PENDING
        if self.entry.field and (self.payload is None or not self.payload.value):
            return ERASED
        return EXPIRED if self.entry.ends and self.entry.ends < day.isoformat() else IN_EFFECT

    def shown(self, day: date, values: bool = False) -> dict[str, Any]:
        """The decision as one flat row for people and machines; an override's value, a client's data, if `values`."""
        said = self.payload or Payload("")
        entry = self.entry
        return {
            "id": entry.id, "kind": entry.kind, "state": self.state(day), "effect": self.effect,
            "records": _named(entry.left), "and": _named(entry.right), "numbers": list(entry.numbers),
            "field": entry.field, "reason": said.reason, "author": entry.author, "at": entry.at,
            "approver": self.approver, "second_person": list(entry.second_person), "ends": entry.ends,
            "ending_by": self.ending_by, "ended_at": self.ended_at, "ended_by": self.ended_by,
            "evidence_hash": entry.evidence_hash, **({"value": said.value} if values else {}),
        }  # fmt: skip


def _named(records: Sequence[Record]) -> list[str]:
    return [":".join(record) for record in records]


def decisions(entries: Sequence[Entry], payloads: Mapping[int, Payload]) -> dict[int, Decision]:
    """Every decision by its number. An approval by the author, or one who cannot be told from him, says nothing."""
    found: dict[int, Decision] = {}
    for entry in entries:
        about = found.get(entry.about or 0)
        if about is None:
            found[entry.id] = Decision(entry, payloads.get(entry.id))
        elif entry.kind == APPROVE and not about.approver and not look_alike(entry.author, about.entry.author):
            found[about.id] = replace(about, approver=entry.author, approved_at=entry.at, approval=entry.id)
        elif entry.kind == END and not about.ended_at:
            found[about.id] = _ended(about, entry)
    return found


def _ended(about: Decision, entry: Entry) -> Decision:
    """What two persons made, two persons end."""
    alone = about.approver and (not about.ending_by or look_alike(entry.author, about.ending_by))
    return (
        replace(about, ending_by=about.ending_by or entry.author)
        if alone
        else replace(about, ended_at=entry.at, ended_by=entry.author)
    )


def in_effect(found: Mapping[int, Decision], day: date) -> list[Decision]:
    """The decisions that count on a business date, in the order of the log."""
    return [decision for decision in found.values() if decision.state(day) == IN_EFFECT]
