"""What of a client a caller of the API may see: records of its legal entities, and its fields.

Here: leaving out what a caller may not see. Not here: which clients are in its sight (sight), giving scopes (sessions).
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fastapi import HTTPException

from rules.contracts.golden import GoldenParty
from rules.desk import MASKED
from rules.typed import Typed
from stewardship import sight
from stewardship.sessions import Visitor

Row = dict[str, Any]
_ALWAYS = ("client_number", "party_type")
_NAMING = ("client_number", "display_name", "party_type", "birth_date")
_VALUES = frozenset(GoldenParty.columns())
_PARTS = ("names", "identifiers", "addresses", "contacts", "records", "lineage", "refusals")
_ASKED = {"names": ("names", "display_name")}
"""Parts of a typed client that may be asked for by who sees any of these; others by who sees the part itself."""


def whole(caller: Visitor) -> None:
    """Refuse a caller with a scope or some fields alone: the answer tells of every client, and of all its fields."""
    if caller.scope.entities or caller.fields is not None:
        raise HTTPException(403, "not for a token of some legal entities or some fields only")


def assert_may_ask(caller: Visitor, typed: Typed) -> None:
    """Refuse a search by what the caller does not see of a client: who may guess at a value finds it."""
    if caller.fields is None:
        return
    given = typed.model_dump(exclude_defaults=True, exclude={"party_type"})
    hidden = [name for name in given if caller.fields.isdisjoint(_ASKED.get(name, (name,)))]
    if hidden:
        raise HTTPException(403, f"not a search by what this caller does not see: {', '.join(hidden)}")


def hits(caller: Visitor, found: Iterable[Row]) -> list[Row]:
    """Of the clients found those that the caller may see, by what names them and the fields it may see."""
    return [fields(caller, {name: one["party"][name] for name in _NAMING})
            for one in found if sight.sees(caller.scope, one)]  # fmt: skip


def fields(caller: Visitor, row: Row) -> Row:
    """A row of a client with what the caller may not see left empty."""
    if caller.fields is None:
        return row
    shown = {*_ALWAYS, *caller.fields}
    return {name: value if name in shown or name not in _VALUES else None for name, value in row.items()}


def client(caller: Visitor, found: Row) -> Row:
    """A golden record with the parts, fields, records and lineage that the caller may see."""
    mine = [
        row for row in found["records"] if not caller.scope.entities or row["legal_entity"] in caller.scope.entities
    ]
    keys = {(row["source"], row["record_id"]) for row in mine}
    own = {
        "records": mine,
        "lineage": [row for row in found["lineage"] if (row["source"], row["record_id"]) in keys],
        "refusals": [row for row in found.get("refusals", [])
                     if not caller.scope.entities or row["legal_entity"] in caller.scope.entities],
    }  # fmt: skip
    parts = {part: rows if caller.fields is None or part in caller.fields else []
             for part, rows in (found | own).items() if part in _PARTS}  # fmt: skip
    today = [row for row in found.get("today", []) if caller.fields is None or row["field"] in caller.fields]
    return {**found, **parts, "party": fields(caller, found["party"]), "today": today}


def unmasked(caller: Visitor) -> Visitor:
    """The caller without the fields and parts that its role sees masked: a program needs the whole value or none."""
    hidden = MASKED.get(caller.role)
    if not hidden:
        return caller
    seen = [name for name in names() if name not in hidden and name.removesuffix("s") not in hidden]
    return replace(caller, fields=frozenset(seen))


def names() -> list[str]:
    """What a token's fields may name: parts of a client, and columns of its golden record."""
    return sorted({*_PARTS, *_VALUES} - {*_ALWAYS})
