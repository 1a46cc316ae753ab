"""Look-ups: a client by number, document or source key, its source keys, the decisions.

Here: routes. Not here: who may (guard), shapes (shapes), queries (stages/lookup). Never by phone alone, nor by a
document's number without its type. Every answer names the version that gave it.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

import duckdb
from fastapi import APIRouter, Body, Header, Query
from starlette.responses import RedirectResponse, Response

from rules.errors import NotFound
from stages import lookup
from stages.as_of import When
from stewardship import clients
from stewardship.api import scope, shapes
from stewardship.api.caller import PREFIX, PROBLEMS, Caller, Key, Number, Text
from stewardship.desk import Desk
from stewardship.guard import TheDesk
from stewardship.serving import Version
from stewardship.sessions import Visitor
from stewardship.sight import assert_sees, in_sight

router = APIRouter(prefix=PREFIX, responses=PROBLEMS, tags=["look-ups"])
_MOVED: dict[int | str, dict[str, Any]] = {
    301: {"description": "the number is retired: Location has the one it stands for"},
    304: {"description": "still as the ETag in If-None-Match says"},
}
PAGE, MOST = 500, 500
"""Decisions on a page; numbers of a batch."""
Row = dict[str, Any]


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
        current = _current(live, con, number) or number if asked else live.resolve(con, number)
        if not (asked and caller.scope.entities):
            assert_sees(con, caller.scope, current)
        if current != number and not asked:
            return RedirectResponse(f"{PREFIX}/parties/{current}", 301)
        tag = f'"{live.number}"'
        if not asked and if_none_match == tag:
            return Response(status_code=304, headers={"ETag": tag})
        at = {"version": live.number, "as_of": live.manifest.business_date}
        found = lookup.client(desk.home, number, When(as_of, known_at)) if asked else lookup.golden(con, number)
    found = scope.client(caller, found)
    if caller.scope.entities and not found["records"]:
        raise NotFound("client number", "no client of this token's legal entities had it then", "check for a typo")
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
        assert_sees(con, caller.scope, current)
        if current != number:
            return RedirectResponse(f"{PREFIX}/parties/{current}/records", 301)
        records = [row for row in clients.crosswalk(con, number)
                   if not caller.scope.entities or row["legal_entity"] in caller.scope.entities]  # fmt: skip
        found = {"version": live.number, "client_number": number, "records": records}
    desk.trail.note(caller.name, "read crosswalk", client=number)
    return found


@router.get("/parties", response_model=shapes.Hits)
def by_document(desk: TheDesk, caller: Caller, document_type: Text, document_number: Text) -> Any:
    """Clients that hold a document, by its type and number."""
    return _hits(desk, caller, "document", lookup.by_document, document_type, document_number)


@router.get("/sources/{source}/records/{record_id:path}", response_model=shapes.Hits)
def by_record(desk: TheDesk, caller: Caller, source: Key, record_id: Key) -> Any:
    """The client of a source's record."""
    return _hits(desk, caller, "record", lookup.by_record, source, record_id)


def _hits(desk: Desk, caller: Visitor, by: str, query: Callable[..., list[Row]], *asked: str) -> Row:
    """What a look-up finds in the live version, and a line of the trail that says how many."""
    with desk.served.live() as live, live.cursor() as con:
        found = scope.hits(con, caller, query(con, *asked))
    desk.trail.note(caller.name, "searched", by=by, found=len(found))
    return {"version": live.number, "found": found}


@router.post("/parties/look-up", response_model=shapes.Batch)
def look_up(
    desk: TheDesk, caller: Caller,
    numbers: Annotated[list[str], Body(embed=True, min_length=1, max_length=MOST, description="client numbers")],
) -> Any:  # fmt: skip
    """Golden records of many numbers at once, retired ones followed, in the order of the question."""
    with desk.served.live() as live, live.cursor() as con:
        current = {number: _current(live, con, number) for number in dict.fromkeys(numbers)}
        known = in_sight(con, caller.scope, sorted({number for number in current.values() if number}))
        parties = {number: scope.fields(caller, row) for number, row in lookup.parties(con, sorted(known)).items()}
    for number in sorted(parties):
        desk.trail.note(caller.name, "opened client", client=number)
    found = [{"asked": number, "client_number": current[number] if current[number] in known else None,
              "party": parties.get(current[number] or "")}
             for number in numbers]  # fmt: skip
    return {"version": live.number, "found": found}


def _current(live: Version, con: duckdb.DuckDBPyConnection, number: str) -> str | None:
    try:
        return live.resolve(con, number)
    except NotFound:
        return None


@router.get("/decisions", response_model=shapes.Decisions)
def decisions(desk: TheDesk, caller: Caller, after: Annotated[int, Query(ge=0, le=10**9)] = 0) -> Any:
    """Decisions in the order of the log, behind number `after`."""
    scope.whole(caller)
    listed = [decision for number, decision in desk.decisions().items() if number > after]
    rows = [decision.shown(date.today()) for decision in listed[:PAGE]]
    following = rows[-1]["id"] if len(listed) > PAGE else None
    return {"decisions": [row | {"and_": row["and"]} for row in rows], "next": following}
