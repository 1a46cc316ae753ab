"""Commands about sources: onboard.

Here: arguments and output. Not here: the profiling (pipelines/onboard).
"""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Json, show_json


def add(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(onboard)


def onboard(
    location: Annotated[str, typer.Argument(help="File, URL or database address of the source.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the YAML here instead of printing it.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file that --output names.")] = False,
    json: Json = False,
) -> None:
    """Profile a source and propose its YAML; look it over before the first run."""
    from pipelines.onboard import propose

    if output is not None:
        _refuse_overwriting(output, force)
    text = propose(location)
    if output is not None:
        _write(output, text)
    if json:
        return show_json({"yaml": text, "output": output})
    print(text if output is None else f"Proposed {output}. Look it over, then add it to sources: in registry.yaml.")


def _refuse_overwriting(output: Path, force: bool) -> None:
    """A declaration that somebody has looked over is never lost by proposing again."""
    from rules.errors import ConfigError

    if output.is_dir():
        raise ConfigError(str(output), "is a folder", f"name a file in it, such as {output / 'source.yaml'}")
    if output.exists() and not force:
        raise ConfigError(str(output), "exists already", "choose another name, or overwrite it with --force")


def _write(output: Path, text: str) -> None:
    from rules.errors import ConfigError

    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            str(output), f"cannot be written ({type(error).__name__})", "choose another --output"
        ) from None
