"""Commands about sources: onboard.

Here: arguments and output. Not here: the profiling (pipelines/onboard).
"""

from pathlib import Path
from typing import Annotated

import typer


def add(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(onboard)


def onboard(
    location: Annotated[str, typer.Argument(help="File, URL or database address of the source.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the YAML here instead of printing it.")
    ] = None,
) -> None:
    """Profile a source and propose its YAML; look it over before the first run."""
    from pipelines.onboard import propose

    text = propose(location)
    if output is None:
        print(text)
    else:
        output.write_text(text, encoding="utf-8")
        print(f"Proposed {output}. Look it over, then add it to sources: in registry.yaml.")
