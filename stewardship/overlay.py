"""What was decided at the desk since the version was made, laid over a client of its index: it counts at once.

Here: one reader for each kind of change, in `READERS`; laying what they give over the client. Not here: what was
decided (store/decisions), the next night, which makes it part of a version. A further store of the desk takes a reader.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date

from rules.decisions import UNITS, unit_of
from rules.reference import load_codes
from stages.entering import feed_of
from stages.index.build import BETWEEN
from stages.index.read import Index, Row
from stewardship.desk import Desk
from store.decisions.state import IN_EFFECT


def client(desk: Desk, live: Index, number: str) -> Row:
    """The client of a live number as it is now: with `today`, what the desk changed of it since."""
    found = live.client(number)
    today = [change for reader in READERS for change in reader(desk, live, found)]
    changed = {change["field"]: change["value"] for change in today if change["field"] in found["party"]}
    refused = [*found.get("refusals", ()), *_refused(desk, found)]
    return {**found, "party": {**found["party"], **changed}, "today": today, "refusals": refused}


def _refused(desk: Desk, found: Row) -> Iterator[Row]:
    """Consents refused or withdrawn at the desk that the version has not; what allows waits for the next night.

    By their rows, not by the time: one may be entered while a night runs. Without a declared feed none counts as known.
    """
    feed, carried = feed_of(desk.settings), set(found.get("consents", ()))
    known = desk.refusals()
    for record in found["records"]:
        for entry in known.get((record["source"], record["record_id"]), ()):
            said = entry.fields
            row = f"{feed.name}{BETWEEN}{entry.id}" if feed else ""
            if row not in carried and said.get("given", "").lower() in _NO:
                yield {
                    "channel": said.get("channel", "any"), "purpose": said.get("purpose", "any"),
                    "legal_entity": said.get("legal_entity", record["legal_entity"]), "since": said.get("at", entry.at),
                }  # fmt: skip


def _overridden(desk: Desk, live: Index, found: Row) -> Iterator[Row]:
    """Values and units, these as JSON, that were decided and approved where that is needed, and no night has yet."""
    known = desk.decided()
    for record in found["records"]:
        for decision in known.overrides((record["source"], record["record_id"])):
            value, field = decision.payload.value if decision.payload else None, decision.entry.field
            carried = decision.made_by <= live.version.decisions_upto or value in (None, found["party"].get(field))
            if decision.state(date.today()) == IN_EFFECT and not (carried or _ends(field, str(value))):
                at = decision.approved_at or decision.entry.at
                yield {"field": field, "value": value, "at": at, "decision": decision.id}


def _ends(field: str, value: str) -> bool:
    """Whether a decision only ends a unit: it is shown until the night."""
    unit = unit_of(field)
    return bool(unit) and UNITS[unit] not in json.loads(value)


_NO = frozenset(load_codes().boolean["false"])
"""Words that a night reads as no."""
READERS: tuple[Callable[[Desk, Index, Row], Iterator[Row]], ...] = (_overridden,)
"""Each gives `field`, `value`, `at` and the number of the `decision`, of a client of the index."""
