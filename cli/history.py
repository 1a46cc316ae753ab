"""The command diff: what differs between two versions.

Here: arguments and output. Not here: finding it (stages/diff).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import HOME, HomeOption, Json, show_json, show_table


def add(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(diff)


def diff(
    first: Annotated[int, typer.Argument(metavar="V1", help="Version to start from.")],
    second: Annotated[int, typer.Argument(metavar="V2", help="Version to end at; it may be the earlier one.")],
    home: HomeOption = HOME, json: Json = False,
    rows: Annotated[bool, typer.Option("--rows", help="Also list the events, without values.")] = False,
    file: Annotated[
        Path | None, typer.Option("--file", help="Also write the events with values: FILE.parquet or FILE.csv.")
    ] = None,
) -> None:  # fmt: skip
    """Say what leads from one version to another: clients created, changed, merged, split, retired; records moved."""
    from stages.diff import between
    from store.home import Home

    found = between(Home(home), first, second, rows, file)
    if json:
        return show_json(found)
    _show(found)
    if file:
        print(f"Events with values in {file}")


def _show(found: dict[str, Any]) -> None:
    one, other = found["from"]["version"], found["to"]["version"]
    print(f"Version {one} is of {found['from']['business_date']}, version {other} of {found['to']['business_date']}.")
    counted = [[name, count] for part in ("events", "records") for name, count in found[part].items() if count]
    if not counted:
        return print("They hold the same clients.")
    show_table(f"From {one} to {other}", ["event", "rows"], counted)
    if found["fields"]:
        show_table("Changed columns", ["column", "clients"], [[*pair] for pair in found["fields"].items()])
    if found.get("rows"):
        show_table("Events", list(found["rows"][0]), [list(row.values()) for row in found["rows"]])
