"""Large requests: nobody sends one before the desk knows who he is.

Here: a look at the length that a request declares, before any of it is read. Not here: how much a route takes at most
(its `max_body_size`), who is who (guard).
"""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from stewardship.guard import visitor
from stewardship.limits import LARGEST


class OnlyOfVisitors:
    """Refuses with 413 what is larger than LARGEST, or does not say how large it is, of who is not logged in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it unread."""
        if scope["type"] == "http" and _is_large(Headers(scope=scope)) and visitor(Request(scope)) is None:
            told = PlainTextResponse(f"log in before sending more than {LARGEST // 1024} KB", 413)
            return await told(scope, receive, send)
        await self.app(scope, receive, send)


def _is_large(headers: Headers) -> bool:
    length = headers.get("content-length", "0")
    return "transfer-encoding" in headers or not length.isdigit() or int(length) > LARGEST
