"""Runs a night of stages again and again, each time killed (SIGKILL) at a later table write; then returns.

Usage: night_until_killed.py FOLDER DATE FIRST STEP. FOLDER holds `bank/registry.yaml` and `home`. Prints one line per
night: its number of writes and whether it died. The parent only forks: what it imports starts no threads.
"""

import os
import signal
import sys
from datetime import date
from pathlib import Path

from pipelines.context import set_place
from quality.checks.expectations import _great_expectations
from store import tables
from tests.conftest import _compute

MOST = 200


def die_at(number: int) -> None:
    """Kill this process in place of its `number`-th table write (0-based)."""
    writes, real = iter(range(MOST)), tables.write

    def write(*arguments: object) -> None:
        if next(writes) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        real(*arguments)

    tables.write = write


def main() -> None:
    _great_expectations()
    folder, day = Path(sys.argv[1]), date.fromisoformat(sys.argv[2])
    for number in range(int(sys.argv[3]), MOST, int(sys.argv[4])):
        child = os.fork()
        if child == 0:
            die_at(number)
            _compute(set_place(folder / "bank" / "registry.yaml", folder / "home"), day)
            os._exit(0)
        died = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(number, died, flush=True)
        if died != -signal.SIGKILL:
            sys.exit(died)


if __name__ == "__main__":
    main()
