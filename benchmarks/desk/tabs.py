"""An employee opens every tab of clients' pages, one after another.

Here: which clients, and how long each tab takes. Not here: the home and the server (command). The time of a tab begins
when it is asked for and ends when the whole page is there.
"""

import time
from collections.abc import Sequence
from typing import Any

import httpx

from benchmarks.api.load import p95
from rules.desk import SEALED_BY_ROLE
from stewardship.client_desk.tabs import TABS, place
from store.home import Home
from store.opening import opened


def clients(home: Home, count: int) -> list[str]:
    """Numbers of clients of the live version that are not sealed, spread over all of them, the same every time."""
    with opened(home, ["golden_party"]) as con:
        found = con.execute(f"""
            SELECT client_number FROM golden_party
            WHERE NOT {SEALED_BY_ROLE}
            ORDER BY md5(client_number) LIMIT {count}""")
        return [str(number) for (number,) in found.fetchall()]


def measure(browser: httpx.Client, numbers: Sequence[str]) -> dict[str, Any]:
    """Milliseconds at the 95th percentile over all tabs, and of the slowest tab with its name.

    `browser` is of somebody who may open every tab. The first client only warms the server.
    """
    taken = {tab.name: [_open(browser, number, tab.name) for number in numbers][1:] for tab in TABS}
    parts = {name: p95(sorted(each)) for name, each in taken.items()}
    slowest = max(parts, key=lambda name: parts[name])
    every = sorted(one for each in taken.values() for one in each)
    return {"tab_p95_ms": p95(every), "tab_slowest": slowest, "tab_slowest_p95_ms": parts[slowest]}


def _open(browser: httpx.Client, number: str, tab: str) -> float:
    began = time.perf_counter()
    browser.get(place(number, tab)).raise_for_status()
    return (time.perf_counter() - began) * 1000
