"""`python -m benchmarks names`: the figures as a table or as JSON.

Here: options and printing. Not here: measuring.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.names.measure import measure

Data = Annotated[Path, typer.Option("--data", help="folder above opensanctions_name_bench/cases.parquet")]


def names(data: Data, as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False) -> None:
    """Judge labelled pairs of names by the ladders alone: precision, recall, F1 for persons and organisations."""
    found = measure(data)
    typer.echo(json.dumps(found) if as_json else "\n".join(_line(party, row) for party, row in found.items()))


def _line(party: str, row: dict[str, Any]) -> str:
    return (
        f"{party:13} {row['cases']:5} cases  precision {row['precision']:.3f}  recall {row['recall']:.3f}"
        f"  F1 {row['f1']:.3f}  (as identity: F1 {row['identity']['f1']:.3f})"
    )
