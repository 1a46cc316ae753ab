"""Search before create: which clients a new one may be.

Here: the route. Not here: the search (stages/search), answering several at once (stewardship/searching).
"""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query

from rules.typed import Typed
from stewardship import pending
from stewardship.api import scope, shapes
from stewardship.api.caller import PREFIX, PROBLEMS, Caller
from stewardship.audit import of
from stewardship.guard import TheDesk
from stewardship.sessions import Visitor
from stewardship.sight import sees

router = APIRouter(prefix=PREFIX, responses=PROBLEMS, tags=["search before create"])


@router.post("/search", response_model=shapes.Found)
async def search(
    desk: TheDesk, caller: Caller, typed: Typed,
    most: Annotated[int, Query(ge=1, le=10, description="clients named at most")] = 5,
) -> Any:  # fmt: skip
    """Which clients of the live version the typed one may be, the likeliest first: band, weight and reasons.

    Standardised and weighed as the nights do; never by a phone alone. Only clients that a steward would look at.
    """
    live = await desk.indexed.live()
    scope.assert_may_ask(caller, typed)
    answer = await asyncio.wrap_future(desk.searching.ask(live, typed))
    fresh = [scope.fields(caller, one) for one in pending.alike(desk, live, caller.scope, typed)]
    found = [
        _mine(caller, hit) for hit in answer.found if sees(caller.scope, answer.index.client(hit["client_number"]))
    ][:most]
    await desk.trail.noted(caller.name, "searched", by="new client", found=len(found) + len(fresh), clients=of(found))
    version = answer.index.version
    return {"version": version.version, "as_of": version.business_date, "found": found, "pending": fresh}


def _mine(caller: Visitor, hit: dict[str, Any]) -> dict[str, Any]:
    """The hit with the fields that the caller may see; its record only for who sees those of every legal entity."""
    hit = scope.fields(caller, hit)
    return hit if not caller.scope.entities else hit | {"record": None}
