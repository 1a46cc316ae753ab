"""The random sample: two records to be judged blind, one pair after the other.

Here: the page. Not here: drawing and estimating (stewardship/sample).
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi import Form as FromForm
from pydantic import Field
from starlette.responses import Response

from rules.desk import SAMPLE
from stewardship import case, sample
from stewardship.audit import of
from stewardship.guard import TheDesk, allowed
from stewardship.pages.forms import Form
from stewardship.pages.frame import page, to
from stewardship.sessions import Visitor

router = APIRouter(include_in_schema=False)
Judge = Annotated[Visitor, Depends(allowed(SAMPLE))]


class JudgedForm(Form):
    """What a person thinks of a pair of a version's sample."""

    version: int = Field(ge=1, le=10**9)
    one: str = Field(max_length=300)
    other: str = Field(max_length=300)
    said: Literal[sample.ANSWERS]  # type: ignore[valid-type]


@router.get("/sample")
def show(request: Request, desk: TheDesk, visitor: Judge) -> Response:
    """The next pair, without weight, explanation, or what others said."""
    with desk.served.live() as version, version.cursor() as con:
        item, left = sample.following(con, desk.database, version.number, visitor.name)
        lines = case.compared(con, item["key_one"], item["key_other"]) if item else []
    desk.trail.note(visitor.name, "opened sample", left=left, clients=of([item] if item else []))
    return page(request, "sample.html", visitor, item=item, left=left, lines=lines, version=version.manifest)


@router.post("/sample")
def judge(desk: TheDesk, visitor: Judge, form: Annotated[JudgedForm, FromForm()]) -> Response:
    """Note the judgement and go on; one on a version that is live no more is not noted."""
    with desk.served.live() as version, version.cursor() as con:
        if form.version == version.number:
            pair = form.one, form.other
            number = sample.judge(con, desk.database, version.number, pair, visitor.name, form.said)
            desk.trail.note(visitor.name, "judged sample", client=number)
    return to("/sample")
