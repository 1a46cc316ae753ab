"""Commands that look: client, find, export.

Here: arguments and output. Not here: the queries (stages/lookup).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import HOME, HomeOption, Json, show_json, show_table

Pair = tuple[str, str] | None


def add(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (client, find, export):
        app.command()(command)


def client(
    number: Annotated[str, typer.Argument(help="Client number, also a retired one.")],
    home: HomeOption = HOME,
    json: Json = False,
) -> None:
    """Show a golden record with its names, documents, addresses, lineage and source records."""
    from stages.lookup import client as look_up
    from store.home import Home

    found = look_up(Home(home), number)
    if json:
        return show_json(found)
    if found["redirected"]:
        print(f"{number} was merged: it now stands for {found['party']['client_number']}.")
    shown = [[name, value] for name, value in found["party"].items() if value is not None]
    show_table(f"Client {found['party']['client_number']}", ["field", "value"], shown)
    for part in ("names", "identifiers", "addresses", "contacts", "lineage", "records"):
        _show_rows(part.capitalize(), found[part])


def _show_rows(title: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        filled = [column for column in rows[0] if any(row[column] not in (None, "") for row in rows)]
        show_table(title, filled, [[row[column] for column in filled] for row in rows])


def find(
    document: Annotated[Pair, typer.Option("--document", help="TYPE NUMBER, e.g. passport P1234567")] = None,
    record: Annotated[Pair, typer.Option("--record", help="SOURCE RECORD_ID")] = None,
    home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Find clients by identity document or by source record; never by a phone number alone."""
    from stages.lookup import find_document, find_record
    from store.home import Home

    if (document is None) == (record is None):
        raise typer.BadParameter("give either --document TYPE NUMBER or --record SOURCE RECORD_ID")
    rows = find_document(Home(home), *document) if document else find_record(Home(home), *(record or ("", "")))
    if json:
        return show_json(rows)
    _show_rows("Found", rows) if rows else print("No client found.")
    if not rows:
        raise typer.Exit(1)


def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write golden tables into.")], home: HomeOption = HOME,
    kind: Annotated[str, typer.Option(help="parquet or csv")] = "parquet", json: Json = False,
) -> None:  # fmt: skip
    """Copy the live version's published snapshot to a folder."""
    import shutil

    from rules.errors import NotFound
    from store import versions
    from store.home import Home

    place = Home(home)
    version = versions.manifest(place).version
    published = place.published / kind / f"{version:06d}"
    if not published.exists():
        raise NotFound(
            str(published), f"the live version has no {kind} snapshot", "add it under publish: and run again"
        )
    shutil.copytree(published, folder, dirs_exist_ok=True)
    files = sorted(str(path.relative_to(published)) for path in published.rglob("*") if path.is_file())
    found = {"version": version, "kind": kind, "folder": str(folder), "files": files}
    show_json(found) if json else print(f"Version {published.name} copied to {folder}")
