"""`python -m benchmarks kills`: how many nights were killed, and what was lost or torn.

Here: arguments and output. Not here: the kills (measure).
"""

import json as js
from typing import Annotated

import typer

from benchmarks.kills.measure import kills as measured


def kills(
    count: Annotated[int, typer.Option(min=1, help="How many nights to kill, all over.")] = 200,
    clients: Annotated[int, typer.Option(min=50, help="Clients of the synthetic bank.")] = 200,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Kill nights with SIGKILL all over and run them again; exit 1 where anything was lost or torn."""
    found = measured(count, clients)
    if json:
        print(js.dumps({name: found[name] for name in ("kills", "lost", "torn")}))
    else:
        print(
            f"{found['kills']} nights killed: version 1 was live after {found['old']}, version 2 after {found['new']}"
        )
        print(f"{found['again']} of them run again: lost {found['lost']}, torn {found['torn']}")
    if found["lost"] or found["torn"]:
        raise typer.Exit(1)
