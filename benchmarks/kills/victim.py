"""One step of a night in a child process that is killed before the Nth change it makes to the home's files.

Here: the steps, where a process dies. Not here: what is found afterwards (measure). The parent only forks: it starts no
threads.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.context import set_place
from pipelines.ingest import land
from stages.finish import complete, finish
from stages.start import begin, done
from stages.steps import Step, in_order
from store import lock
from store.home import Home

_CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.truncate")
_WRITING = os.O_WRONLY | os.O_RDWR


class Changes:
    """An audit hook (PEP 578) that counts what Python changes below `root`, and kills before the `fatal` one.

    DuckDB and polars write their files themselves; they do so between two of these changes.
    """

    def __init__(self, root: Path, fatal: int | None = None) -> None:
        self.root, self.fatal, self.count = str(root), fatal, 0
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Count one event."""
        opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
        if (opened or event in _CHANGES) and str(arguments[0]).startswith(self.root):
            self.count += 1
            if self.count == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)


def run_in_child(work: Callable[[], object]) -> int:
    """Exit code of `work` in a forked child; negative where a signal ended it."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _steps(folder: Path, day: date) -> Iterator[Step]:
    """All that a night does, with promotion, extracts and report; as in the job, each may have its own process."""
    place = set_place(folder / "bank" / "registry.yaml", folder / "home")
    night = place.night(day)
    yield "begin", partial(begin, night)
    for source in place.settings.sources:
        yield f"raw_{source.name}", partial(land, place, source, day)
    yield from in_order(night)
    yield "finish", partial(finish, night)


def take(folder: Path, day: date, number: int, fatal: int) -> None:
    """Take one step of a night that began, and die of it."""
    lock.acquire(Home(folder / "home"))
    work = list(_steps(folder, day))[number][1]
    Changes(folder / "home", fatal)
    work()


def watched(folder: Path, day: date, before: Callable[[int], object], note: Path) -> None:
    """The whole night, with `before(number)` ahead of each step; `note` gets the changes made till then, and in all."""
    changes, made = Changes(folder / "home"), []
    for number, (_, work) in enumerate(_steps(folder, day)):
        before(number)
        made.append(changes.count)
        work()
    note.write_text(" ".join(map(str, (*made, changes.count))), encoding="utf-8")


def night(folder: Path, day: date) -> None:
    """The whole night, as after a crash: nothing but what is missing where its version is live."""
    place = set_place(folder / "bank" / "registry.yaml", folder / "home")
    begin(one := place.night(day))
    if (made := done(one)) is not None:
        return complete(one, made)
    for _, work in list(_steps(folder, day))[1:]:
        work()
