"""What every route of the API declares: who calls, how it may answer.

Here: types of parameters and the answers that go wrong. Not here: routes, who may (guard).
"""

from typing import Annotated, Any

from fastapi import Depends, HTTPException, Query, Request
from fastapi import Path as InPath

from rules.desk import LOOK_UP
from stewardship.api import shapes
from stewardship.guard import API, allowed, desk_of
from stewardship.sessions import Visitor

PREFIX = f"{API}v1"
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": shapes.Problem, "description": told}
    for status, told in (
        (401, "no valid token"), (403, "not for this role or token"), (404, "nothing found"), (410, "erased"),
        (422, "a wrong parameter"), (429, "too many requests; Retry-After says when"),
        (503, "no version is live, or it is still being opened"),
    )
}  # fmt: skip
_may = allowed(LOOK_UP)


async def _calls(request: Request) -> Visitor:
    """Who may look up, unless it has asked too often."""
    found = await _may(request)
    if wait := desk_of(request).rate.wait(found.name):
        raise HTTPException(429, "too many requests", {"Retry-After": str(wait)})
    return found


_calls.permission = LOOK_UP  # type: ignore[attr-defined]
Caller = Annotated[Visitor, Depends(_calls)]
Number = Annotated[str, InPath(pattern="^[A-Za-z0-9._-]{1,40}$", description="client number, also a retired one")]
Text = Annotated[str, Query(min_length=1, max_length=200)]
Key = Annotated[str, InPath(min_length=1, max_length=200)]
