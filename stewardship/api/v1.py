"""Look-ups: a client by number, document or source key, its source keys, the decisions.

Here: routes. Not here: who may (guard), shapes (shapes), queries (stages/index). Never by phone alone, nor by a
document's number without its type. Every answer names the version that gave it.
"""

import json
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from rules.errors import NotFound
from stages import lookup
from stages.as_of import When
from stages.index.read import Index
from stewardship import overlay, pending
from stewardship.api import scope, shapes
from stewardship.api.caller import PREFIX, PROBLEMS, Caller, Each, Key, Number, System, Text
from stewardship.audit import of
from stewardship.desk import Desk
from stewardship.guard import TheDesk
from stewardship.sessions import Visitor
from stewardship.sight import alike, assert_open, assert_sees_client, sees
from store.hashing import text_sha256

router = APIRouter(prefix=PREFIX, responses=PROBLEMS, tags=["look-ups"])
_MOVED: dict[int | str, dict[str, Any]] = {
    301: {"description": "the number is retired: Location has the one it stands for"},
    304: {"description": "what the caller sees is still as the ETag in If-None-Match says"},
}
PAGE, MOST = 500, 500
"""Decisions on a page; numbers of a batch."""
Row = dict[str, Any]


@router.get("/version", response_model=shapes.Live)
async def version(desk: TheDesk, caller: Caller) -> Any:
    """The live version."""
    found = (await desk.indexed.live()).version
    return {"version": found.version, "business_date": found.business_date,
            "golden_hash": found.content_hashes["golden_party"]}  # fmt: skip


@router.get("/parties/{number}", response_model=shapes.Client, responses=_MOVED)
async def party(
    desk: TheDesk, caller: Caller, number: Number, response: Response,
    as_of: Annotated[date | None, Query(description="state on this date")] = None,
    known_at: Annotated[int | None, Query(ge=1, le=10**9, description="as known at this version")] = None,
    if_none_match: Annotated[str, Header(max_length=200)] = "",
) -> Any:  # fmt: skip
    """A client by number; a retired number is answered with 301 and the one it stands for now."""
    live = await desk.indexed.live()
    if as_of or known_at:
        return await run_in_threadpool(_then, desk, caller, live, number, When(as_of, known_at))
    current, found = _seen(desk, caller, live, number)
    if current != number:
        return await _moved(desk, caller, number, f"{PREFIX}/parties/{current}")
    told = {**scope.client(caller, found), "version": live.version.version, "as_of": live.version.business_date}
    response.headers["ETag"] = tag = f'"{text_sha256(json.dumps(told, default=str, sort_keys=True))[:32]}"'
    await desk.trail.noted(caller.name, "opened client", client=number)
    if if_none_match == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return told


async def _moved(desk: Desk, caller: Visitor, number: str, onward: str) -> Response:
    """To the number that a retired one stands for now: that too is told of a client."""
    await desk.trail.noted(caller.name, "followed number", client=number)
    return RedirectResponse(onward, 301)


def _seen(desk: Desk, caller: Visitor, live: Index, number: str) -> tuple[str, Row]:
    """The live number that `number` stands for, and its client as it is now, in the caller's sight."""
    with alike(caller.scope):
        current = live.resolve(number)
    found = overlay.client(desk, live, current)
    assert_sees_client(caller.scope, found)
    return current, found


def _then(desk: Desk, caller: Visitor, live: Index, number: str, when: When) -> Row:
    """The client as it was; of one that is gone since only who sees all is told the past."""
    if not caller.scope.everything or _current(live, number):
        _seen(desk, caller, live, number)
    then = lookup.client(desk.home, number, when)
    with desk.served.live() as version, version.cursor() as con:
        assert_open(con, caller.scope, then)
    found = scope.client(caller, then)
    if caller.scope.entities and not any(row["legal_entity"] in caller.scope.entities for row in then["records"]):
        raise NotFound("client number", "no client of this token's legal entities had it then", "check for a typo")
    desk.trail.note(caller.name, "opened client", client=number)
    return {**found, "version": found["known_at"]}


