"""Proposing a change of a client's important data, and approving what somebody else proposed.

Here: routes. Not here: what a proposal cites and how it stands (stewardship/client_desk/changing), which forms propose
(rules/forms), the log (stages/decide).
"""

import json
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Path
from fastapi import Form as FromForm
from pydantic import ConfigDict, Field
from starlette.responses import Response

from rules.decisions import IMPORTANT
from rules.desk import PROPOSE, SIGN
from rules.errors import DecisionRefused, NotFound
from stages import decide
from stages.overriding_units import REPLACES
from stewardship.client_desk import changing, tabs
from stewardship.client_desk import entering as forms
from stewardship.desk import Desk
from stewardship.guard import TheDesk, allowed
from stewardship.pages.forms import Ends, Number, Said
from stewardship.pages.frame import to
from stewardship.sessions import Visitor

router = APIRouter(include_in_schema=False)
Proposer = Annotated[Visitor, Depends(allowed(PROPOSE))]


class Cites(Said):
    """What every proposal has: the document that shows it, and until when it holds."""

    document: str = Field(min_length=1, max_length=120)
    ends: Ends


class ChangeForm(Cites):
    """A change of a single value."""

    field: Literal[IMPORTANT]  # type: ignore[valid-type]
    value: str = Field(min_length=1, max_length=500)


class UnitForm(Cites):
    """A change of an address, contact or identity document; the fields of the declared form stand beside.

    `pick` is what the new one replaces; with `over` that one, or the address of the kind, ends and nothing follows.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    pick: str = Field("", max_length=16)
    over: bool = False

    @property
    def typed(self) -> dict[str, str]:
        """The filled fields of the form."""
        given = {name: value for name, value in (self.model_extra or {}).items() if isinstance(value, str)}
        return {name: value[:300] for name, value in given.items() if value.strip()}


@router.post("/desk/clients/{number}/change")
def change(desk: TheDesk, visitor: Proposer, number: Number, form: Annotated[ChangeForm, FromForm()]) -> Response:
    """Propose another value; it waits for a second person, then for the next night."""
    return _proposed(desk, visitor, number, form, form.field, form.value)


@router.post("/desk/clients/{number}/propose/{name}")
def propose(
    desk: TheDesk, visitor: Proposer, number: Number, name: Annotated[str, Path(max_length=60)],
    form: Annotated[UnitForm, FromForm()],
) -> Response:  # fmt: skip
    """Propose another address, contact or identity document, in the place of one that is known, or beside it."""
    declared = desk.forms.get(name)
    if declared is None or not declared.proposes:
        raise NotFound("form", "is none that proposes a change", "see forms.yaml")
    if not forms.may_fill(declared, visitor.role):
        raise HTTPException(403, f"a {visitor.role} may not fill this form")
    typed, replaced = form.typed, ""
    if form.pick:
        with desk.served.live() as version, version.cursor() as con:
            current = version.seen(con, visitor.scope, number)
            found = forms.picks(con, declared, desk.settings, current, visitor.role)
        replaced = str(forms.picked(found, form.pick)[0].get(REPLACES, ""))
    kind = typed.pop("kind", "") or typed.pop("type", "")
    if not (typed or form.over):
        raise DecisionRefused(declared.title, "says nothing", "fill its fields, or mark that it holds no more")
    said = ({} if form.over else typed) | ({REPLACES: replaced} if replaced else {})
    return _proposed(desk, visitor, number, form, f"{declared.unit}.{kind}", json.dumps(said))


def _proposed(desk: Desk, visitor: Visitor, number: str, form: Cites, field: str, value: str) -> Response:
    with desk.served.live() as version, version.cursor() as con:
        current = version.seen(con, visitor.scope, number)
        cited = changing.cited(con, current, form.document)
    by = changing.citing(form.by(visitor), cited)
    made = decide.override(desk.home, current, field, value, form.ends, by, desk.searching.declared)
    desk.trail.note(visitor.name, "proposed change", client=current, decision=made.id)
    return to(f"{tabs.place(current, tabs.tab_of(field))}#done-{made.id}")


@router.post("/desk/clients/{number}/changes/{decision}/approve")
def approve(
    desk: TheDesk, visitor: Annotated[Visitor, Depends(allowed(SIGN))], number: Number,
    decision: Annotated[int, Path(ge=1, le=10**9)], form: Annotated[Said, FromForm()],
) -> Response:  # fmt: skip
    """Approve a change that somebody else proposed; the next night takes it."""
    by = form.by(visitor)
    with desk.deciding, desk.served.live() as version, version.cursor() as con:
        current = version.seen(con, visitor.scope, number)
        again = desk.log.requested(by.request) is not None
        found = changing.of_client(con, desk.decided(), current, decision, None if again else date.today())
        decide.approve(desk.home, decision, by)
    desk.trail.note(visitor.name, "approved decision", client=current, decision=decision)
    return to(f"{tabs.place(current, tabs.tab_of(found.entry.field))}#done-{decision}")
