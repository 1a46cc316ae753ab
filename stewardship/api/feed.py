"""What changed: the numbers that merged, split, retired since a version.

Here: routes. Not here: the change feed as files (stages/publish), queries (stages/index).
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from stewardship.api import scope, shapes
from stewardship.api.caller import PREFIX, PROBLEMS, Caller
from stewardship.guard import TheDesk

router = APIRouter(prefix=PREFIX, responses=PROBLEMS, tags=["changes"])
PAGE = 500
"""Changes on a page."""


@router.get("/changes", response_model=shapes.Changes)
async def changes(
    desk: TheDesk, caller: Caller,
    since: Annotated[int, Query(ge=0, le=10**9, description="version that the caller has")] = 0,
    cursor: Annotated[str, Query(pattern=r"^([0-9]{1,9}-[0-9]{1,15})?$", description="`next` of the page before")] = "",
) -> Any:  # fmt: skip
    """What happened to client numbers in the nights behind version `since`, in the order it happened."""
    scope.whole(caller)
    version, _, position = cursor.partition("-")
    after = (int(version), int(position)) if cursor else (since, 10**15)
    live = await desk.indexed.live()
    rows = live.number_changes(after, PAGE + 1)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = f"{last['version']}-{last['position']}" if last else None
    await desk.trail.noted(caller.name, "read changes", since=since)
    return {"version": live.version.version, "changes": rows[:PAGE], "next": following}
