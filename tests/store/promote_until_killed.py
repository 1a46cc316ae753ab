"""Run by test_kill.py: forked children promote a version and are killed -9 at the Nth line of the code that writes.

Reports one JSON line per kill: the step, whether the child died, the live version before and after a sweep, whether the
home's files are whole, and whether the next promotion works.
"""

import json
import os
import shutil
import signal
import sys
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from store import home as home_module
from store import versions
from store.home import Home
from store.manifest import Manifest, RunEntry, TableEntry

ROOM = (versions.__file__, home_module.__file__)
"""Where lines are counted: the modules that write."""


def promote(home: Home, text: str) -> None:
    staged = home.staging / f"{text}.parquet"
    staged.write_bytes(text.encode() * 1000)
    pointer = versions.live(home)
    entry = TableEntry(name="clusters", rows=1, content_hash="0" * 32, files=(versions.adopt(home, staged, 1),))
    new = Manifest(
        version=versions.next_number(home), parent=pointer.version if pointer else None,
        business_date=date(2026, 1, 1), inputs=(), models={}, rules_hash="r", code_version="c", tables=(entry,),
        checks=(), run=RunEntry(started="", seconds={}),
    )  # fmt: skip
    versions.promote(home, new)


def die_at(step: int) -> Any:
    """A trace function that kills this process before the Nth line of the store room is run."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if frame.f_code.co_filename not in ROOM:
            return None
        if event == "line":
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def killed(home: Home, step: int) -> bool:
    child = os.fork()
    if child == 0:
        sys.settrace(die_at(step))
        promote(home, "new")
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def attempt(template: Path, place: Path, step: int) -> dict[str, Any]:
    shutil.copytree(template, place)
    home = Home(place)
    died = killed(home, step)
    facts: dict[str, Any] = {"step": step, "died": died, "live": versions.manifest(home).version}
    versions.sweep(home)
    facts["swept"] = versions.manifest(home).version
    facts["damaged"] = [
        bad for n in versions.numbers(home) for bad in versions.damaged(home, versions.manifest(home, n))
    ]
    facts["leftovers"] = [path.name for path in home.staging.iterdir()]
    promote(home, "next")
    facts["next"] = versions.manifest(home).version
    shutil.rmtree(place)
    return facts


def main(root: Path) -> None:
    template = root / "template"
    promote(Home(template).prepare(), "old")
    step, going = 1, True
    while going:
        facts = attempt(template, root / f"home-{step}", step)
        print(json.dumps(facts))
        step, going = step + 1, facts["died"]


if __name__ == "__main__":
    # The kernel keeps what a killed process wrote; only a power cut needs fsync, and it makes this ten times as slow.
    os.fsync = lambda handle: None
    main(Path(sys.argv[1]))
