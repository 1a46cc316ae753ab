"""Tables of decisions: what the log's decisions in effect mean for tonight's records.

Here: the constraints and values that matching and survivorship read. Not here: the log itself (store/decisions).
"""

import dataframely as dy

from rules.contracts import columns as c

EFFECTS = ("must_link", "cannot_link")


class Decided(dy.Schema):
    """Pairs of tonight's records that a decision in effect joins or keeps apart."""

    record_key_l = c.pair_key("one record")
    record_key_r = c.pair_key("the other record")
    kind = dy.Enum(EFFECTS, description="joined, or kept apart", primary_key=True)
    decision = dy.Int64(description="the decision's number in the log", primary_key=True)


class Overridden(dy.Schema):
    """Values that a decision in effect sets on the client that holds the record."""

    record_key = c.record_key("record that the decision is bound to", primary_key=True)
    field = c.text("column of golden_party", nullable=False, primary_key=True)
    value = c.text("the value, as text", pii="S", nullable=False)
    decision = dy.Int64(description="the decision's number in the log", primary_key=True)


DECISIONS: dict[str, type[dy.Schema]] = {"decided": Decided, "overridden": Overridden}
