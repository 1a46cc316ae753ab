"""Changes of important data that were proposed at the desk: the value now beside the new one, and who it waits for.

Here: what a proposal cites and how it stands. Not here: the log and its four eyes (stages/decide, store/decisions). A
proposal is an override of a field that needs a second person (rules/decisions), and cites a document of the dossier.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import duckdb

from rules.decisions import OVERRIDE
from rules.errors import DecisionRefused, NotFound
from stages.decide import Decider
from stages.lookup import Row
from stages.viewed import MOST, view_of
from store.decisions import Decision
from store.decisions.state import IN_EFFECT, PENDING


def proposed(known: Mapping[int, Decision], number: str, party: Row, today: date) -> list[Row]:
    """Changes of a client that wait or hold, oldest first, each with the value `now` and the `proposed` one."""
    rows = [
        each.shown(today, values=True) for each in known.values()
        if each.entry.kind == OVERRIDE and number in each.entry.numbers and each.state(today) in (PENDING, IN_EFFECT)
    ]  # fmt: skip
    return [{**row, "now": party.get(row["field"])} for row in rows]


def assert_waits(known: Mapping[int, Decision], number: str, decision: int, today: date) -> None:
    """Raise NotFound unless the decision is a change of this client that waits for a second person."""
    found = known.get(decision)
    about = found is not None and found.entry.kind == OVERRIDE and number in found.entry.numbers
    if found is None or not about or found.state(today) != PENDING:
        raise NotFound("change", "is none of this client's that waits for approval", "reload the page")


def cited(con: duckdb.DuckDBPyConnection, number: str, document: str) -> str:
    """The document, which must be in order in the client's dossier, as `kind number`."""
    if document not in citable(con, number):
        raise DecisionRefused("document", "is none in order in the client's dossier", "take one into the dossier first")
    return document


def citing(by: Decider, document: str) -> Decider:
    """The same person, whose reason names the document."""
    return replace(by, reason=": ".join(part for part in (document, by.reason) if part))


def citable(con: duckdb.DuckDBPyConnection, number: str) -> list[str]:
    """Documents of the dossier that are in order, as a form names them."""
    fit = in_order(con, number)
    return list(dict.fromkeys(f"{row['kind']} {row['number'] or row['made_on'] or ''}".strip() for row in fit))


def in_order(con: duckdb.DuckDBPyConnection, number: str) -> list[Row]:
    """Documents of the dossier that have not expired."""
    held = view_of(con, number, ["documents"], MOST).get("documents", [])
    return [row for row in held if row["state"] in ("in order", "expires soon")]
