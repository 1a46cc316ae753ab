"""Tables of identity: which client number each record carries, and the ledger of all numbers ever given."""

import dataframely as dy

from rules.contracts import columns as c

STATES = ("live", "merged", "gone")
EVENTS = ("mint", "survive", "merge", "split", "retire", "restore")


class Crosswalk(dy.Schema):
    """Source key ↔ client number."""

    record_key = c.record_key(primary_key=True)
    source = c.text("source system", nullable=False)
    record_id = c.text("the source's own key of the record", nullable=False)
    legal_entity = c.text("legal entity that owns the record")
    party_type = c.text("person, organisation, institution, bank", nullable=False)
    client_number = c.text("the registry's client number", nullable=False)


class LedgerNumber(dy.Schema):
    """Every client number ever minted and what it stands for today."""

    client_number = c.text("the registry's client number, with check digits", nullable=False, primary_key=True)
    sequence = dy.Int64(description="order of minting")
    minted_version = dy.Int64(description="version that minted it")
    state = dy.Enum(STATES, description="live; merged (resolves to another); gone (tombstone)")
    resolves_to = c.text("the live number it stands for; empty for a tombstone")


class LedgerMember(dy.Schema):
    """Every (record, number) that ever held, so that a retired number can revive with its records."""

    source = c.text("source system", nullable=False, primary_key=True)
    record_id = c.text("the source's own key of the record", nullable=False, primary_key=True)
    client_number = c.text("number the record carried", nullable=False, primary_key=True)
    first_version = dy.Int64(description="first version in which it carried the number")
    last_version = dy.Int64(description="last version in which it carried the number")


class LedgerEvent(dy.Schema):
    """What happened to a number in a night, in order, with its cause."""

    version = dy.Int64(description="version of the night", primary_key=True)
    position = dy.Int64(description="order within the version", primary_key=True)
    business_date = c.date("business date of the night", nullable=False)
    event = dy.Enum(EVENTS, description="mint, survive, merge, split, retire, restore")
    client_number = c.text("the number it happened to", nullable=False)
    other_number = c.text("the number it merged into or was split from")
    cause = c.text("edge, decision or source change that caused it", nullable=False)


IDENTITY: dict[str, type[dy.Schema]] = {
    "crosswalk": Crosswalk,
    "ledger_number": LedgerNumber,
    "ledger_member": LedgerMember,
    "ledger_event": LedgerEvent,
}
