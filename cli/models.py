"""Commands about models: train, models.

Here: arguments and output. Not here: training (matching).
"""

from typing import Annotated, Any

import typer

from cli.options import HOME, Config, Data, Day, HomeOption, Json, business_date, show_json, show_table


def add(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(train)
    app.command("models")(list_models)


def train(
    config: Config, home: HomeOption = HOME, date: Day = None, data: Data = None, json: Json = False,
    alias: Annotated[str, typer.Option(help="Name to promote the models under, if nothing has it yet.")] = "bootstrap",
) -> None:  # fmt: skip
    """Train a model version per kind of party from a day's records, without labels."""
    from cli.progress import Progress
    from pipelines.context import set_place
    from pipelines.run import train as train_models

    place = set_place(config, home, data)
    with Progress("train", quiet=json) as told:
        made = train_models(place, business_date(date, place.settings.registry.time_zone), told, alias)
    if json:
        return show_json(made)
    show_table("Trained", ["kind", "version"], [[kind, name] for kind, name in made.items()])


def list_models(home: HomeOption = HOME, json: Json = False) -> None:
    """List the model versions of a home, with thresholds and what they compare."""
    from matching.model import aliases, load
    from store.home import Home

    folder = Home(home).models
    rows: list[dict[str, Any]] = []
    for path in sorted(path for path in folder.glob("*-*") if path.is_dir()):
        party = path.name.rsplit("-", 1)[0]
        model = load(folder, party, path.name)
        names = [alias for alias, version in aliases(folder, party).items() if version == path.name]
        rows.append({
            "version": path.name, "promoted as": ", ".join(names), "records": model.facts["records"],
            "match from (bits)": model.match_weight / 1e6, "review from (bits)": model.review_weight / 1e6,
            "compares": ", ".join(model.comparisons),
        })  # fmt: skip
    if json:
        return show_json(rows)
    show_table("Models", list(rows[0]) if rows else ["no model yet"], [list(row.values()) for row in rows])
