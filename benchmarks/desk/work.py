"""A steward at work: he reads a case, answers it, and has the next one before him.

Here: the requests that his browser sends, and how long they take. Not here: the home and the server (command). The time
of a case begins when the answer is sent and ends when the whole page of the next case is there; reading is not in it.
"""

import re
import time
from uuid import uuid4

import httpx

_PATH = re.compile(r'action="(/cases/[0-9a-f]{16}/answer[^"]*)"')
_HIDDEN = re.compile(r'<input type="hidden" name="(csrf|state|following)" value="([^"]*)"')
_ANSWERS = re.compile(r'name="answer" value="(apart|confirm)"')


def log_in(url: str, name: str, password: str) -> httpx.Client:
    """A browser in which the steward is logged in."""
    browser = httpx.Client(base_url=url, headers={"origin": url}, follow_redirects=True, timeout=60, trust_env=False)
    browser.post("/login", data={"name": name, "password": password}).raise_for_status()
    return browser


def answer(browser: httpx.Client, cases: int, reading: float) -> list[float]:
    """Seconds of each of `cases` answers, fewer where the queue is short; before each the steward reads a while."""
    listed = browser.get("/queue").text
    first = re.search(r'href="(/cases/[0-9a-f]{16}[^"]*)"', listed)
    taken: list[float] = []
    page = browser.get(first.group(1).replace("&amp;", "&")).text if first else ""
    while len(taken) < cases and (path := _PATH.search(page)) and (kind := _ANSWERS.search(page)):
        time.sleep(reading)
        sent = {**dict(_HIDDEN.findall(page)), "answer": kind.group(1), "request": uuid4().hex}
        began = time.perf_counter()
        page = browser.post(path.group(1).replace("&amp;", "&"), data=sent).raise_for_status().text
        taken.append(time.perf_counter() - began)
    return taken
