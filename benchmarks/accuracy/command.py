"""`python -m benchmarks accuracy`: arguments, progress, output, exit code.

Here: the command. Not here: what is measured. Progress goes to stderr, figures to stdout.
"""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.accuracy import recorded
from benchmarks.accuracy.apart import run_apart, run_bank_apart
from benchmarks.accuracy.report import failures_page
from benchmarks.accuracy.sets import CASES, LabelledSet, bank_name, find_sets
from rules.errors import ConfigError, RegistryError

COLUMNS = ("name", "records", "seconds", "peak_mb", "precision", "recall", "f1", "b3_f1", "wrongly_merged",
           "wrongly_split", "blocking_loss")  # fmt: skip
Run = Callable[[], dict[str, Any]]


def accuracy(
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder with labelled sets: folders that hold truth.parquet.")
    ] = None,
    cases: Annotated[Path, typer.Option("--cases", help="Folder of case files, <set>.yaml.")] = CASES,
    only: Annotated[str | None, typer.Option("--only", help="Run this set alone.")] = None,
    bank: Annotated[list[int] | None, typer.Option("--bank", help="Also a synthetic bank of so many clients.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
    failures: Annotated[Path | None, typer.Option("--failures", help="Write the failing pairs by cause here.")] = None,
    examples: Annotated[int, typer.Option("--examples", help="Examples of each cause in --failures.")] = 5,
    record: Annotated[bool, typer.Option("--record", help="Record the figures as those to hold.")] = False,
    keep: Annotated[Path | None, typer.Option("--keep", help="Keep each set's home in this folder.")] = None,
) -> None:
    """Run every labelled set that has a case file in a process of its own and judge its final clusters.

    The exit code is 1 where a set could not be run, or F1 fell by more than .002 below the recorded one.
    """
    most = examples if failures else None
    runs: dict[str, Run] = {one.name: partial(run_apart, one, most, keep) for one in _sets(data, cases, only, bank)}
    runs |= {bank_name(clients): partial(run_bank_apart, clients, most, keep) for clients in bank or ()}
    found = [one for name, run in runs.items() if (one := _measured(name, run))]
    _show(found, as_json)
    if failures:
        failures.write_text(failures_page(found), encoding="utf-8")
    if record:
        recorded.record(found)
    fallen = recorded.fallen(found, recorded.load_recorded())
    for told in fallen:
        _say(told)
    if fallen or len(found) < len(runs):
        raise typer.Exit(1)


def _sets(data: Path | None, cases: Path, only: str | None, bank: list[int] | None) -> list[LabelledSet]:
    """The sets to run; those without a case file are told and left out."""
    if data is None:
        if not bank:
            raise ConfigError("--data", "names no folder of labelled sets", "give --data DIR, or --bank CLIENTS")
        return []
    sets, skipped = find_sets(data, cases, only)
    for name in skipped:
        _say(f"{name}: skipped, there is no {cases / f'{name}.yaml'}")
    return sets


def _measured(name: str, run: Run) -> dict[str, Any] | None:
    """The figures of one set; None where its run fails, which is told."""
    _say(f"{name}: runs")
    try:
        return run()
    except RegistryError as error:
        _say(str(error))
        return None


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _show(found: list[dict[str, Any]], as_json: bool) -> None:
    """The figures of every set, as JSON or as a table."""
    if as_json:
        rows = [{name: one[name] for name in COLUMNS} for one in found]
        print(json.dumps({"sets": rows}, indent=1, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Accuracy", title_justify="left")
    for column in COLUMNS:
        table.add_column(column, justify="left" if column == "name" else "right")
    for one in found:
        table.add_row(*(f"{one[name]:,}" if isinstance(one[name], int) else str(one[name]) for name in COLUMNS))
    Console().print(table)
