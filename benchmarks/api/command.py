"""The command `python -m benchmarks api`.

Here: a home, a server, the measurement. Not here: questions, load.
"""

import json as to_json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from benchmarks.api import load, questions
from benchmarks.demo.run import DATES, SEED, demo
from stewardship import sessions
from store import versions
from store.desk import Database
from store.home import Home

_NAME = "benchmark"
_START_SECONDS = 120
Numbered = dict[str, Any]


def api(
    clients: Annotated[int, typer.Option(help="Clients of the synthetic bank.", min=100)] = 20_000,
    home: Annotated[
        Path | None, typer.Option(help="A home to ask, or to make the bank in; else a passing one.")
    ] = None,
    look_ups: Annotated[int, typer.Option(help="Look-ups.", min=3)] = 1_500,
    searches: Annotated[int, typer.Option(help="Searches before create.", min=1)] = 300,
    at_once: Annotated[int, typer.Option(help="Clients that ask at once.", min=1)] = 8,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Time look-ups and searches before create, by several clients at once, against a real `registry serve`."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as passing:
        place = Home((home or Path(passing) / "home").absolute()).prepare()
        if versions.live(place) is None:
            demo(place.root, clients, lambda _title: lambda *_told: None, DATES[:1], SEED)
        found = measure(place, look_ups, searches, at_once)
    print(to_json.dumps(found) if json else "\n".join(f"{name:<16}{value}" for name, value in found.items()))


def measure(home: Home, look_ups: int, searches: int, at_once: int) -> Numbered:
    """Start a server on the home, warm it with one question of each kind, ask, stop it."""
    database = Database(home)
    if any(token["name"] == _NAME for token in sessions.tokens(database)):
        sessions.revoke_token(database, _NAME)
    token = sessions.issue_token(database, _NAME, 1)
    try:
        with served(home) as url:
            asked = {"lookup": questions.look_ups(home, look_ups), "search": questions.searches(home, searches)}
            for kind in asked.values():
                load.ask(url, token, kind[:3], 1)
            taken = {kind: load.ask(url, token, rows, at_once) for kind, rows in asked.items()}
    finally:
        sessions.revoke_token(database, _NAME)
    golden = versions.manifest(home).table("golden_party")
    figures: Numbered = {f"{kind}_p95_ms": load.p95(times) for kind, (times, _) in taken.items()}
    figures |= {f"{kind}_p50_ms": round(times[len(times) // 2], 1) for kind, (times, _) in taken.items()}
    errors = sum(wrong for _, wrong in taken.values())
    asked_for = {f"{kind}_requests": len(times) for kind, (times, _) in taken.items()}
    return figures | {"errors": errors, "clients": golden.rows if golden else 0, "at_once": at_once} | asked_for


@contextmanager
def served(home: Home) -> Iterator[str]:
    """A `registry serve` of its own process on a free port, up and answering."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = "from cli.main import main; main()"
    command = [sys.executable, "-c", started, "serve", "--home", str(home.root), "--port", str(port)]
    server = subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)
    try:
        url = f"http://127.0.0.1:{port}"
        assert server.stdout is not None
        any(line.startswith("Open") for line in server.stdout)  # a large version takes minutes
        httpx.get(f"{url}/login", timeout=_START_SECONDS).raise_for_status()
        yield url
    finally:
        server.terminate()
        server.wait(_START_SECONDS)
        if server.stdout is not None:
            server.stdout.close()
