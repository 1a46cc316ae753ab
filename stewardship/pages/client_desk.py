"""The client desk: identifying a client, and his pages.

Here: routes. Not here: gathering (stewardship/client_desk), what is sent from the pages (entering, proposing). Every
search and every tab that is opened is noted in the audit trail; what was typed is not. A tab is a route of its own, so
that its permission stands in the table of routes.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated

import duckdb
from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from rules.decisions import IMPORTANT
from rules.desk import MAY, PROPOSE, SIGN
from stages import creating, tonight, viewed
from stewardship import sight
from stewardship.audit import of
from stewardship.client_desk import changing, entering, files, identify, kin, tabs
from stewardship.client_desk.files import Places
from stewardship.client_desk.head import head
from stewardship.client_desk.masks import masked
from stewardship.client_desk.tabs import Tab
from stewardship.desk import Desk
from stewardship.guard import Employee, TheDesk, allowed
from stewardship.pages.forms import Asked, Number
from stewardship.pages.frame import page, to, words
from stewardship.sessions import Visitor
from store.entered import Entry

router = APIRouter(include_in_schema=False)
FOUND = 50
"""Clients that a list to choose from shows."""
HOLDS_DAYS = 365
"""How long a change holds unless another day is named: until then the source should have it."""


class Identify(Asked):
    """Whom an employee has before him."""

    by: identify.By = "scan"
    text: str = Field("", max_length=200)
    kind: str = Field("", max_length=60)
    born: date | None = None


class Was(Asked):
    """The old number by which the client was asked for."""

    was: str = Field("", max_length=40)


@router.get("/desk")
def find(request: Request, desk: TheDesk, visitor: Employee, asked: Annotated[Identify, Query()]) -> Response:
    """The form; with an answer the client's pages, or a list to choose from."""
    text = asked.text.strip()
    with desk.served.live() as version, version.cursor() as con:
        told = identify.Asked(asked.by, text, asked.kind, asked.born)
        rows = identify.found(version, con, told) if text else []
        seen = sight.in_sight(con, visitor.scope, {row["client_number"] for row in rows})
        rows = [row for row in rows if row["client_number"] in seen]
        fresh = _created(con, desk, visitor, told) if text else []
        kinds = [row[0] for row in con.execute("SELECT DISTINCT type FROM golden_identifier ORDER BY 1").fetchall()]
        sources = [row[0] for row in con.execute("SELECT DISTINCT source FROM crosswalk ORDER BY 1").fetchall()]
    if text:
        desk.trail.note(visitor.name, "identified", by=asked.by, found=len(rows) + len(fresh), clients=of(rows[:FOUND]))
    if len(fresh) == 1 and not rows:
        return to(f"/desk/new/{fresh[0].record_id}")
    if len(rows) == 1 and not fresh:
        was = rows[0].get("replaced")
        return to(f"/desk/clients/{rows[0]['client_number']}" + (f"?was={was}" if was else ""))
    return page(
        request, "desk_find.html", visitor, asked=asked, rows=rows[:FOUND], fresh=fresh, named=creating.name_of,
        kinds=kinds, sources=sources, version=version.manifest,
    )  # fmt: skip


def _created(
    con: duckdb.DuckDBPyConnection, desk: Desk, visitor: Visitor, told: identify.Asked
) -> list[Entry]:  # fmt: skip
    """Clients that were created since the version, if they are asked for and in sight."""
    every = creating.waiting(con, desk.home, desk.settings)
    source = creating.source_of(desk.settings) if every else None
    return [
        one for one in every if source and identify.fits(one, told) and entering.sees_new(one, source, visitor.scope)
    ]


def _shows(tab: Tab) -> Callable[..., Response]:
    """The route of a tab."""

    def show(
        request: Request, desk: TheDesk, visitor: Annotated[Visitor, Depends(allowed(tab.needs))], number: Number,
        asked: Annotated[Was, Query()],
    ) -> Response:  # fmt: skip
        return _page(request, desk, visitor, number, tab, asked)

    show.__doc__ = f"The tab {tab.title}; an old number leads on to the one it stands for."
    return show


for each in tabs.TABS:
    router.add_api_route(tabs.place("{number}", each.name), _shows(each), methods=["GET"], name=f"client {each.name}")


def _page(request: Request, desk: TheDesk, visitor: Visitor, number: str, tab: Tab, asked: Was) -> Response:
    with desk.served.live() as version, version.cursor() as con:
        current = version.seen(con, visitor.scope, number)
        if current != number:
            return to(request.url.path.replace(number, current) + f"?was={number}")
        shown = viewed.tables_of(tab.parts) | tonight.CLEARED_TABLES | {"view_document"}
        entered, where = (
            tonight.lay_over(con, desk.home, desk.settings, number, shown),
            Places(desk.home, desk.settings),
        )
        top, found = head(con, number, visitor, where), tabs.opened(con, tab, number, visitor, desk.declared)
        forms = entering.offered(con, desk, number, tab.name, visitor)
        copies = files.copies(con, where, number) if tab.name == tabs.DOSSIER else []
        proposing = tab.name in (tabs.IMPORTANT, tabs.CONTACT)
        changes = changing.proposed(con, desk.decided(), number, tab.name, date.today()) if proposing else []
        documents = changing.citable(con, number) if proposing else []
    desk.trail.note(visitor.name, "opened client", client=number, tab=tab.name)
    party, parts = top.party, found.parts
    name = str(party["display_name"] or number)
    return page(
        request, "desk_client.html", visitor, head=top, shown=tab, found=found, was=asked.was, version=version.manifest,
        tabs=[each for each in tabs.TABS if each.needs in MAY[visitor.role]],
        picture=kin.picture(number, name, parts, words(request)) if tab.name == "relations" else None,
        missing=tabs.missing(str(party["party_type"]), parts.get("documents", [])) if tab.name == "dossier" else [],
        proposing=proposing, changes=masked(visitor.role, changes), documents=documents,
        ends=date.today() + timedelta(days=HOLDS_DAYS), proposes=PROPOSE in MAY[visitor.role],
        changeable=IMPORTANT if tab.name == tabs.IMPORTANT else (), signs=SIGN in MAY[visitor.role],
        copies=copies, forms=forms, entered=entering.shown(entered, desk, tab.name, visitor),
    )  # fmt: skip
