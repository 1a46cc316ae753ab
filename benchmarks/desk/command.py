"""The command `python -m benchmarks desk`.

Here: a home, a steward, the measurement. Not here: what the steward does (work).
"""

import json as to_json
import secrets
import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.api.command import Numbered, served
from benchmarks.demo.run import DATES, SEED, demo
from benchmarks.desk import tabs, work
from stewardship import accounts
from store import versions
from store.desk import Database
from store.home import Home

_NAME, _AUDITOR = "Benchmark Steward", "Benchmark Auditor"
_CLIENTS = 21
"""Clients whose tabs are opened; the first is not timed."""
_NOT_NEEDED = shutil.ignore_patterns("postgres", "raw", "bank", "published", "dagster", "desk.sqlite*", "spill-*")


def desk(
    clients: Annotated[int, typer.Option(help="Clients of the synthetic bank.", min=100)] = 20_000,
    home: Annotated[Path | None, typer.Option(help="A home to work on a copy of; else a passing one.")] = None,
    cases: Annotated[int, typer.Option(help="Cases to answer.", min=2)] = 50,
    reading: Annotated[float, typer.Option(help="Seconds that a case is read before it is answered.", min=0)] = 3.0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Time from the answer to a case to the page of the next, and every tab of a client's pages.

    Against a real `registry serve`, on a copy of a home.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as passing:
        place = Home(Path(passing) / "home")
        if home is not None:
            shutil.copytree(home, place.root, ignore=_NOT_NEEDED)
        else:
            demo(place.prepare().root, clients, lambda _title: lambda *_told: None, DATES[:1], SEED)
        found = measure(place, cases, reading)
    print(to_json.dumps(found) if json else "\n".join(f"{name:<16}{value}" for name, value in found.items()))


def measure(home: Home, cases: int, reading: float) -> Numbered:
    """Open clients' tabs, then work through the queue: milliseconds at the median and the 95th percentile."""
    password, database = secrets.token_urlsafe(16), Database(home)
    accounts.add(database, _NAME, "steward", password)
    accounts.add(database, _AUDITOR, "auditor", password)
    numbers = tabs.clients(home, _CLIENTS)
    with served(home) as url:
        with closing(work.log_in(url, _AUDITOR, password)) as browser:
            opened = tabs.measure(browser, numbers)
        with closing(work.log_in(url, _NAME, password)) as browser:
            taken = sorted(work.answer(browser, cases, reading))
    golden = versions.manifest(home).table("golden_party")
    figures = {f"next_p{part}_ms": round(taken[int(len(taken) * part / 100)] * 1000, 1) for part in (50, 95)}
    return {**figures, **opened, "cases": len(taken), "reading_s": reading, "clients": golden.rows if golden else 0}
