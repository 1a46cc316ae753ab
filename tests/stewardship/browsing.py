"""A real browser on a real server: what the browser tests share."""

import os
import re
import shutil
import socket
import threading
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import sync_playwright

from tests.stewardship.conftest import PASSWORD

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
WIDE = {"width": 1280, "height": 860}
WIDER = {"width": 1920, "height": 1080}


def shots(default: Path) -> Path:
    """Where screenshots go: a temporary folder, or the documentation's when `make screenshots` asks for it."""
    folder = Path(os.environ.get("REGISTRY_SCREENSHOTS") or default)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def pictured(page, folder: Path, name: str) -> None:
    """Picture a page at both widths; at neither anything lies beyond the right edge."""
    for size, ending in ((WIDER, "-1920"), (WIDE, "")):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], f"{name} fits {size['width']}"
        page.screenshot(path=folder / f"{name}{ending}.png")


class Site:
    """A desk served by uvicorn in a thread."""

    def __init__(self, app) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()


class Person:
    """A browser window of one user; what the browser complains about is kept."""

    def __init__(self, browser, site: Site, name: str, **options) -> None:
        self.context = browser.new_context(**{"viewport": WIDE, "locale": "en-GB"} | options)
        self.page, self.site, self.complaints = self.context.new_page(), site, []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.log_in(name)

    def log_in(self, name: str) -> None:
        self.page.goto(f"{self.site.url}/login")
        self.page.fill("#name", name)
        self.page.fill("#password", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(re.compile("/(queue|users|desk)"))

    def go(self, path: str) -> None:
        self.page.goto(self.site.url + path)
        self.page.wait_for_load_state("networkidle")

    def press(self, key: str, until: str = "") -> None:
        """Press a key; where it leads to another page, wait for its address to match."""
        before = self.page.url
        self.page.keyboard.press(key)
        if until:
            self.page.wait_for_function("before => location.href.split('#')[0] !== before", arg=before.split("#")[0])
            self.page.wait_for_url(re.compile(until))
            self.page.wait_for_load_state()


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: `apt-get install chromium` to run the browser tests")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def site(app):
    served = Site(app)
    yield served
    served.close()
