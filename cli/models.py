"""Commands about models: train, and the group `models`: list, compare, propose, promote, log.

Here: arguments and output. Not here: training (matching), comparing and promoting (stages).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import HOME, As, Config, Data, Day, HomeOption, Json, business_date, show_json, show_table

Alias = Annotated[str, typer.Option("--alias", help="Promoted name, as registry.yaml pins it.")]
Name = Annotated[str, typer.Argument(help="Model version, as `registry models list` shows it.")]
Party = Annotated[
    str | None, typer.Option("--party", help="person or organisation, where only aliases are named.")
]  # fmt: skip

group = typer.Typer(name="models", add_completion=False, invoke_without_command=True)


def add(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(train)
    app.add_typer(group)


def train(
    config: Config, home: HomeOption = HOME, date: Day = None, data: Data = None, json: Json = False,
    alias: Annotated[str, typer.Option(help="Name that a home's first models get.")] = "bootstrap", user: As = None,
) -> None:  # fmt: skip
    """Train a model version per kind of party from a day's records, without labels; later ones wait for promotion."""
    from cli.progress import Progress
    from pipelines.context import set_place
    from pipelines.run import train as train_models

    place = set_place(config, home, data)
    with Progress("train", quiet=json) as told:
        made = train_models(place, business_date(date, place.settings.registry.time_zone), told, alias, user)
    if json:
        return show_json(made)
    show_table("Trained", ["kind", "version", "report"], [
        [kind, name, str(place.home.models / name / "report.html")] for kind, name in made.items()
    ])  # fmt: skip
    _show_next(place.home.models, made, config)


def _show_next(folder: Path, made: dict[str, str], config: Path) -> None:
    """What a version that is not promoted waits for."""
    from matching.promotions import aliases

    told = f"--config {config}"
    for kind, name in made.items():
        names = aliases(folder, kind)
        if name not in names.values():
            print(
                f"Next: `registry models compare {sorted(names.items())[0][1]} {name} {told}`, "
                f"then `registry models propose {name} {told}`"
            )


@group.callback()
def models(context: typer.Context, home: HomeOption = HOME, json: Json = False) -> None:
    """Model versions: list them, compare two, propose one, promote it as a second person."""
    if context.invoked_subcommand is None:
        return list_models(home, json)
    given = [name for name in ("home", "json") if str(context.get_parameter_source(name)).endswith("COMMANDLINE")]
    if given:
        raise typer.BadParameter(f"give --{given[0]} after '{context.invoked_subcommand}'")


@group.command("list")
def list_models(home: HomeOption = HOME, json: Json = False) -> None:
    """List the model versions of a home, with thresholds and what they compare."""
    from matching.model import load, versions
    from matching.promotions import aliases
    from store.home import Home

    folder = Home(home).models
    rows: list[dict[str, Any]] = []
    for party, name in versions(folder):
        model = load(folder, party, name)
        names = [alias for alias, version in aliases(folder, party).items() if version == name]
        rows.append({
            "version": name, "promoted as": ", ".join(names), "records": model.facts["records"],
            "match from (bits)": model.match_weight / 1e6, "review from (bits)": model.review_weight / 1e6,
            "compares": ", ".join(model.comparisons),
        })  # fmt: skip
    _show("Models", rows, json, "no model yet")


@group.command()
def compare(
    a: Annotated[str, typer.Argument(help="Model version or alias, as a rule the one in use.")],
    b: Annotated[str, typer.Argument(help="The version that may follow it.")],
    truth: Annotated[
        Path | None, typer.Option("--truth", help="Parquet or CSV with source, record_id, entity_id.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="registry.yaml, for its rules.", envvar="REGISTRY_CONFIG")
    ] = None,
    party: Party = None, home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Compare two models on the live records: clusters, client numbers, pairs lost, figures where truth is given."""
    from cli.comparison import show_comparison
    from rules.settings import load_registry
    from stages.compare import compare as compare_models
    from stages.compare import party_of
    from store.home import Home

    place = Home(home)
    settings = load_registry(config) if config else None
    found = compare_models(place, party_of(a, b, party=party), a, b, truth, settings)
    show_json(found) if json else show_comparison(found, home)


@group.command()
def propose(
    name: Name, config: Config, alias: Alias = "bootstrap", user: As = None, home: HomeOption = HOME,
    json: Json = False,
) -> None:  # fmt: skip
    """Propose a version for a promoted name, on the ground of its comparison with the present one."""
    from stages.promotions import propose as propose_model

    entry = _decide(propose_model, config, name, alias, user, home)
    if json:
        return show_json(entry)
    print(f"{name} is proposed as '{alias}' by {entry['user']}.")
    print(f"Next: another person runs `registry models promote {name} --alias {alias} --config {config} --as USER`")


@group.command()
def promote(
    name: Name, config: Config, alias: Alias = "bootstrap", user: As = None, home: HomeOption = HOME,
    json: Json = False,
) -> None:  # fmt: skip
    """Approve, as a second person, what another one proposed: the next night uses the version."""
    from stages.promotions import approve

    entry = _decide(approve, config, name, alias, user, home)
    if json:
        return show_json(entry)
    print(f"'{alias}' stands for {name} in place of {entry['replaces'] or 'nothing'}; the next night uses it.")


@group.command("log")
def show_log(home: HomeOption = HOME, json: Json = False) -> None:
    """Show who proposed and approved what, approvals by the proposer's OS user marked; exit 1 if tampered with."""
    from dataclasses import asdict

    from matching.promotions import entries, marks
    from store.home import Home

    hidden = () if json else ("evidence_sha256", "previous")
    log = entries(Home(home).models)
    rows = [
        {k: v for k, v in asdict(entry).items() if k not in hidden} | {"mark": mark}
        for entry, mark in zip(log, marks(log), strict=True)
    ]
    _show("Promotions", rows, json, "nothing was promoted yet")


def _decide(work: Any, config: Path, name: str, alias: str, user: str | None, home: Path) -> dict[str, Any]:
    from dataclasses import asdict

    from rules.settings import load_registry
    from stages.compare import party_of
    from store.home import Home
    from store.people import os_user

    decider = os_user() if user is None else user
    return asdict(work(Home(home), load_registry(config), party_of(name), name, alias, decider))


def _show(title: str, rows: list[dict[str, Any]], json: bool, none: str) -> None:
    if json:
        return show_json(rows)
    show_table(title, list(rows[0]) if rows else [none], [list(row.values()) for row in rows])
