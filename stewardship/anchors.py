"""How far the audit trail and the decision log reached, as the desk's own database remembers it.

Here: noting it, and noticing that an end is gone: a chain of hashes tells of every line but the last ones. Not here:
whether what is there is as it was written (store/chain, store/decisions). Who may write the whole home may forge both.
"""

from typing import Protocol

from sqlalchemy import delete, insert, select

from store.desk import ANCHOR, Database, now


class Chained(Protocol):
    """A log that knows its end, and whether it reached a place with a hash."""

    def head(self) -> tuple[int, str]:
        """The place of its last line, and the hash there; (0, "") where there is none."""

    def holds(self, upto: int, hashed: str) -> bool:
        """Whether it has a line at the place, with that hash."""


def note(database: Database, name: str, log: Chained) -> None:
    """Remember how far a log reaches now. One that lacks what was noted keeps the old note, which tells of it."""
    upto, hashed = log.head()
    if upto and not lost(database, name, log):
        row = {"log": name, "upto": upto, "hash": hashed, "at": now()}
        with database.writing() as con:
            con.execute(delete(ANCHOR).where(ANCHOR.c.log == name))
            con.execute(insert(ANCHOR), row)


def lost(database: Database, name: str, log: Chained) -> str:
    """When it was noted what the log lacks now, or has otherwise; empty where it has everything."""
    if not database.file.exists():
        return ""
    with database.reading() as con:
        row = con.execute(select(ANCHOR).where(ANCHOR.c.log == name)).first()
    return "" if row is None or log.holds(row.upto, row.hash) else str(row.at)
