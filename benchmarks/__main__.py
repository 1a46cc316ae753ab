"""`python -m benchmarks`: the list of commands, and errors as one sentence.

Here: wiring. Not here: any measuring.
"""

import sys

import typer

from benchmarks.accuracy.command import accuracy
from benchmarks.api.command import api
from benchmarks.desk.command import desk
from benchmarks.equivalence.command import equivalence
from benchmarks.kills.command import kills
from benchmarks.names.command import names
from benchmarks.planted.command import planted
from benchmarks.speed.command import speed
from rules.errors import RegistryError

app = typer.Typer(
    name="python -m benchmarks",
    help="Measure the registry: against labelled data, and nights against each other.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(accuracy)
app.command()(names)
app.command()(equivalence)
app.command()(planted)
app.command()(kills)
app.command()(api)
app.command()(desk)
app.command()(speed)


@app.callback()
def _several() -> None:
    """Measure the registry: against labelled data, and nights against each other."""


def main() -> None:
    """Run the command line; an expected error ends with exit code 1 and no traceback."""
    try:
        app()
    except RegistryError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
