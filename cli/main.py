"""Entry point of `registry`: the list of commands, and errors as one readable sentence.

Here: wiring. Heavy libraries are imported by the command that needs them, so that `--help` is quick.
"""

import os
import sys
from textwrap import indent

import typer

from cli import (
    blocking,
    decide,
    demo,
    explain,
    history,
    keep,
    look,
    models,
    night,
    operations,
    outputs,
    privacy,
    quality,
    quarantine,
    search,
    serve,
    sources,
)
from cli.options import show_json
from rules.errors import RegistryError
from rules.trace import place_of

app = typer.Typer(
    name="registry",
    help="The unified customer registry: nightly golden records that can be trusted, explained and replayed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (
    demo,
    night,
    models,
    blocking,
    look,
    search,
    history,
    explain,
    decide,
    serve,
    outputs,
    quality,
    quarantine,
    keep,
    privacy,
    operations,
    sources,
):
    module.add(app)


def main() -> None:
    """Run the command line; an expected error ends with exit code 1 and no traceback.

    Any other error shows its type and place only, since its text may hold a client's data (REGISTRY_DEBUG=1 shows all).
    """
    try:
        app()
    except SystemExit as left:
        _answer_wrong_arguments(left)
        raise
    except RegistryError as error:
        _explain(error)
        sys.exit(1)
    except Exception as error:
        if os.environ.get("REGISTRY_DEBUG"):
            raise
        _explain(RegistryError(type(error).__name__, f"unexpected, at {place_of(error)}", "report it as a defect"))
        sys.exit(2)


def _explain(error: RegistryError) -> None:
    """Tell people on stderr and, where JSON was asked for, machines on stdout."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[bold red]✗[/] [bold]{_safe(error.place)}[/]", markup=True)
    console.print(indent(error.expected, "  "), markup=False)
    if error.typed:
        console.print(f"  → {error.typed}", markup=False)
    _answer(error.place, error.expected, error.typed)


def _answer(place: str, problem: str, next_step: str) -> None:
    if "--json" in sys.argv[1:]:
        show_json({"ok": False, "error": {"place": place, "problem": problem, "next": next_step}})


def _answer_wrong_arguments(left: SystemExit) -> None:
    """Typer itself tells people what is wrong with an argument; machines hear the same words."""
    told = getattr(left.__context__, "format_message", None)
    if told is not None:
        _answer("command line", told(), "see --help of the command")


def _safe(text: str) -> str:
    return text.replace("[", "\\[")
