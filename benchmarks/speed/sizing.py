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
CORES = 2
"""Of the machine that the record is from."""
_HEAD = """# Sizing

What the stages of a full night cost in core-seconds for a million records, and in core-hours for more, **in a straight
line from {records:,} records of the synthetic bank: an estimate, not a measurement**. {measured}

It is too high where a stage has a fixed cost, the more so the smaller the measured bank. It is too low for blocking:
candidate pairs grow faster than records until rules reach their cap. How to read it: [scale](../scale.md). Memory, and
seconds on one machine: [speed](speed.md).

"""
_MEASURED = {
    True: "Core-seconds are the processor time of all threads, as `python -m benchmarks speed` measured it.",
    False: f"That run kept elapsed time alone; its core-seconds are taken as if both of {CORES} cores had been busy.",
}


def page() -> str:
    """The page as Markdown, from the largest recorded run; of those, if any, whose core-seconds are recorded."""
    runs = sorted(load_recorded(), key=lambda run: (_is_measured(run), run["records"]))
    return sized(runs[-1])


def _is_measured(run: Figures) -> bool:
    return all("core_seconds" in cost for cost in run["stages"].values())


def sized(run: Figures) -> str:
    """Core-seconds per million records by stage, and core-hours at the sizes, added up by where they run."""
    millions = run["records"] / 1e6
    spent = {stage: cost.get("core_seconds", cost["seconds"] * CORES) for stage, cost in run["stages"].items()}
    costs = {stage: cost / millions for stage, cost in spent.items()}
    head = ("stage", "runs on", "core-s for 1M", *(f"{size:,}M, core-hours" for size in SIZES))
    rows = [_row(stage, _place(stage), cost) for stage, cost in costs.items()]
    for place in ("cluster", "both", "driver"):
        rows.append(_row("**all**", place, sum(cost for one, cost in costs.items() if _place(one) == place)))
    return _HEAD.format(records=run["records"], measured=_MEASURED[_is_measured(run)]) + table(head, rows)


def _place(stage: str) -> str:
    return SPREAD.get(stage, "driver")


def _row(stage: str, place: str, cost: float) -> Sequence[str]:
    return (stage, place, f"{cost:,.0f}", *(f"{cost * size / 3600:,.1f}" for size in SIZES))
