"""`python -m benchmarks planted`: the cases that failed, and how many passed.

Here: arguments and output. Not here: the cases and the nights (run).
"""

import json as js
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.planted.run import planted as run


def planted(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Run two nights of the planted bank and judge every case; exit 1 where one fails."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        cases = run(Path(folder))
    failed = [one for one in cases if not one.passed]
    if json:
        told = [{"case": one.case, "about": one.about, "expected": one.expected, "found": one.found} for one in failed]
        print(js.dumps({"cases": len(cases), "passed": len(cases) - len(failed), "failed": told}, indent=1))
    else:
        for one in failed:
            print(f"case {one.case} {one.about}: expected {one.expected}, found {one.found}")
        print(f"{len(cases) - len(failed)} of {len(cases)} planted cases passed")
    if failed:
        raise typer.Exit(1)
