"""Commands of a data subject's rights: erase, export-subject.

Here: arguments and output. Not here: the work (stages/erase, stages/subject).
"""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import HOME, As, Config, HomeOption, Json, show_json


def add(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(erase)
    app.command(name="export-subject")(export_subject)


def erase(
    config: Config,
    source: Annotated[str | None, typer.Argument(help="Source of the record.")] = None,
    record_id: Annotated[str | None, typer.Argument(help="The source's own key of the record.")] = None,
    client: Annotated[str | None, typer.Option("--client", help="Every record this client ever had.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, e.g. the request's number; kept for ever.")] = "",
    home: HomeOption = HOME, user: As = None, json: Json = False,
) -> None:  # fmt: skip
    """Erase a data subject: no further use at once, gone from every kept file when the declared term is over."""
    from rules.settings import load_registry
    from stages.erase import Asked, members
    from stages.erase import erase as carry_out
    from store.home import Home

    if (client is None) == (source is None or record_id is None):
        raise typer.BadParameter("give either SOURCE RECORD_ID or --client NUMBER")
    place = Home(home)
    records = members(place, client) if client else [(source or "", record_id or "")]
    found = carry_out(place, load_registry(config), records, Asked(reason, user))
    if json:
        return show_json(found)
    print(f"Used no more from the next snapshot on: {found['restricted']} record(s).")
    print("They are gone from every kept file; the next night rebuilds their clients." if found["erased"] else
          f"The declared term keeps them until {found['due']}; a night from that day on erases them.")  # fmt: skip


def export_subject(
    number: Annotated[str, typer.Argument(help="Client number, also a retired one.")],
    folder: Annotated[Path, typer.Option("--folder", help="Where to write the two files.")] = Path(),
    home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Write everything held of one client, for the person it is about: JSON and a readable page."""
    from stages.subject import export
    from store.home import Home

    written = [str(path) for path in export(Home(home), number, folder)]
    show_json({"files": written}) if json else print("\n".join(written))
