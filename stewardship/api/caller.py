"""What every route of the API declares: who calls, how it may answer.

Here: types of parameters and the answers that go wrong. Not here: routes, who may (guard).
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Query, Request
from fastapi import Path as InPath
from pydantic import Field

from rules.desk import FOLLOW, LOOK_UP
from stewardship.api import scope, shapes
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


def _calls(permission: str) -> Callable[[Request], Awaitable[Visitor]]:
    """Who may do it, unless it has asked too often; of a role that sees masks, without what they hide."""
    may = allowed(permission)

    async def dependency(request: Request) -> Visitor:
        found = scope.unmasked(await may(request))
        if wait := desk_of(request).rate.wait(found.name):
            raise HTTPException(429, "too many requests", {"Retry-After": str(wait)})
        return found

    return dependency


Caller = Annotated[Visitor, Depends(_calls(LOOK_UP))]
System = Annotated[Visitor, Depends(_calls(FOLLOW))]
"""A service: the answer names clients that people may not open."""
_NUMBER = "^[A-Za-z0-9._-]{1,40}$"
Number = Annotated[str, InPath(pattern=_NUMBER, description="client number, also a retired one")]
Each = Annotated[str, Field(pattern=_NUMBER)]
"""One of several numbers."""
Text = Annotated[str, Query(min_length=1, max_length=200)]
Key = Annotated[str, InPath(min_length=1, max_length=200)]
