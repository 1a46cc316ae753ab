"""One labelled set in this process: train, run a night, publish; then judge.

Here: what a user would do with the set's case file, and the figures of the result. Not here: the process around it
(benchmarks/accuracy/apart). The truth file is opened only after the night is published.
"""

import sys
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.accuracy.failures import failures
from benchmarks.accuracy.sets import LabelledSet
from pipelines.context import set_place
from pipelines.run import run_night, train
from stages.evaluate import evaluate_live
from store.home import Home

DAY = date(2026, 3, 2)
"""Business date of every run; no figure depends on it."""
FIGURES = ("precision", "recall", "f1", "b3_f1", "wrongly_merged", "wrongly_split", "blocking_loss")
Result = dict[str, Any]


def measure(one: LabelledSet, home: Path, started: float, examples: int | None = None) -> Result:
    """Name, records, seconds since `started` (monotonic) up to publication, figures of all records of the truth.

    With `examples` also the failing pairs by cause, at most so many examples of each.
    """
    place = set_place(one.case, home, one.folder)
    train(place, DAY, tell)
    run_night(place, DAY, listener=tell)
    return judged(one, Home(home), time.monotonic() - started, examples)


def judged(one: LabelledSet, home: Home, seconds: float, examples: int | None) -> Result:
    """Figures, seconds and, with `examples`, failing pairs of the live version of `home`."""
    found = judge(one, home) | {"seconds": round(seconds, 1)}
    return found if examples is None else found | {"failures": failures(home, one.truth, examples)}


def judge(one: LabelledSet, home: Home) -> Result:
    """Figures of the live version of `home` against the set's truth."""
    whole = evaluate_live(home, one.truth)["all"]
    return {"name": one.name, "records": whole["records"], **{figure: whole[figure] for figure in FIGURES}}


def tell(step: str, what: str, counts: Mapping[str, int]) -> None:
    """A line of progress for every finished step."""
    if what == "finished":
        told = ", ".join(f"{rows:,} {name}" for name, rows in list(counts.items())[:3])
        print(f"    {step}  {told}", file=sys.stderr, flush=True)
