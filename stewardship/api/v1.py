"""Look-ups: a client by number, document or source key, its source keys, the decisions.

Here: routes. Not here: who may (guard), shapes (shapes), queries (stages/lookup). Never by phone alone, nor by a
document's number without its type. Every answer names the version that gave it.
"""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query
from starlette.responses import RedirectResponse, Response

from rules.desk import LOOK_UP
from stages import lookup
from stages.as_of import When
from stewardship import clients
from stewardship.api import shapes
from stewardship.guard import API, TheDesk, allowed
from stewardship.sessions import Visitor

PREFIX = f"{API}v1"
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": shapes.Problem, "description": told}
    for status, told in (
        (401, "no valid token"), (403, "not for this role"), (404, "nothing found"), (410, "erased"),
        (422, "a wrong parameter"), (503, "no version is live"),
    )
}  # fmt: skip
router = APIRouter(prefix=PREFIX, responses=_PROBLEMS, tags=["look-ups"])
Caller = Annotated[Visitor, Depends(allowed(LOOK_UP))]
Number = Annotated[str, Path(pattern="^[A-Za-z0-9._-]{1,40}$", description="client number, also a retired one")]
Text = Annotated[str, Query(min_length=1, max_length=200)]
Key = Annotated[str, Path(min_length=1, max_length=200)]
_MOVED: dict[int | str, dict[str, Any]] = {
    301: {"description": "the number is retired: Location has the one it stands for"},
    304: {"description": "still as the ETag in If-None-Match says"},
}
PAGE = 500
"""Decisions on a page."""


@router.get("/version", response_model=shapes.Live)
def version(desk: TheDesk, caller: Caller) -> Any:
    """The live version."""
    with desk.served.live() as live:
        found = live.manifest
    return {"version": found.version, "business_date": found.business_date,
            "golden_hash": found.content_hashes["golden_party"]}  # fmt: skip


@router.get("/parties/{number}", response_model=shapes.Client, responses=_MOVED)
def party(
    desk: TheDesk, caller: Caller, number: Number, response: Response,
    as_of: Annotated[date | None, Query(description="state on this date")] = None,
    known_at: Annotated[int | None, Query(ge=1, le=10**9, description="as known at this version")] = None,
    if_none_match: Annotated[str, Header(max_length=200)] = "",
) -> Any:  # fmt: skip
    """A client by number; a retired number is answered with 301 and the one it stands for now."""
    asked = bool(as_of or known_at)
    with desk.served.live() as live, live.cursor() as con:
        current = number if asked else live.resolve(con, number)
        if current != number:
            return RedirectResponse(f"{PREFIX}/parties/{current}", 301)
        tag = f'"{live.number}"'
        if not asked and if_none_match == tag:
            return Response(status_code=304, headers={"ETag": tag})
        at = {"version": live.number, "as_of": live.manifest.business_date}
        found = lookup.client(desk.home, number, When(as_of, known_at)) if asked else lookup.golden(con, number)
    desk.trail.note(caller.name, "opened client", client=number)
    if not asked:
        response.headers["ETag"] = tag
    then = {"version": found["known_at"], "as_of": found["as_of"]} if asked else at
    return {**found, **then}


@router.get("/parties/{number}/records", response_model=shapes.Keys, responses=_MOVED)
def crosswalk(desk: TheDesk, caller: Caller, number: Number) -> Any:
    """The source keys of a client."""
    with desk.served.live() as live, live.cursor() as con:
        current = live.resolve(con, number)
        if current != number:
            return RedirectResponse(f"{PREFIX}/parties/{current}/records", 301)
        found = {"version": live.number, "client_number": number, "records": clients.crosswalk(con, number)}
    desk.trail.note(caller.name, "read crosswalk", client=number)
    return found


@router.get("/parties", response_model=shapes.Hits)
def by_document(desk: TheDesk, caller: Caller, document_type: Text, document_number: Text) -> Any:
    """Clients that hold a document, by its type and number."""
    with desk.served.live() as live, live.cursor() as con:
        found = lookup.by_document(con, document_type, document_number)
    desk.trail.note(caller.name, "searched", by="document", found=len(found))
    return {"version": live.number, "found": found}


@router.get("/sources/{source}/records/{record_id:path}", response_model=shapes.Hits)
def by_record(desk: TheDesk, caller: Caller, source: Key, record_id: Key) -> Any:
    """The client of a source's record."""
    with desk.served.live() as live, live.cursor() as con:
        found = lookup.by_record(con, source, record_id)
    desk.trail.note(caller.name, "searched", by="record", found=len(found))
    return {"version": live.number, "found": found}


@router.get("/decisions", response_model=shapes.Decisions)
def decisions(desk: TheDesk, caller: Caller, after: Annotated[int, Query(ge=0, le=10**9)] = 0) -> Any:
    """Decisions in the order of the log, behind number `after`."""
    listed = [decision for number, decision in desk.decisions().items() if number > after]
    rows = [decision.shown(date.today()) for decision in listed[:PAGE]]
    following = rows[-1]["id"] if len(listed) > PAGE else None
    return {"decisions": [row | {"and_": row["and"]} for row in rows], "next": following}
