"""`python -m benchmarks speed`: the figures as a table or as JSON.

Here: arguments and output. Not here: the nights (measure).
"""

import json as js
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.speed import recorded
from benchmarks.speed.measure import measure
from rules.engine import Spark
from rules.errors import ConfigError
from rules.load import parse
from rules.settings import Registry


def speed(
    records: Annotated[int, typer.Option(min=100, help="Records of the synthetic bank, about.")] = 200_000,
    night: Annotated[float, typer.Option(min=0.01, max=0.2, help="Share of records that change in a night.")] = 0.01,
    keep: Annotated[Path | None, typer.Option(help="Folder for bank and homes; by default a temporary one.")] = None,
    engine: Annotated[str, typer.Option(help="`duckdb`, or `spark` with --config.")] = "duckdb",
    config: Annotated[Path | None, typer.Option(help="A registry.yaml whose section `spark` is the cluster.")] = None,
    profile: Annotated[Path | None, typer.Option(help="Folder for the slowest statements and their plans.")] = None,
    record: Annotated[bool, typer.Option("--record", help="Keep the figures in the record and draw its plot.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Seconds and peak memory of a full and of an incremental night by stage, against bare Splink."""
    if profile and record:
        raise ConfigError("--record", "keeps runs that nobody watches", "leave out --record or --profile")
    spark = _cluster(config) if engine == "spark" else None
    if spark and record:
        raise ConfigError("--record", "keeps runs of one machine", "leave out --record or --engine")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = measure(records, night, keep or Path(folder), spark, profile)
    if record:
        recorded.record(found)
    if json:
        print(js.dumps(found, indent=1))
    else:
        _show(found)
    if not found["night"]["equal"]:
        raise typer.Exit(1)


def _cluster(config: Path | None) -> Spark:
    found = parse(Registry, config).spark if config else None
    if found is None:
        raise ConfigError("--engine spark", "needs a cluster", "give --config, a registry.yaml with a section `spark`")
    return found


def _show(found: dict[str, Any]) -> None:
    part = found["night"]
    print(f"{'stage':18}{'full s':>10}{'peak MB':>10}{'night s':>10}")
    for name, cost in found["stages"].items():
        print(f"{name:18}{cost['seconds']:>10.1f}{cost['peak_mb']:>10,.0f}{part['stages'][name]['seconds']:>10.1f}")
    print(f"{'all':18}{found['total_seconds']:>10.1f}{found['peak_mb']:>10,.0f}{part['seconds']:>10.1f}")
    bare = f"{found['ratio']} × bare Splink ({found['bare_splink_seconds']:.1f} s)"
    print(f"{found['records']:,} records, {bare}; the night")
    print(f"took {part['share']:.0%} of the full one and is {'equal' if part['equal'] else 'NOT EQUAL'} to it")
