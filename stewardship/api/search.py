"""Search before create: which clients a new one may be.

Here: the route. Not here: the search (stages/search), answering several at once (stewardship/searching).
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from rules.typed import Typed
from stewardship.api import scope, shapes
from stewardship.api.caller import PREFIX, PROBLEMS, Caller
from stewardship.guard import TheDesk
from stewardship.sessions import Visitor

router = APIRouter(prefix=PREFIX, responses=PROBLEMS, tags=["search before create"])


@router.post("/search", response_model=shapes.Found)
def search(
    desk: TheDesk, caller: Caller, typed: Typed,
    most: Annotated[int, Query(ge=1, le=10, description="clients named at most")] = 5,
) -> Any:  # fmt: skip
    """Which clients of the live version the typed one may be, the likeliest first: band, weight and reasons.

    Standardised and weighed as the nights do; never by a phone alone. Only clients that a steward would look at.
    """
    with desk.served.live() as live, live.cursor() as con:
        answer = desk.searching.ask(live.manifest, typed, most)
        found = scope.hits(con, caller, answer.found)
    desk.trail.note(caller.name, "searched", by="new client", found=len(found))
    return {
        "version": answer.version.version,
        "as_of": answer.version.business_date,
        "found": [_mine(caller, hit) for hit in found],
    }


def _mine(caller: Visitor, hit: dict[str, Any]) -> dict[str, Any]:
    """The hit; its record only for who sees the records of every legal entity."""
    return hit if not caller.scope.entities else hit | {"record": None}