@router.get("/parties/{number}/records", response_model=shapes.Keys, responses=_MOVED)
async def crosswalk(desk: TheDesk, caller: Caller, number: Number) -> Any:
    """The source keys of a client."""
    live = await desk.indexed.live()
    current, found = _seen(desk, caller, live, number)
    if current != number:
        return await _moved(desk, caller, number, f"{PREFIX}/parties/{current}/records")
    await desk.trail.noted(caller.name, "read crosswalk", client=number)
    records = scope.client(caller, found)["records"]
    return {"version": live.version.version, "client_number": number, "records": records}


@router.get("/parties", response_model=shapes.Hits)
async def by_document(desk: TheDesk, caller: Caller, document_type: Text, document_number: Text) -> Any:
    """Clients that hold a document, by its type and number, also those created at the desk since the night."""
    live = await desk.indexed.live()
    fresh = pending.by_document(desk, live, caller.scope, document_type, document_number)
    return await _hits(desk, caller, live, "document", live.by_document(document_type, document_number), fresh)


@router.get("/sources/{source}/records/{record_id:path}", response_model=shapes.Hits)
async def by_record(desk: TheDesk, caller: Caller, source: Key, record_id: Key) -> Any:
    """The client of a source's record."""
    live = await desk.indexed.live()
    fresh = pending.by_record(desk, live, caller.scope, source, record_id)
    return await _hits(desk, caller, live, "record", live.by_record(source, record_id), fresh)


async def _hits(
    desk: Desk, caller: Visitor, live: Index, by: str, numbers: list[str], fresh: list[Row]
) -> Row:  # fmt: skip
    """The clients that a look-up found, those created since behind, and a line of the trail that says how many."""
    found = scope.hits(caller, (overlay.client(desk, live, number) for number in numbers))
    found += [scope.fields(caller, one) for one in fresh]
    await desk.trail.noted(caller.name, "searched", by=by, found=len(found), clients=of(found))
    return {"version": live.version.version, "found": found}


@router.post("/parties/look-up", response_model=shapes.Batch)
async def look_up(
    desk: TheDesk, caller: Caller,
    numbers: Annotated[list[Each], Body(embed=True, min_length=1, max_length=MOST, description="client numbers")],
) -> Any:  # fmt: skip
    """Golden records of many numbers at once, retired ones followed, in the order of the question."""
    live = await desk.indexed.live()
    current = {number: _current(live, number) for number in dict.fromkeys(numbers)}
    clients = {one: overlay.client(desk, live, one) for one in current.values() if one}
    parties = {one: scope.fields(caller, client["party"]) for one, client in clients.items()
               if sees(caller.scope, client)}  # fmt: skip
    for action, opened in (("opened client", parties), ("refused client", clients.keys() - parties.keys())):
        if opened:
            await desk.trail.noted(caller.name, action, *({"client": one} for one in sorted(opened)))
    found = [{"asked": number, "client_number": current[number] if current[number] in parties else None,
              "party": parties.get(current[number] or "")}
             for number in numbers]  # fmt: skip
    return {"version": live.version.version, "found": found}


def _current(live: Index, number: str) -> str | None:
    try:
        return live.resolve(number)
    except NotFound:
        return None


@router.get("/decisions", response_model=shapes.Decisions)
async def decisions(desk: TheDesk, caller: System, after: Annotated[int, Query(ge=0, le=10**9)] = 0) -> Any:
    """Decisions in the order of the log, behind number `after`; for services alone."""
    scope.whole(caller)
    listed = [decision for number, decision in desk.decisions().items() if number > after]
    rows = [decision.shown(date.today()) for decision in listed[:PAGE]]
    following = rows[-1]["id"] if len(listed) > PAGE else None
    await desk.trail.noted(caller.name, "read decisions", after=after, found=len(rows))
    return {"decisions": [row | {"and_": row["and"]} for row in rows], "next": following}
