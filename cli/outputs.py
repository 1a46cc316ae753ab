"""Commands about what is handed out: outputs, publish, acknowledge, contract-test.

Here: arguments and output. Not here: the work (stages/publish, stages/contract).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import HOME, As, Config, HomeOption, Json, show_json, show_table


def add(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (outputs, publish, acknowledge):
        app.command()(command)
    app.command("contract-test")(contract_test)


def outputs(config: Config, home: HomeOption = HOME, json: Json = False) -> None:
    """List what is handed out: version, problem, what consumers have not acknowledged."""
    from rules.settings import load_registry
    from stages.publish import state
    from store.home import Home

    found = state(Home(home), load_registry(config))
    show_json(found) if json else _show(found)


def publish(config: Config, home: HomeOption = HOME, json: Json = False) -> None:
    """Bring every output to the live version now; exit 1 if one cannot be written."""
    from rules.settings import load_registry
    from stages.night import Night
    from stages.publish import publish as bring
    from stages.publish import state
    from store import lock, versions
    from store.home import Home

    place, settings = Home(home), load_registry(config)
    live = versions.manifest(place)
    lock.acquire(place)
    try:
        bring(Night(place, settings, live.business_date), live)
    finally:
        lock.release(place)
    found = state(place, settings)
    show_json(found) if json else _show(found)
    if any(output["problem"] for output in found):
        raise typer.Exit(1)


def acknowledge(
    consumer: Annotated[str, typer.Argument(help="Consumer of a change feed, as registry.yaml names it.")],
    version: Annotated[int, typer.Argument(help="Version up to which it has taken over every number change.")],
    config: Config, home: HomeOption = HOME, user: As = None, json: Json = False,
) -> None:  # fmt: skip
    """Note that a consumer has taken over merged, split and retired numbers."""
    from rules.errors import ConfigError
    from rules.settings import load_registry
    from rules.wording import nearest
    from stages.publish import taken
    from store.home import Home
    from store.people import os_user

    known = taken.consumers(load_registry(config).registry)
    if consumer not in known:
        hint = nearest(consumer, known, "declare publish: [{kind: changes, consumer: NAME}]")
        raise ConfigError("consumer", f"no change feed is declared for '{consumer}'", hint)
    changes = taken.acknowledge(Home(home), consumer, version, user or os_user())
    found = {"consumer": consumer, "version": version, "number_changes": changes}
    show_json(found) if json else print(f"{consumer} has taken over version {version}: {changes} number changes.")


def contract_test(
    folder: Annotated[Path, typer.Argument(help="Folder of a version, with Parquet files.")],
    contract: Annotated[int | None, typer.Option(help="Major version of the contract; by default the newest.")] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Test whether an extract is what the contract promises its consumers; exit 1 if it is not."""
    from stages.contract import check

    found = check(folder, contract)
    rows = [[table["table"], table["rows"], "; ".join(table["problems"]) or "as promised"] for table in found]
    show_json(found) if json else show_table("Contract", ["table", "rows", ""], rows)
    if any(table["problems"] for table in found):
        raise typer.Exit(1)


def _show(found: list[dict[str, Any]]) -> None:
    columns = ["output", "version", "acknowledged", "waiting", "problem"]
    show_table("Outputs", columns, [[output[column] for column in columns] for output in found])
