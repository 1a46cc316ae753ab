"""What changed: the numbers that merged, split, retired since a version; that a consumer took them over.

Here: routes. Not here: the change feed as files and its log (stages/publish), queries (stages/index). Services alone
follow them; a consumer of a change feed acknowledges for itself, with a token of its own name.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Query
from starlette.concurrency import run_in_threadpool

from stages.publish import taken
from stewardship.api import scope, shapes
from stewardship.api.caller import PREFIX, PROBLEMS, System
from stewardship.guard import TheDesk

router = APIRouter(prefix=PREFIX, responses=PROBLEMS, tags=["changes"])
PAGE = 500
"""Changes on a page."""


@router.get("/changes", response_model=shapes.Changes)
async def changes(
    desk: TheDesk, caller: System,
    since: Annotated[int, Query(ge=0, le=10**9, description="version that the caller has")] = 0,
    cursor: Annotated[str, Query(pattern=r"^([0-9]{1,9}-[0-9]{1,15})?$", description="`next` of the page before")] = "",
) -> Any:  # fmt: skip
    """What happened to client numbers in the nights behind version `since`, in its order; for services alone."""
    scope.whole(caller)
    version, _, position = cursor.partition("-")
    after = (int(version), int(position)) if cursor else (since, 10**15)
    live = await desk.indexed.live()
    rows = live.number_changes(after, PAGE + 1)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = f"{last['version']}-{last['position']}" if last else None
    await desk.trail.noted(caller.name, "read changes", since=since)
    return {"version": live.version.version, "changes": rows[:PAGE], "next": following}


@router.post("/changes/acknowledge", response_model=shapes.Acknowledged)
async def acknowledge(
    desk: TheDesk, caller: System,
    version: Annotated[int, Body(embed=True, ge=1, le=10**9, description="taken over up to this version")],
) -> Any:  # fmt: skip
    """Note that the caller, a consumer of a change feed, has taken over every number change up to a version."""
    known = taken.consumers(desk.settings.registry) if desk.settings else []
    if caller.name not in known:
        raise HTTPException(403, "only for a token that is named as the consumer of a declared change feed")
    changes = await run_in_threadpool(taken.acknowledge, desk.home, caller.name, version, caller.name)
    await desk.trail.noted(caller.name, "acknowledged changes", version=version)
    upto = max(version, taken.taken(desk.home)[caller.name])
    return {"consumer": caller.name, "version": upto, "number_changes": changes}
