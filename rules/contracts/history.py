"""Tables of history: what was valid when, and in which versions that was believed.

A row of `history_*` holds from `valid_from` up to, not including, `valid_to` (empty: still), and was believed from
version `known_from` up to and including `known_to` (empty: still). Rows are added and their `known_to` is filled in;
nothing else ever changes. `member_event` is the night's own: with `change_event` it is what replay needs.
"""

import dataframely as dy

from rules.contracts import columns as c

VALID_FROM = "first business date on which it held"
VALID_TO = "business date from which it no longer held; empty: it still does"
KNOWN_FROM = "first version that believed it"
KNOWN_TO = "last version that believed it; empty: it is still believed"


MEMBERSHIP = ("record_joined", "record_left", "record_moved", "record_changed")


class _Interval(dy.Schema):
    valid_from = dy.Date(description=VALID_FROM, primary_key=True, metadata={"pii": "-"})
    known_from = dy.Int64(description=KNOWN_FROM, primary_key=True)
    valid_to = c.date(VALID_TO)
    known_to = dy.Int64(nullable=True, description=KNOWN_TO)


class HistoryNight(dy.Schema):
    """This version and those it descends from: the nights that the history tells of."""

    version = dy.Int64(description="version of the night", primary_key=True)
    business_date = dy.Date(description="its business date", metadata={"pii": "-"})


class HistoryMember(_Interval):
    """Which client a source record belonged to."""

    source = c.text("source system", nullable=False, primary_key=True)
    record_id = c.text("the source's own key of the record", nullable=False, primary_key=True)
    client_number = c.text("the client it belonged to", nullable=False)
    legal_entity = c.text("legal entity that owned the record")
    party_type = c.text("person, organisation, institution, bank", nullable=False)


class HistoryValue(_Interval):
    """Golden values: the columns of golden_party, and each name, identifier, address and contact as one unit."""

    client_number = c.text("the client", nullable=False, primary_key=True)
    field = c.text(
        "column of golden_party; or kind of unit and its position: name#1, identifier#2, address#1, contact#1",
        nullable=False, primary_key=True,
    )  # fmt: skip
    value = c.text(
        "the value as text; of a unit its filled columns and source, record_id as JSON; no value, no row",
        pii="S", nullable=False,
    )  # fmt: skip


class MemberEvent(dy.Schema):
    """Records that joined or left a client, or moved to another; applied to the crosswalk before they give this one."""

    position = dy.Int64(description="order within the version", primary_key=True)
    event = dy.Enum(MEMBERSHIP, description="joined, left, moved; or only its legal entity or party type changed")
    source = c.text("source system", nullable=False)
    record_id = c.text("the source's own key of the record", nullable=False)
    client_number = c.text("the client it is with now; of a record that left, the one it was with", nullable=False)
    other_number = c.text("of a moved record, the client it was with before")
    legal_entity = c.text("legal entity that owns the record")
    party_type = c.text("person, organisation, institution, bank", nullable=False)


INTERVALS: dict[str, type[dy.Schema]] = {
    "history_night": HistoryNight,
    "history_member": HistoryMember,
    "history_value": HistoryValue,
}
"""What a night takes from its parent."""
HISTORY: dict[str, type[dy.Schema]] = {"member_event": MemberEvent, **INTERVALS}
