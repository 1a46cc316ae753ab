"""A preview as a table: clients before and after side by side, a line a field.

Here: lines of the page. Not here: what a decision gives (stages/preview).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stages.lookup import Row
from stages.preview import Preview
from stewardship import clients


@dataclass(frozen=True)
class Line:
    """A field with its values of every client, those before first; `changes` where what comes out differs."""

    field: str
    cells: list[list[str]]
    changes: bool


def lines(found: Preview) -> list[Line]:
    """Golden values, then consents and associations, in the order of the first client that has them."""
    held = [_values(client) for client in (*found.before, *found.after)]
    names = dict.fromkeys(name for values in held for name in values)
    return [_line(name, [values.get(name, []) for values in held], len(found.before)) for name in names]


def _line(field: str, cells: list[list[str]], before: int) -> Line:
    was, will = ({tuple(sorted(cell)) for cell in part} for part in (cells[:before], cells[before:]))
    return Line(field, cells, was != will)


def _values(client: Row) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for row in clients.fields(client):
        told.setdefault(row["field"], []).append(str(row["value"]))
    for row in client["consents"]:
        told.setdefault(f"consent.{row['channel']}", []).append(_said(row, "purpose", "legal_entity"))
    for row in client["associations"]:
        told.setdefault(f"association.{row['kind']}", []).append(str(row["other_number"]))
    return told


def _said(row: Row, *about: str) -> str:
    """Given or refused, and for what."""
    return ", ".join(["given" if row["given"] else "refused", *(row[name] for name in about if row[name])])


def moves(found: Preview) -> Sequence[Row]:
    """Numbers that stand for something else afterwards, or are new."""
    return [row for row in found.numbers if row["minted"] or row["resolves_to"] != row["client_number"]]
