"""The tabs of a client's pages, in their order: what each shows and what a role needs to open it.

Here: the list, and a tab's rows. Not here: the queries (stages/viewed), how they look (templates).
"""

from dataclasses import dataclass

import duckdb

from rules import desk
from rules.desk import ADVISE, COMPLY, SERVE
from stages import lookup
from stages.lookup import Row
from stages.viewed import BRIEF, MOST, view_of
from stewardship import clients, discreet, related
from stewardship.client_desk.masks import masked
from stewardship.lost import Trusted, beside
from stewardship.sessions import Visitor
from store.duck import rows


@dataclass(frozen=True)
class Tab:
    """A tab: its address, its title, the permission, the parts of the view, rows of parts that grow."""

    name: str
    title: str
    needs: str
    parts: tuple[str, ...] = ()
    most: int = MOST


IMPORTANT, DOSSIER, CONTACT, HISTORY = "important", "dossier", "contact", "history"
TABS = (
    Tab(IMPORTANT, "Important data", SERVE, ("citizenships", "tax residences")),
    Tab(DOSSIER, "Dossier", SERVE, ("documents", "outside checks")),
    Tab("products", "Products", SERVE, ("holdings", "latest operations", "insured deposits"), BRIEF),
    Tab("operations", "Operations", SERVE, ("latest operations",)),
    Tab("requests", "Requests", SERVE, ("requests", "referrals")),
    Tab(CONTACT, "Addresses and contacts", SERVE, ("consents",)),
    Tab("employment", "Employment", SERVE, ("employment",)),
    Tab("questionnaires", "Questionnaires", SERVE, ("questionnaires", "next review")),
    Tab("relations", "Relations", SERVE, ("associated parties", "owners", "groups")),
    Tab("offers", "Tier and offers", ADVISE, (
        "tier", "profiles", "offers", "membership contracts", "campaigns", "opportunities",
    )),
    Tab("activities", "Activities", ADVISE, (
        "to be contacted", "reminders", "activities", "referrals", "manager", "familiar to", "gifts", "notes",
    )),
    Tab("indices", "Indices", ADVISE, ("indices",)),
    Tab("risk", "Risk", COMPLY, (*desk.DISCREET, "warnings", "findings about the client")),
    Tab(HISTORY, "History", SERVE),
)  # fmt: skip


def place(number: str, tab: str) -> str:
    """The address of a tab."""
    return f"/desk/clients/{number}" + ("" if tab == IMPORTANT else f"/{tab}")


@dataclass(frozen=True)
class Opened:
    """What a tab holds: parts of the view that are not empty, golden values with their origin, the client's past."""

    parts: dict[str, list[Row]]
    fields: list[Row]
    numbers: list[Row]
    events: list[Row]
    values: list[Row]


def opened(
    con: duckdb.DuckDBPyConnection, tab: Tab, number: str, visitor: Visitor, known: Trusted
) -> Opened:  # fmt: skip
    """A tab of a live number, as the visitor may see it."""
    role, held = visitor.role, view_of(con, number, tab.parts, tab.most) if tab.parts else {}
    seen = visitor.scope
    held = {part: related.told(con, found, seen, number) for part, found in discreet.view(role, held).items()}
    parts = {part: masked(role, found) for part, found in held.items() if found}
    numbers, events = clients.past(con, number) if tab.name == HISTORY else ([], [])
    values = masked(role, rows(con, _VALUES, [number])) if tab.name == HISTORY else []
    return Opened(
        parts,
        masked(role, _fields(con, tab, number, known)),
        numbers,
        related.unsealed(con, events, visitor.scope),
        values,
    )


_KINDS = {IMPORTANT: ("name", "identifier", "scalar"), CONTACT: ("contact", "address")}
"""Kinds of golden values that a tab shows."""


def tab_of(field: str) -> str:
    """The tab that shows a golden value, and on which a change of it is proposed."""
    return CONTACT if field.partition(".")[0] in _KINDS[CONTACT] else IMPORTANT


def _fields(con: duckdb.DuckDBPyConnection, tab: Tab, number: str, known: Trusted) -> list[Row]:
    if tab.name not in _KINDS:
        return []
    found = lookup.golden(con, number)
    shown = [row for row in clients.fields(found) if tab_of(row["field"]) == tab.name]
    return beside(con, found, shown, known, _KINDS[tab.name])


_VALUES = """
    SELECT field, COALESCE(json_extract_string(unit, '$.full'), json_extract_string(unit, '$.number'),
                           json_extract_string(unit, '$.value'), value) AS value, valid_from, valid_to, known_from
    FROM (SELECT *, CASE WHEN contains(field, '#') THEN CAST(value AS JSON) END AS unit FROM history_value)
    WHERE client_number = ? AND known_to IS NULL ORDER BY field, valid_from DESC, known_from DESC LIMIT 500"""


def missing(party_type: str, documents: list[Row]) -> list[str]:
    """Kinds of document that the dossier should hold and does not, or no longer in order."""
    valid = {row["kind"] for row in documents if row["state"] in ("in order", "expires soon")}
    return [kind for kind in desk.DOSSIER.get(party_type, desk.DOSSIER[""]) if kind not in valid]
