"""Columns that several tables share, and what a column's metadata may say.

`pii`: "-" none, "P" personal, "S" sensitive. `key`: "record" (an integer record key; content hashes replace it by
its (source, record_id)) or "pair" (two such keys of which the order carries no meaning).
"""

from typing import Any

import dataframely as dy

PARTY_TYPES = ("person", "organisation", "institution", "bank")
MODEL_OF = {
    "person": "person",
    "organisation": "organisation",
    "institution": "organisation",
    "bank": "organisation",
}
"""Institutions and banks are matched by the organisation model."""
TYPES_OF = {
    model: ", ".join(f"'{kind}'" for kind, own in MODEL_OF.items() if own == model)
    for model in ("person", "organisation")
}
"""The kinds of party of each model, as SQL literals."""


def record_key(description: str = "integer key of the source record", **kwargs: Any) -> dy.Int64:
    """An integer record key, given once by the key map."""
    return dy.Int64(description=description, metadata={"key": "record"}, **kwargs)


def pair_key(description: str) -> dy.Int64:
    """One end of an unordered pair of record keys."""
    return dy.Int64(description=description, metadata={"key": "pair"}, primary_key=True)


def text(description: str, *, pii: str = "-", nullable: bool = True, **kwargs: Any) -> dy.String:
    """A text column with its PII class."""
    return dy.String(description=description, nullable=nullable, metadata={"pii": pii}, **kwargs)


def date(description: str, *, pii: str = "-", nullable: bool = True) -> dy.Date:
    """A calendar date."""
    return dy.Date(description=description, nullable=nullable, metadata={"pii": pii})


def flag(description: str, *, pii: str = "-", nullable: bool = False) -> dy.Bool:
    """A true/false column."""
    return dy.Bool(description=description, nullable=nullable, metadata={"pii": pii})


def ordinal() -> dy.Int32:
    """Place of the value among the record's values of this table, in mapping order."""
    return dy.Int32(description="place among the record's values, in mapping order", primary_key=True)


def reason() -> dy.String:
    """Why a value is flagged."""
    return text("why the value is flagged; empty when it is fine")
