"""What more records would cost: the measured core-seconds of each stage, carried on in a straight line.

Here: Markdown from the record of speed. Not here: measuring (measure), how a cluster is set up (docs/scale.md).
"""

from collections.abc import Sequence

from benchmarks.speed.page import table
from benchmarks.speed.recorded import Figures, load_recorded

SPREAD = {
    "standardise": "both", "project": "cluster", "block and score": "cluster", "cluster": "cluster",
    "golden": "cluster",
}  # fmt: skip
"""Where `engine: spark` runs the stages that do not stay on the driver (stages/spread)."""
SIZES = (10, 100, 1_000)
"""Millions of records."""
_HEAD = """# Sizing

What the stages of a full night cost as core-seconds (processor time of all threads) for a million records, measured at
{records:,} records of the synthetic bank on two cores by `python -m benchmarks speed`, and core-hours for more records
**in a straight line: an estimate, not a measurement**. It is too high where a stage has a fixed cost, and too low for
blocking: candidate pairs grow faster than records until rules reach their cap. How to read it: [scale](../scale.md).

"""
_PUBLISHED = "Memory, and the limits of one machine: [speed](speed.md).\n"


def page() -> str:
    """The page as Markdown, from the largest run whose core-seconds are recorded."""
    runs = [run for run in load_recorded() if all("core_seconds" in cost for cost in run["stages"].values())]
    return sized(runs[-1]) if runs else "# Sizing\n\nNo run with core-seconds is recorded yet.\n"


def sized(run: Figures) -> str:
    """Core-seconds per million records by stage, and core-hours at the sizes, added up by where they run."""
    millions = run["records"] / 1e6
    costs = {stage: cost["core_seconds"] / millions for stage, cost in run["stages"].items()}
    head = ("stage", "runs on", "core-s for 1M", *(f"{size:,}M, core-hours" for size in SIZES))
    rows = [_row(stage, SPREAD.get(stage, "driver"), cost) for stage, cost in costs.items()]
    for place in ("cluster", "both", "driver"):
        rows.append(_row("**all**", place, sum(cost for one, cost in costs.items() if _place(one) == place)))
    return _HEAD.format(records=run["records"]) + table(head, rows) + "\n" + _PUBLISHED


def _place(stage: str) -> str:
    return SPREAD.get(stage, "driver")


def _row(stage: str, place: str, cost: float) -> Sequence[str]:
    return (stage, place, f"{cost:,.0f}", *(f"{cost * size / 3600:,.1f}" for size in SIZES))
