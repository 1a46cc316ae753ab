"""The command that searches before a client is created.

Here: arguments and output. Not here: the search (stages/search).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import HOME, Declared, HomeOption, Json, show_json, show_table

if TYPE_CHECKING:
    from rules.placeholders import Placeholders

Pair = tuple[str, str] | None


def add(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(search)


def search(
    name: Annotated[list[str] | None, typer.Option("--name", help="Full name; give it repeatedly for others.")] = None,
    document: Annotated[Pair, typer.Option("--document", help="TYPE NUMBER, e.g. passport P1234567")] = None,
    birth_date: Annotated[str | None, typer.Option(help="Birth date, as 1990-12-31.")] = None,
    phone: Annotated[list[str] | None, typer.Option(help="Phone number, best with its country code.")] = None,
    email: Annotated[list[str] | None, typer.Option(help="E-mail address.")] = None,
    address: Annotated[str | None, typer.Option(help="Address in one line.")] = None,
    country: Annotated[str | None, typer.Option(help="Country of residence or registration.")] = None,
    party_type: Annotated[str, typer.Option(help="person, organisation, institution or bank")] = "person",
    home: HomeOption = HOME, config: Declared = None, json: Json = False,
) -> None:  # fmt: skip
    """Search before create: who of the live version a new client may be, with band and reasons."""
    from rules.load import validate
    from rules.typed import Typed
    from stages.index.read import open_index
    from stages.search import Finder
    from store.home import Home

    contacts = [("mobile", value) for value in phone or ()] + [("email", value) for value in email or ()]
    said = {
        "party_type": party_type, "birth_date": birth_date, "country": country,
        "names": [{"full": full} for full in name or ()],
        "identifiers": [{"type": document[0].lower(), "number": document[1]}] if document else [],
        "contacts": [{"kind": kind, "value": value} for kind, value in contacts],
        "addresses": [{"full": address}] if address else [],
    }  # fmt: skip
    typed = validate(Typed, said, Path("search"), None)
    index = open_index(Home(home))
    finder = Finder(index, placeholders(config))
    try:
        [found] = finder.find([typed])
    finally:
        finder.close()
    if json:
        return show_json({"version": index.version.version, "found": found})
    columns = ["client_number", "display_name", "birth_date", "band", "weight"]
    rows = [[hit[column] for column in columns] + [_reasons(hit["steps"])] for hit in found]
    title = f"Version {index.version.version}"
    show_table(title, [*columns, "because of"], rows) if rows else print("Nobody like that.")


def placeholders(config: Path | None) -> "Placeholders":
    """The bank's placeholders, or the shipped ones."""
    from rules.placeholders import load_placeholders
    from rules.settings import load_registry
    from stages.standardise import placeholders_of

    return placeholders_of(load_registry(config)) if config else load_placeholders()


def _reasons(steps: list[dict[str, object]]) -> str:
    told = [step for step in steps if step["name"] != "prior"]
    return ", ".join(f"{step['name']} {step['bits']:+.1f}" for step in told)
