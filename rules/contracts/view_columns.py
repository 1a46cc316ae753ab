"""Columns that tables of the client view share.

Here: their declaration. Not here: the tables (view, service).
"""

import dataframely as dy

from rules.contracts import columns as c


def number(description: str = "the registry's client number", key: bool = True) -> dy.String:
    """A client number."""
    return c.text(description, nullable=False, primary_key=key)


def money(description: str) -> dy.Decimal:
    """An amount in the reporting currency."""
    return dy.Decimal(
        precision=24, scale=2, description=f"{description}, in the reporting currency", metadata={"pii": "S"}
    )


def count(description: str) -> dy.Int64:
    """A count that is never empty."""
    return dy.Int64(description=description, metadata={"pii": "P"})


def days(description: str) -> dy.Int64:
    """Days, or another whole number that may be unknown."""
    return dy.Int64(nullable=True, description=description, metadata={"pii": "P"})


def rule() -> dy.String:
    """The rule that fired."""
    return c.text("the rule that fired, see view_rule", pii="S", nullable=False)


def share(description: str, nullable: bool = False) -> dy.Decimal:
    """A share in per cent."""
    return dy.Decimal(precision=9, scale=4, nullable=nullable, description=description, metadata={"pii": "S"})
