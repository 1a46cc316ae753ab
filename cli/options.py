"""Options that many commands share, and how results are shown.

Here: declarations and printing. Not here: any command, tables (cli/tables).
"""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.tables import show_table as show_table

Config = Annotated[Path, typer.Option("--config", "-c", help="registry.yaml", envvar="REGISTRY_CONFIG")]
Declared = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="registry.yaml whose rules count for what is typed; else the shipped ones."),
]
HomeOption = Annotated[
    Path, typer.Option("--home", help="Folder that holds everything a run writes.", envvar="REGISTRY_HOME")
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder that relative file paths of sources start from; by default that of registry.yaml."
    ),
]
Day = Annotated[
    datetime | None,
    typer.Option(
        "--date", formats=["%Y-%m-%d"], help="Business date; by default yesterday in the registry's time zone."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="State on this date; by default the version's business date."),
]
KnownAt = Annotated[int | None, typer.Option("--known-at", help="As known at this version; by default the live one.")]
As = Annotated[str | None, typer.Option("--as", help="User who decides; by default the operating system's user.")]
HOME = Path("registry_home")


def business_date(given: datetime | None, time_zone: str) -> date:
    """The date given, or the business day that ended."""
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    return given.date() if given else (datetime.now(ZoneInfo(time_zone)) - timedelta(days=1)).date()


def show_json(value: Any) -> None:
    """Print `value` as JSON; dates and decimals as text."""
    print(json.dumps(value, indent=1, default=str, ensure_ascii=False))
