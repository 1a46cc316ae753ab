"""The command `demo`: a synthetic bank from nothing to golden records.

Here: arguments and output. Not here: the demo itself (benchmarks/demo).
"""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import Json, show_json, show_table


def add(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(demo)


def demo(
    clients: Annotated[
        int, typer.Option(help="Parties of the synthetic bank; records are about twice as many.")
    ] = 3_000,
    home: Annotated[Path, typer.Option(help="Folder that holds everything the demo writes.")] = Path("demo_home"),
    json: Json = False,
) -> None:
    """Make a synthetic bank of six source systems, train, run two nights, and say where to look."""
    from benchmarks.demo.run import demo as run_demo
    from cli.progress import Progress
    from cli.summary import show_summary, summary
    from stages.evaluate import evaluate_live
    from stages.lookup import most_sourced
    from store.home import Home

    with Progress("demo", quiet=json) as told:
        ran = run_demo(home, clients, told.stage)
    nights = [summary(Home(home), night.version, night.new) for night in ran]
    measured = evaluate_live(Home(home), home / "bank" / "truth.parquet")
    if json:
        return show_json({"nights": nights, "measured": measured})
    for night in nights:
        show_summary(night)
    columns = ["precision", "recall", "f1", "wrongly_merged", "wrongly_split"]
    show_table(
        "Measured against the synthetic truth",
        ["", *columns],
        [[who, *("-" if f[c] is None else f[c] for c in columns)] for who, f in measured.items()],
    )
    print(_next(home, nights[-1]["report"], most_sourced(Home(home))))


def _next(home: Path, report: str, number: str) -> str:
    served = f"REGISTRY_CONFIG={home}/bank/registry.yaml REGISTRY_HOME={home} DAGSTER_HOME={home.absolute()}/dagster"
    return f"""
Where to look next
  open {report}
  .venv/bin/registry client {number} --home {home}
  .venv/bin/registry versions --home {home}
  .venv/bin/registry verify --home {home}
  .venv/bin/registry evaluate --home {home} --truth {home}/bank/truth.parquet
  {served} \\
    .venv/bin/dagster dev -m pipelines.definitions"""
