"""A labelled set in a process of its own, so that its memory is its own.

Here: starting the process, its peak memory, what it leaves. Not here: what is measured (benchmarks/accuracy/measure).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.accuracy.sets import LabelledSet, bank_name
from rules.errors import RegistryError

MEGABYTE = 1024
"""The kernel counts resident memory in kilobytes."""
Asked = dict[str, Any]


def run_apart(one: LabelledSet, examples: int | None = None, keep: Path | None = None) -> dict[str, Any]:
    """Figures of `one` with `seconds` from the start of its process and `peak_mb` of it or its largest child.

    Its home is thrown away, or kept in `keep`/<name>. RegistryError where the run fails; its words stand on stderr.
    """
    asked = {"name": one.name, "folder": str(one.folder.absolute()), "case": str(one.case.absolute())}
    return _answer(asked | {"examples": examples}, keep)


def run_bank_apart(clients: int, examples: int | None = None, keep: Path | None = None) -> dict[str, Any]:
    """The same of the synthetic bank with so many clients; `seconds` without making it."""
    return _answer({"name": bank_name(clients), "clients": clients, "examples": examples}, keep)


def _answer(asked: Asked, keep: Path | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="accuracy-", ignore_cleanup_errors=True) as work:
        home, result = (keep or Path(work)) / str(asked["name"]), Path(work) / "result.json"
        peak = _run(asked | {"home": str(home.absolute()), "result": str(result)})
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return found | {"peak_mb": peak}


def _run(asked: Asked) -> int:
    """Run the child with `asked` and its start; return the peak in megabytes."""
    command = [sys.executable, "-m", "benchmarks.accuracy.apart", json.dumps(asked | {"started": time.monotonic()})]
    process = subprocess.Popen(command, stdout=sys.stderr.fileno())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RegistryError(str(asked["name"]), "could not be measured", "see what its run wrote above")
    return usage.ru_maxrss // MEGABYTE


def _child(asked: Asked) -> None:
    """What the process of one set does."""
    home, examples = Path(asked["home"]), asked["examples"]
    if "clients" in asked:
        from benchmarks.accuracy.bank import measure_bank

        found = measure_bank(asked["clients"], home, examples)
    else:
        from benchmarks.accuracy.measure import measure

        one = LabelledSet(asked["name"], Path(asked["folder"]), Path(asked["case"]))
        found = measure(one, home, asked["started"], examples)
    Path(asked["result"]).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    try:
        _child(json.loads(sys.argv[1]))
    except RegistryError as error:
        sys.exit(str(error))
