"""Entering at the client desk: a form of a tab is filled, an entry is ended.

Here: routes. Not here: which forms there are and how a page shows them (stewardship/client_desk/entering), keeping what
was entered (stages/entering). Fields are those of the declared form, so that one route takes all of them.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path
from fastapi import Form as FromForm
from pydantic import ConfigDict, Field
from starlette.datastructures import UploadFile
from starlette.responses import Response

from rules.desk import ENTER, LARGEST_FILE
from rules.errors import NotFound
from stages import entering, tonight
from stewardship.client_desk import entering as forms
from stewardship.client_desk import tabs
from stewardship.guard import TheDesk, allowed
from stewardship.limits import LARGEST
from stewardship.pages.forms import Form, Number
from stewardship.pages.frame import to
from stewardship.sessions import Visitor

router = APIRouter(include_in_schema=False)
_PICKED_FROM = frozenset({"view_activity"}) | tonight.CLEARED_TABLES
Enters = Annotated[Visitor, Depends(allowed(ENTER))]


class Filled(Form):
    """Any declared form: what it is about, and its own fields beside."""

    model_config = ConfigDict(extra="allow", frozen=True)

    request: str = Field(min_length=8, max_length=64)
    pick: str = Field("", max_length=16)

    @property
    def copies(self) -> dict[str, UploadFile]:
        """The files that were chosen, by field."""
        given = self.model_extra or {}
        return {name: value for name, value in given.items() if isinstance(value, UploadFile) and value.filename}

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the form, as they were typed."""
        return {name: value[:2000] for name, value in (self.model_extra or {}).items() if isinstance(value, str)}


class Ended(Form):
    """Ending an entry."""

    request: str = Field(min_length=8, max_length=64)


@router.post("/desk/clients/{number}/enter/{name}", max_body_size=LARGEST_FILE + LARGEST)
def enter(
    desk: TheDesk, visitor: Enters, number: Number, name: Annotated[str, Path(max_length=60)],
    form: Annotated[Filled, FromForm()],
) -> Response:  # fmt: skip
    """Keep a filled form about a client; it shows at once, and the next night reads it."""
    declared = desk.forms.get(name)
    if declared is None or declared.proposes:
        raise NotFound(
            "form", "is none that is declared", "see forms.yaml, and that registry.yaml has a feed of the desk"
        )
    if not forms.may_fill(declared, visitor.role):
        raise HTTPException(403, f"a {visitor.role} may not fill this form")
    by = forms.by(visitor, form.request, desk.settings)
    with desk.served.live() as version, version.cursor() as con:
        current = version.seen(con, visitor.scope, number)
        tonight.lay_over(con, desk.home, desk.settings, current, _PICKED_FROM)
        about = forms.picked(forms.picks(con, declared, desk.settings, current, visitor.role), form.pick)
        record = entering.records(con, current)[0]
    feed = entering.needed_feed(desk.settings)
    taken = entering.taken_in(desk.home, declared, {field: one.file for field, one in form.copies.items()})
    typed = {field: value for field, value in form.fields.items() if field not in taken}
    made = entering.enter(desk.home, feed, (name, declared), record, typed, by, (about[0] | taken, about[1]))
    desk.trail.note(visitor.name, "entered", client=current, form=name, entry=made.id)
    return to(f"{tabs.place(current, declared.tab)}#entered-{made.id}")


@router.post("/desk/clients/{number}/entries/{entry}/end")
def end(
    desk: TheDesk, visitor: Enters, number: Number, entry: Annotated[int, Path(ge=1, le=10**9)],
    form: Annotated[Ended, FromForm()],
) -> Response:  # fmt: skip
    """End what one entered himself, or what anybody did where one leads."""
    with desk.served.live() as version, version.cursor() as con:
        current = version.seen(con, visitor.scope, number)
        held = tonight.lay_over(con, desk.home, desk.settings, current, frozenset())
    mine = [one for one, _ in held if forms.may_end(one, visitor) and one.form in desk.forms]
    made = entering.end(desk.home, mine, entry, forms.by(visitor, form.request, desk.settings))
    desk.trail.note(visitor.name, "ended entry", client=current, form=made.form, entry=entry)
    return to(tabs.place(current, desk.forms[made.form].tab))
