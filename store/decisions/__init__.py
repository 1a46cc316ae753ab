"""The decision log: who decided what about which records, append-only and hash-chained.

Here: the rows, where they lie (SQLite in the home, or PostgreSQL by URL), what follows from them, which decisions
contradict each other. Not here: what a decision does to a night (stages/decisions), how one is entered
(stages/decide). Decisions are bound to records, never to client numbers or record keys.
"""

from store.decisions.entries import Entry, Payload
from store.decisions.log import Log
from store.decisions.place import declare, open_log
from store.decisions.state import Decision

__all__ = ["Decision", "Entry", "Log", "Payload", "declare", "open_log"]
