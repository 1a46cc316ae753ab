"""What goes wrong, told: a page for people, JSON for programs, never a client's data nor a line of code.

Here: errors by status. Not here: what raises them.
"""

import logging
import secrets
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rules.desk import OPENING
from rules.errors import ConfigError, DecisionRefused, Erased, LogInRefused, NotFound, OutOfSight, RegistryError, Sealed
from rules.trace import place_of
from stewardship import guard
from stewardship.guard import API, LoginNeeded, OwnPasswordNeeded
from stewardship.pages import frame

_STATUS: dict[type[RegistryError], int] = {
    Erased: 410,
    Sealed: 403,
    LogInRefused: 403,
    NotFound: 404,
    DecisionRefused: 409,
    ConfigError: 422,
}
TOO_LARGE = 413
"""The status of an answer to a body beyond the limit."""
_LOG = logging.getLogger("registry.desk")


def add(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(RegistryError, _expected)
    app.add_exception_handler(OutOfSight, _out_of_sight)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(LoginNeeded, _login)
    app.add_exception_handler(OwnPasswordNeeded, _own_password)


def _expected(request: Request, error: Any) -> Response:
    """What the error says; where the home lies on this machine is nobody's business."""
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 503)
    place = error.place.replace(str(guard.desk_of(request).home.root), "the registry")
    sealed = error.number if isinstance(error, Sealed) else ""
    return tell(request, status, f"{place}: {error.expected}", error.next_step, sealed=sealed)


def _out_of_sight(request: Request, error: Any) -> Response:
    """The same, whether there is such a client or not; the audit trail knows."""
    visitor, trail = guard.visitor(request), guard.desk_of(request).trail
    for client in error.numbers or ("",):
        trail.note(visitor.name if visitor else "", "refused client", **({"client": client} if client else {}))
    return _expected(request, error)


def _http(request: Request, error: Any) -> Response:
    told = "there is nothing at this address" if error.detail == "Not Found" else str(error.detail)
    return tell(request, error.status_code, told, headers=error.headers)


def _invalid(request: Request, error: Any) -> Response:
    """Which parameter is wrong and how; what was sent is not repeated."""
    told = "; ".join(f"{'.'.join(str(part) for part in each['loc'][1:])}: {each['msg']}" for each in error.errors())
    return tell(request, 422, told or "the request is not as expected")


def _login(request: Request, _error: Any) -> Response:
    if request.method != "GET":
        return tell(request, 401, "your session ended", "log in again")
    return frame.to(f"/login?onward={request.url.path}")


class Defects:
    """Answers a defect with 500 and a number; its type and place go to the log, never its text with values.

    That a body was too large, which is answered while it is read, is none.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; what was begun to be answered cannot be answered anew."""
        begun = 0

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = int(message.get("status", begun))
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            if begun == TOO_LARGE:
                return
            number = secrets.token_hex(4)
            _LOG.error("defect %s: %s at %s", number, type(error).__name__, place_of(error))
            if not begun and scope["type"] == "http":
                told = f"something went wrong, number {number}", "tell the number to who runs the registry"
                await tell(Request(scope, receive), 500, *told)(scope, receive, send)


def tell(
    request: Request,
    status: int,
    problem: str,
    following: str = "",
    headers: dict[str, str] | None = None,
    sealed: str = "",
) -> Response:
    """The answer in the form that was asked for."""
    if request.url.path.startswith(API):
        return JSONResponse({"problem": problem, "next": following}, status, headers)
    try:
        visitor = guard.visitor(request)
    except RegistryError:
        visitor = None
    answer = frame.page(
        request, "problem.html", visitor, status, problem=problem, following=following, code=status, sealed=sealed,
        reasons=OPENING,
    )  # fmt: skip
    answer.headers.update(headers or {})
    return answer


def _own_password(request: Request, _error: Any) -> Response:
    if request.method != "GET" or request.url.path.startswith(API):
        return tell(request, 403, "somebody else gave you your password", "choose your own at /password")
    return frame.to("/password")
