"""The group quarantine: rows that no night could use, and their release.

Here: arguments and output. Not here: which rule may be set aside, the log (stages/releases).
"""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import HOME, As, Config, HomeOption, Json, show_json, show_table

if TYPE_CHECKING:
    from stages.releases import Release

Id = Annotated[int, typer.Argument(help="The release's number.")]
group = typer.Typer(name="quarantine", add_completion=False, no_args_is_help=True)


@group.callback()
def quarantine() -> None:
    """See the rows that could not be used, and release them; a release counts from the next night on."""


def add(app: typer.Typer) -> None:
    """Register the group."""
    app.add_typer(group)


@group.command("list")
def listed(
    config: Config,
    source: Annotated[str | None, typer.Option("--source", help="Name the records of this source.")] = None,
    home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Count the quarantined rows of the live version by source and rule; with --source also name its records."""
    import polars as pl

    from rules.settings import load_registry
    from stages.releases import refused
    from store.home import Home

    rows = refused(Home(home), load_registry(config))
    by = ["source", "rule", "reason"] if source is None else ["source", "rule", "reason", "record_id", "state"]
    shown = rows if source is None else rows.filter(source=source)
    totals = [pl.len().alias("rows"), *((pl.col("state") == s).sum().alias(s) for s in ("waiting", "counting"))]
    counted = shown.group_by(by).agg(totals if source is None else totals[:1]).sort(by)
    if json:
        return show_json(counted.to_dicts())
    show_table("Quarantine", counted.columns, [list(row) for row in counted.rows()])


@group.command()
def release(
    config: Config,
    source: Annotated[str, typer.Argument(help="Source of the record.")],
    record_id: Annotated[str, typer.Argument(help="The source's own key of the record.")],
    rule: Annotated[str, typer.Argument(help="The rule that refused it: required or duplicate_key.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence; without clients' data.")] = "",
    home: HomeOption = HOME, user: As = None, json: Json = False,
) -> None:  # fmt: skip
    """Release a record from the rule that refused it; for duplicate_key a second person approves."""
    from rules.settings import load_registry
    from stages.releases import release as enter
    from store.home import Home

    _told(enter(Home(home), load_registry(config), (source, record_id), rule, reason, user), json)


@group.command()
def approve(number: Id, home: HomeOption = HOME, user: As = None, json: Json = False) -> None:
    """Approve a release as a second person."""
    from stages.releases import approve as enter
    from store.home import Home

    _told(enter(Home(home), number, user), json)


@group.command()
def end(number: Id, home: HomeOption = HOME, user: As = None, json: Json = False) -> None:
    """End a release: from the next night on the rule holds again."""
    from stages.releases import end as enter
    from store.home import Home

    _told(enter(Home(home), number, user), json)


def _told(found: "Release", json: bool) -> None:
    if json:
        return show_json({"id": found.id, "source": found.source, "rule": found.rule, "state": found.state})
    ends = {
        "waiting": f"waits for a second person: `registry quarantine approve {found.id}`",
        "counting": "counts from the next night on", "ended": "is ended",
    }  # fmt: skip
    print(f"Release {found.id} of a record of {found.source} from {found.rule} {ends[found.state]}.")
