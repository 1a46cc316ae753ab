"""One night in a child process that is killed before the Nth change it makes to the home's files.

Here: where it dies. Not here: what is found afterwards (measure). The parent only forks: it starts no threads.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

_CHANGES = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.truncate")
_WRITING = os.O_WRONLY | os.O_RDWR


class Changes:
    """An audit hook (PEP 578) that counts what Python changes below `root`, and kills before the `fatal` one.

    DuckDB and polars write their files themselves; they do so between two of these changes.
    """

    def __init__(self, root: Path, fatal: int | None) -> None:
        self.root, self.fatal, self.count = str(root), fatal, 0

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


def night(folder: Path, day: date, fatal: int | None = None, note: Path | None = None) -> None:
    """The whole night of `day` with promotion, extracts and report; `note` gets how many changes it made."""
    from pipelines.context import set_place
    from pipelines.ingest import land
    from stages.finish import finish
    from stages.start import begin, done
    from stages.steps import compute

    place = set_place(folder / "bank" / "registry.yaml", folder / "home")
    changes = Changes(folder / "home", fatal)
    sys.addaudithook(changes)
    one = place.night(day)
    begin(one)
    if done(one) is None:
        for source in place.settings.sources:
            land(place, source, day)
        compute(one)
        finish(one)
    if note:
        note.write_text(str(changes.count), encoding="utf-8")
