"""The group operation: asking the system that keeps a product for an operation on it, and what became of it.

Here: arguments and output. Not here: the checks (stages/operations), the catalogue (rules/operations).
"""

from typing import Annotated

import typer

from cli.options import HOME, As, Config, HomeOption, Json, show_json, show_table

group = typer.Typer(name="operation", add_completion=False, no_args_is_help=True)


@group.callback()
def operation() -> None:
    """Ask owning systems for operations on products; their extracts tell what became of it."""


def add(app: typer.Typer) -> None:
    """Register the group."""
    app.add_typer(group)


@group.command()
def ask(
    config: Config,
    number: Annotated[str, typer.Argument(help="Client number, also a retired one.")],
    product: Annotated[str, typer.Argument(help="Kind of product, e.g. card.")],
    reference: Annotated[str, typer.Argument(help="Contract, account or card number.")],
    name: Annotated[str, typer.Argument(help="Operation of the catalogue, e.g. block.")],
    field: Annotated[list[str] | None, typer.Option("--field", help="NAME=VALUE, once for each.")] = None,
    document: Annotated[list[str] | None, typer.Option("--document", help="KIND=NUMBER of the dossier.")] = None,
    user: As = None, home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Check a request and put it into the owning system's outbox; asking twice hands over once."""
    from rules.operations import FILE, load_operations
    from rules.settings import load_registry
    from stages.operations import Asked, hand_over
    from store.home import Home
    from store.people import os_user

    catalogue = load_operations(load_registry(config).overlay(FILE))
    asked = Asked(number, product, reference, name, _pairs(field), _pairs(document), user or os_user())
    found = hand_over(Home(home), catalogue, asked)
    if json:
        return show_json(found)
    print(f"{found['id']}: {'handed over to' if found['new'] else 'was handed over already to'} {found['source']}")


@group.command(name="list")
def listed(home: HomeOption = HOME, json: Json = False) -> None:
    """Show what was handed over, with the status that the owning system told last."""
    from stages.operations import requests
    from store.home import Home

    found = requests(Home(home))
    columns = ["id", "source", "client_number", "product", "operation", "asked_by", "status", "closed"]
    rows = [[one[name] for name in columns] for one in found]
    show_json(found) if json else show_table("Operation requests", columns, rows)


def _pairs(given: list[str] | None) -> dict[str, str]:
    texts = given or []
    if wrong := [text for text in texts if "=" not in text]:
        raise typer.BadParameter(f"{len(wrong)} of --field and --document are not written NAME=VALUE")
    return dict(text.split("=", 1) for text in texts)
