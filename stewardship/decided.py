"""The decision log as it was last read: decisions by number, and by the records that they are about.

Here: one picture of the log for a whole request, read again only when the log has grown. Not here: the log
(store/decisions), which decisions somebody may see (deciding).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from rules.decisions import OVERRIDE
from store.decisions import Decision, Log
from store.decisions.entries import Record

ByRecord = Mapping[Record, list[Decision]]


@dataclass(frozen=True)
class Decided:
    """The decisions of one moment, by number in the order of the log."""

    by_number: Mapping[int, Decision]

    @cached_property
    def by_record(self) -> ByRecord:
        """The same by each record that they name."""
        found: dict[Record, list[Decision]] = {}
        for decision in self.by_number.values():
            for record in {*decision.entry.left, *decision.entry.right}:
                found.setdefault(record, []).append(decision)
        return found

    def about(self, records: Iterable[Record]) -> list[Decision]:
        """The decisions on any of the records, oldest first."""
        found = {decision.id: decision for record in records for decision in self.by_record.get(record, ())}
        return [found[number] for number in sorted(found)]

    def overrides(self, record: Record) -> list[Decision]:
        """The overrides that are bound to a record, oldest first."""
        return [decision for decision in self.by_record.get(record, ()) if decision.entry.kind == OVERRIDE]


NOTHING = Decided({})


class Reading:
    """What the log says now; safe for many threads."""

    def __init__(self, log: Log) -> None:
        self._log, self._lock = log, Lock()
        self._seen: object = None
        self._now = NOTHING

    def now(self) -> Decided:
        """The decisions as the log has them."""
        with self._lock:
            stamp = self._log.stamp()
            if stamp != self._seen:
                self._now = Decided(self._log.decisions())
                self._seen = stamp
            return self._now
