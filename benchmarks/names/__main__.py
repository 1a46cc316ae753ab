"""`python -m benchmarks.names --data DIR [--json]`: the name benchmark by itself."""

import sys
from collections.abc import Sequence

import typer

from benchmarks.names.command import names
from rules.errors import RegistryError


def main(args: Sequence[str] | None = None) -> None:
    """Run the benchmark with `args` (by default the command line); an expected error ends with exit code 1."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(names)
    try:
        app(args=list(args) if args is not None else None)
    except RegistryError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
