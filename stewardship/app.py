"""The desk as an application: its parts wired together.

Here: routers, layers, what happens at the start and the end. Not here: any route.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from rules.errors import StoreError
from rules.settings import Settings
from stewardship import answers
from stewardship.api import feed, search, v1
from stewardship.api.caller import PREFIX
from stewardship.desk import desk
from stewardship.following import Following
from stewardship.headers import SecurityHeaders
from stewardship.large import OnlyOfVisitors
from stewardship.limits import LARGEST
from stewardship.paced import Paced
from stewardship.pages import (
    cases,
    client_desk,
    clients,
    creating,
    decisions,
    door,
    entering,
    office,
    operating,
    overview,
    password,
    pictures,
    preview,
    proposing,
    provider,
    queue,
    sample,
    users,
    why,
    workplaces,
)  # fmt: skip
from store.home import Home

PAGES = (
    v1, search, feed,
    door, provider, overview, queue, cases, why, clients, client_desk, entering, proposing, creating, operating,
    pictures, workplaces, decisions, preview, sample, users, password, office,
)  # fmt: skip
"""Routers in their order: what is asked most first, a fixed path before one that would take it for a name."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Names under which the desk answers by default; another site's name that leads here is refused."""

_API = (
    "Look-ups in the live version. Send `Authorization: Bearer TOKEN`; `registry tokens issue` gives one. "
    "A person's session looks up too, but follows no feed: decisions and changes are for services alone (403)."
)


def create(
    home: Home, names: Sequence[str] = (), settings: Settings | None = None,
    told: Callable[[str], object] = lambda _line: None,
) -> FastAPI:  # fmt: skip
    """The application that serves a home, under the loopback names and `names`; `settings` for previews.

    Each version that answers at once from then on is `told`, and why one cannot be opened.
    """
    app = FastAPI(
        title="Unified customer registry", version="1", docs_url=None, redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json", lifespan=_lifespan,
        max_body_size=LARGEST, description=_API,
    )  # fmt: skip
    app.state.desk, app.state.told = desk(home, settings), told
    for module in PAGES:
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    answers.add(app)
    app.add_middleware(OnlyOfVisitors)
    app.add_middleware(Paced)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, *names], www_redirect=False)
    app.add_middleware(answers.Defects)
    app.add_middleware(SecurityHeaders)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the index, and explain what takes longest, before anybody asks; close what is open at the end."""
    with suppress(StoreError):
        app.state.desk.indexed.asked()
        app.state.desk.explanations.prepare()
    following = Following(app.state.desk, app.state.told)
    yield
    following.close()
    app.state.desk.close()
