"""What was decided at the desk since the version was made, laid over a client of its index: it counts at once.

Here: one reader for each kind of change, in `READERS`; laying what they give over the client. Not here: what was
decided (store/decisions), the next night, which makes it part of a version. A further store of the desk takes a reader.
"""

from collections.abc import Callable, Iterator
from datetime import date

from stages.index.read import Index, Row
from stewardship.desk import Desk
from store.decisions.state import IN_EFFECT


def client(desk: Desk, live: Index, number: str) -> Row:
    """The client of a live number as it is now: with `today`, what the desk changed of it since."""
    found = live.client(number)
    today = [change for reader in READERS for change in reader(desk, found)]
    changed = {change["field"]: change["value"] for change in today}
    return {**found, "party": {**found["party"], **changed}, "today": today}


def _overridden(desk: Desk, found: Row) -> Iterator[Row]:
    """Values that a steward set, approved where that is needed, and no night has taken in yet."""
    for record in found["records"]:
        for decision in desk.overrides().get((record["source"], record["record_id"]), ()):
            value = decision.payload.value if decision.payload else None
            if decision.state(date.today()) == IN_EFFECT and value not in (None, found["party"][decision.entry.field]):
                at = decision.approved_at or decision.entry.at
                yield {"field": decision.entry.field, "value": value, "at": at, "decision": decision.id}


READERS: tuple[Callable[[Desk, Row], Iterator[Row]], ...] = (_overridden,)
"""Each gives `field`, `value`, `at` and the number of the `decision`, of a client of the index."""
