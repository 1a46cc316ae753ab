"""Asking owning systems for operations on a client's products, and what became of it.

Here: routes. Not here: the catalogue (rules/operations), its checks and the outbox (stages/operations).
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi import Form as FromForm
from pydantic import ConfigDict, Field
from starlette.responses import Response

from rules.desk import OPERATE
from rules.operations import FILE, Operations, load_operations
from stages.operations import Asked, hand_over, requests
from stages.viewed import view_of
from stewardship import clients
from stewardship.client_desk import changing
from stewardship.client_desk.files import Places
from stewardship.client_desk.head import head
from stewardship.client_desk.masks import masked
from stewardship.desk import Desk
from stewardship.guard import TheDesk, allowed
from stewardship.pages.forms import Form, Number
from stewardship.pages.frame import page, to
from stewardship.sessions import Visitor

router = APIRouter(include_in_schema=False)
Operator = Annotated[Visitor, Depends(allowed(OPERATE))]
_FIELD, _DOCUMENT = "field.", "document."
"""How a form names the fields that the catalogue asks for, and the kinds of document that it cites."""


class Operate(Form):
    """An operation on a product; what the catalogue asks for stands beside."""

    model_config = ConfigDict(extra="allow", frozen=True)

    product: str = Field(max_length=40)
    reference: str = Field(max_length=120)
    operation: str = Field(max_length=60)

    def named(self, prefix: str) -> dict[str, str]:
        """The filled fields of a kind."""
        given = {name: value for name, value in (self.model_extra or {}).items() if isinstance(value, str)}
        return {
            name.removeprefix(prefix): value[:500] for name, value in given.items() if name.startswith(prefix) and value
        }


@router.get("/desk/clients/{number}/operate")
def choose(request: Request, desk: TheDesk, visitor: Operator, number: Number) -> Response:
    """Open products with the operations that the catalogue allows, and what was asked for before."""
    with desk.served.live() as version, version.cursor() as con:
        current = version.seen(con, visitor.scope, number)
        if current != number:
            return to(f"/desk/clients/{current}/operate")
        held = view_of(con, number, ["holdings"])["holdings"]
        known = {row["client_number"] for row in clients.past(con, number)[0]}
        documents = changing.in_order(con, number)
        top = head(con, number, visitor, Places(desk.home, desk.settings))
    catalogue = _catalogue(desk)
    open_ones = [row for row in held if row["status"] != "closed" and row["product"] in catalogue.products]
    desk.trail.note(visitor.name, "opened client", client=number, tab="operate")
    return page(
        request, "desk_operate.html", visitor, head=top, version=version.manifest, documents=documents,
        held=masked(visitor.role, open_ones), catalogue=catalogue.products, asked=requests(desk.home, known),
    )  # fmt: skip


@router.post("/desk/clients/{number}/operate")
def operate(desk: TheDesk, visitor: Operator, number: Number, form: Annotated[Operate, FromForm()]) -> Response:
    """Put a request into the outbox of the system that keeps the product; asking twice hands over once."""
    with desk.served.live() as version, version.cursor() as con:
        current = version.seen(con, visitor.scope, number)
    asked = Asked(
        current, form.product, form.reference, form.operation, form.named(_FIELD), form.named(_DOCUMENT), visitor.name
    )
    made = hand_over(desk.home, _catalogue(desk), asked)
    desk.trail.note(visitor.name, "asked operation", client=current, operation=form.operation, request=made["id"])
    return to(f"/desk/clients/{current}/operate#asked-{made['id']}")


def _catalogue(desk: Desk) -> Operations:
    return load_operations(desk.settings.overlay(FILE) if desk.settings else None)
