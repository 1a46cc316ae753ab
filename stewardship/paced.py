"""Pages in a flood: who asks for too many waits, before any work is done for him.

Here: counting requests for pages, by user, and by address where nobody is logged in. Not here: the counting itself
(limits), the API, which counts its callers (api/caller), and static files.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from rules.errors import RegistryError
from stewardship.answers import tell
from stewardship.guard import API, address, desk_of, visitor

FREE = (API, "/static/")
_PROBLEM, _NEXT = "Too many pages were asked for.", "Wait a few seconds, then reload the page."


class Paced:
    """Answers 429 to who asks for more pages than `limits:` in registry.yaml allows."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say when to come again."""
        if scope["type"] == "http" and not scope["path"].startswith(FREE):
            request = Request(scope)
            if wait := desk_of(request).pages.wait(_caller(request)):
                told = tell(request, 429, _PROBLEM, _NEXT, {"Retry-After": str(wait)})
                return await told(scope, receive, send)
        await self.app(scope, receive, send)


def _caller(request: Request) -> str:
    """The user, in all his sessions, or the address; what ails the database is told by the page that needs it."""
    try:
        found = visitor(request)
    except RegistryError:
        found = None
    return f"name {found.name}" if found else address(request)
