"""Tables of identity: which client number each record carries, and the ledger of all numbers ever given."""

import dataframely as dy

from rules.contracts import columns as c

STATES = ("live", "merged", "gone")
EVENTS = ("mint", "survive", "merge", "split", "retire", "restore")
"""`survive`: the number stays live although records left it for another that was published already."""


FINDINGS = ("two_numbers",)
FINDING_STATES = ("open", "mended", "withdrawn")


class Crosswalk(dy.Schema):
    """Source key ↔ client number."""

    record_key = c.record_key(primary_key=True)
    source = c.text("source system", nullable=False)
    record_id = c.text("the source's own key of the record", nullable=False)
    legal_entity = c.text("legal entity that owns the record")
    party_type = c.text("person, organisation, institution, bank", nullable=False)
    client_number = c.text("the registry's client number", nullable=False)


class LedgerNumber(dy.Schema):
    """Every client number ever given and what it stands for today."""

    client_number = c.text(
        "the registry's client number, with check digits unless it was adopted", nullable=False, primary_key=True
    )
    sequence = dy.Int64(description="order of minting; adopted numbers come first, below 100000001")
    minted_version = dy.Int64(description="version that gave it")
    state = dy.Enum(STATES, description="live; merged (resolves to another); gone (tombstone)")
    resolves_to = c.text("the live number it stands for; empty for a tombstone")
    adopted_from = c.text("source whose own number it was before; empty for a number of the registry's own")


class LedgerMember(dy.Schema):
    """Every (record, number) that ever held, so that a retired number can revive with its records."""

    source = c.text("source system", nullable=False, primary_key=True)
    record_id = c.text("the source's own key of the record", nullable=False, primary_key=True)
    client_number = c.text("number the record carried", nullable=False, primary_key=True)
    first_version = dy.Int64(description="first version in which it carried the number")
    last_version = dy.Int64(nullable=True, description="last version in which it carried it; empty while it does")


class LedgerEvent(dy.Schema):
    """What happened to a number in a night, in order, with its cause."""

    version = dy.Int64(description="version of the night", primary_key=True)
    position = dy.Int64(description="order within the version", primary_key=True)
    business_date = c.date("business date of the night", nullable=False)
    event = dy.Enum(EVENTS, description="mint, survive, merge, split, retire, restore")
    client_number = c.text("the number it happened to", nullable=False)
    other_number = c.text("the number it merged into, was split from, or lost records to")
    cause = c.text(
        "first seen, adopted from SOURCE, decision N, edge, record changed, source gone, source returned, quarantined, "
        "rolled back, redirect moved",
        nullable=False,
    )


class Finding(dy.Schema):
    """What an owning system should mend, with when it was first seen and when a later extract showed it mended.

    `two_numbers`: a source that issues customer numbers gave one client two of them.
    """

    finding_id = c.text("32 hexadecimal digits made of kind, source and records", nullable=False, primary_key=True)
    kind = dy.Enum(FINDINGS, description="two_numbers")
    source = c.text("system that can mend it", nullable=False)
    owner = c.text("who answers for that system")
    client_number = c.text("the client that the records are, or were last", nullable=False)
    records = dy.List(dy.String(), nullable=False, description="the source's own keys, sorted", metadata={"pii": "-"})
    evidence = c.text("what makes the records one client", nullable=False)
    first_seen = c.date("business date of the night that found it", nullable=False)
    resolved = c.date("business date of the extract that showed it mended; empty while it was not")
    state = dy.Enum(
        FINDING_STATES,
        description="open; mended by the source; withdrawn, since the registry holds the records apart by now",
    )


IDENTITY: dict[str, type[dy.Schema]] = {
    "crosswalk": Crosswalk,
    "ledger_number": LedgerNumber,
    "ledger_member": LedgerMember,
    "ledger_event": LedgerEvent,
    "finding": Finding,
}
