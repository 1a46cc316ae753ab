"""Creating a client at the desk: search before create, then a new one that the next night reads.

Here: routes. Not here: the search (stages/search), keeping the new client (stages/creating). What was typed travels in
the body of a form, never in an address.
"""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from fastapi import Form as FromForm
from pydantic import Field
from starlette.responses import Response

from rules.desk import ENTER
from rules.documents import load_documents
from rules.errors import NotFound
from rules.sources import Source
from rules.typed import Typed
from stages import creating, lookup
from stewardship import pending, sight
from stewardship.audit import of
from stewardship.client_desk import entering as forms
from stewardship.client_desk.masks import masked
from stewardship.desk import Desk
from stewardship.guard import Employee, TheDesk, allowed
from stewardship.pages.forms import Form
from stewardship.pages.frame import page, to
from stewardship.sessions import Visitor
from stewardship.sight import Scope

router = APIRouter(include_in_schema=False)
MOST = 8
"""Likely clients that are shown."""
Text = Annotated[str, Field(max_length=200)]


class NewClient(Form):
    """A client as it is typed; with `create` it is kept, else likely clients are looked for."""

    request: str = Field(min_length=8, max_length=64)
    create: bool = False
    party_type: Literal["person", "organisation", "institution", "bank"] = "person"
    family: Text = ""
    given: Text = ""
    patronymic: Text = ""
    org_name: Text = ""
    birth_date: Text = ""
    registration_date: Text = ""
    sex: Text = ""
    identifier_type: Text = ""
    identifier_number: Text = ""
    identifier_country: Text = ""
    identifier_expires: Text = ""
    phone: Text = ""
    email: Text = ""
    address: Text = ""
    country: Text = ""
    branch: Text = ""

    @property
    def fields(self) -> dict[str, str]:
        """What was typed."""
        return self.model_dump(exclude={"csrf", "request", "create"}, exclude_defaults=False)


_NOT_ASKED: dict[str, Any] = {
    "typed": NewClient(request="empty form").fields, "found": None, "waiting": [], "hidden": 0, "problems": [],
}  # fmt: skip
"""What the page shows before anybody was looked for."""


@router.get("/desk/new")
def new(request: Request, desk: TheDesk, visitor: Annotated[Visitor, Depends(allowed(ENTER))]) -> Response:
    """The empty form."""
    creating.source_of(desk.settings)
    return page(request, "desk_new.html", visitor, **_known(visitor), **_NOT_ASKED)


@router.post("/desk/new")
def create(
    request: Request, desk: TheDesk, visitor: Annotated[Visitor, Depends(allowed(ENTER))],
    form: Annotated[NewClient, FromForm()],
) -> Response:  # fmt: skip
    """Look for clients that the typed one may be; with `create` keep it as a new one."""
    source, by = creating.source_of(desk.settings), forms.by(visitor, form.request, desk.settings)
    branch = form.branch or next(iter(visitor.scope.branches), "")
    typed = {name: value for name, value in form.fields.items() if value.strip()} | (
        {"branch": branch} if branch else {}
    )
    if form.create:
        made = creating.create(desk.home, source, typed, desk.searching.declared, by)
        desk.trail.note(visitor.name, "created client", entry=made.id)
        return to(f"/desk/new/{made.record_id}")
    problems = creating.flagged(desk.home, source, typed, desk.searching.declared, date.today())
    shown = _NOT_ASKED | {"typed": form.fields, "problems": problems}
    shown |= {} if problems else _alike(desk, visitor, source, creating.typed(typed))
    return page(request, "desk_new.html", visitor, **_known(visitor), **shown)


def _alike(desk: Desk, visitor: Visitor, source: Source, asked: Typed) -> dict[str, Any]:
    """Clients that the asked one may be: `found` and `waiting` for the night, and how many are `hidden`.

    A sealed one is not even counted: who knew a name and a birth date would learn of it. The night joins the two all
    the same; the trail names who was looked for.
    """
    index = desk.indexed.wait()
    hits = desk.searching.ask(index, asked).result().found
    fresh = pending.entries_alike(desk, index, Scope(), asked)
    with desk.served.live() as version, version.cursor() as con:
        numbers = {hit["client_number"] for hit in hits}
        seen = sight.in_sight(con, visitor.scope, numbers)
        told = sight.in_sight(con, Scope(opened=visitor.scope.opened), numbers)
    found = [hit for hit in hits if hit["client_number"] in seen][:MOST]
    desk.trail.note(visitor.name, "searched", by="new client", found=len(hits) + len(fresh), clients=of(hits))
    mine = [(entry, creating.name_of(entry)) for entry in fresh if forms.sees_new(entry, source, visitor.scope)]
    return {"found": found, "waiting": mine, "hidden": len(told - seen) + len(fresh) - len(mine)}


@router.get("/desk/new/{key}")
def created(
    request: Request, desk: TheDesk, visitor: Employee, key: Annotated[str, Path(pattern="^[0-9]{1,12}$")]
) -> Response:  # fmt: skip
    """A client that was created and waits for the night; its pages, once a night has read it."""
    source = creating.source_of(desk.settings)
    with desk.served.live() as version, version.cursor() as con:
        known = [row["client_number"] for row in lookup.by_record(con, source.name, key)]
        known = sorted(sight.in_sight(con, visitor.scope, known))
        entry = next((one for one in creating.waiting(con, desk.home, desk.settings) if one.record_id == key), None)
    if known:
        return to(f"/desk/clients/{known[0]}")
    if entry is None or not forms.sees_new(entry, source, visitor.scope):
        raise NotFound("new client", "is none that waits for the night", "look the client up at the desk")
    desk.trail.note(visitor.name, "opened new client", entry=entry.id)
    return page(
        request, "desk_created.html", visitor, entry=entry, name=creating.name_of(entry), source=source.name,
        fields=masked(visitor.role, [dict(entry.fields)])[0],
    )  # fmt: skip


def _known(visitor: Visitor) -> dict[str, Any]:
    documents = load_documents()
    kinds = {*documents.forms, *(kind for kinds in documents.primary.values() for kind in kinds)}
    return {"kinds": sorted(kinds), "branches": visitor.scope.branches}
