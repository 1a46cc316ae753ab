"""`python -m benchmarks equivalence`: the nights as a table or as JSON.

Here: arguments and output. Not here: the nights (measure).
"""

import json as js
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.equivalence.measure import Asked, measure


def equivalence(
    clients: Annotated[int, typer.Option(min=10, help="Clients of the synthetic bank.")] = 20_000,
    nights: Annotated[int, typer.Option(min=1, help="Nights to run in both ways.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of the bank and of what happens to it.")] = 1,
    keep: Annotated[Path | None, typer.Option(help="Folder for both homes; by default a temporary one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run nights incrementally and in full and compare every table; exit 1 where they differ."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = measure(Asked(clients, nights, seed), keep or Path(folder))
    if json:
        print(js.dumps(found, indent=1))
    else:
        for one in found["nights"]:
            state = "equal" if not one["differs"] else f"DIFFERS in {', '.join(one['differs'])}"
            share = f"{one['share']:.0%} of a full night's stage seconds"
            print(f"version {one['version']:>3} {one['business_date']} {one['records']:>9,} records: {state}, {share}")
    if not (found["equal"] and found["invariants_ok"]):
        raise typer.Exit(1)
