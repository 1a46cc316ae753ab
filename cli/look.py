"""Commands that look: client, find, export.

Here: arguments and output. Not here: the queries (stages/lookup).
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import HOME, AsOf, HomeOption, Json, KnownAt, show_json, show_table

if TYPE_CHECKING:
    from stages.as_of import When
    from store.home import Home

Pair = tuple[str, str] | None


def add(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (client, find, export):
        app.command()(command)


def client(
    number: Annotated[str, typer.Argument(help="Client number, also a retired one.")],
    home: HomeOption = HOME,
    json: Json = False,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> None:
    """Show a golden record with its lineage and source records, and everything that hangs on the client."""
    from stages.lookup import client as look_up
    from store.home import Home

    found = look_up(Home(home), number, _when(as_of, known_at))
    if json:
        return show_json(found)
    if found["redirected"]:
        print(_redirection(found))
    shown = [[name, value] for name, value in found["party"].items() if value is not None]
    moment = f" on {found['as_of']} as known at version {found['known_at']}" if "as_of" in found else ""
    show_table(f"Client {found['party']['client_number']}{moment}", ["field", "value"], shown)
    for part in ("names", "identifiers", "addresses", "contacts", "lineage", "records"):
        _show_rows(part.capitalize(), found[part])
    for part, rows in found.get("view", {}).items():
        _show_view(part.capitalize(), rows)


def _when(as_of: datetime | None, known_at: int | None) -> "When | None":
    """What is asked of history; None: the live version as it is."""
    from stages.as_of import When

    return When(as_of.date() if as_of else None, known_at) if as_of or known_at is not None else None


def _redirection(found: dict[str, Any]) -> str:
    now = found["party"]["client_number"]
    if "as_of" in found:
        return f"{found['asked']} stood for no client of its own on {found['as_of']}: its records were with {now}."
    return f"{found['asked']} was merged: it now stands for {now}."


def _show_rows(title: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        filled = [column for column in rows[0] if any(row[column] not in (None, "") for row in rows)]
        show_table(title, filled, [[row[column] for column in filled] for row in rows])


def _show_view(title: str, rows: list[dict[str, Any]]) -> None:
    """A part of the view; one wide row as its fields one below the other."""
    if len(rows) == 1 and len(rows[0]) > 10:
        rows = [{"field": name, "value": value} for name, value in rows[0].items() if value is not None]
    _show_rows(title, rows)


def find(
    document: Annotated[Pair, typer.Option("--document", help="TYPE NUMBER, e.g. passport P1234567")] = None,
    record: Annotated[Pair, typer.Option("--record", help="SOURCE RECORD_ID")] = None,
    home: HomeOption = HOME, json: Json = False, as_of: AsOf = None, known_at: KnownAt = None,
) -> None:  # fmt: skip
    """Find clients by identity document or by source record; never by a phone number alone."""
    from stages.lookup import find_document, find_record
    from store.home import Home

    if (document is None) == (record is None):
        raise typer.BadParameter("give either --document TYPE NUMBER or --record SOURCE RECORD_ID")
    place, when = Home(home), _when(as_of, known_at)
    rows = find_document(place, *document, when) if document else find_record(place, *(record or ("", "")), when)
    if json:
        return show_json(rows)
    _show_rows("Found", rows) if rows else print("No client found.")
    if not rows:
        raise typer.Exit(1)


def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write golden tables into.")], home: HomeOption = HOME,
    kind: Annotated[str, typer.Option(help="parquet or csv")] = "parquet", json: Json = False,
    as_of: AsOf = None, known_at: KnownAt = None,
) -> None:  # fmt: skip
    """Copy the live version's published snapshot to a folder; of another date or version, tables from its history."""
    import shutil

    from rules.errors import NotFound
    from store import versions
    from store.home import Home

    place, when = Home(home), _when(as_of, known_at)
    if when:
        return _export_then(place, when, folder, kind, json)
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


def _export_then(home: "Home", when: "When", folder: Path, kind: str, json: bool) -> None:
    from stages.as_of import export as write

    if kind not in ("parquet", "csv"):
        raise typer.BadParameter("kind must be parquet or csv")
    found = write(home, when, folder, kind)
    said = f"The state on {found['as_of']} as known at version {found['known_at']} written to {folder}"
    show_json(found) if json else print(said)
