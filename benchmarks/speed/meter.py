"""Seconds and peak memory of the stages of a night.

Here: which step belongs to which stage, and the meter. Not here: the nights.
"""

import resource
import time
from collections.abc import Callable
from pathlib import Path

STAGES = {
    "raw": "read", "std": "standardise", "children": "standardise", "match": "project", "pairs": "block and score",
    "clusters": "cluster", "crosswalk": "identity", "golden": "golden", "client": "view", "check": "checks",
    "scorecard": "checks", "certified": "checks", "live": "publish",
}  # fmt: skip
"""Stage by the first word of a step's name."""
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_FORGET_PEAK = "5"
"""What the kernel is told to forget the highest resident memory so far (proc(5))."""

Cost = dict[str, float]


class StageMeter:
    """Runs steps and adds up what they cost: `stages[name]` has `seconds`, `core_seconds` and `peak_mb`.

    Core-seconds are the processor time of all threads of this process: they hold on a busy machine too.
    """

    def __init__(self) -> None:
        self.stages: dict[str, Cost] = {}

    def __call__(self, step: str, work: Callable[[], object]) -> None:
        """Run a step of the night and count it for its stage."""
        _forget_peak()
        began = {"seconds": time.perf_counter(), "core_seconds": time.process_time()}
        work()
        ended = {"seconds": time.perf_counter(), "core_seconds": time.process_time()}
        known = self.stages.setdefault(STAGES[step.split("_")[0]], dict.fromkeys((*began, "peak_mb"), 0))
        for clock, start in began.items():
            known[clock] = round(known[clock] + ended[clock] - start, 3)
        known["peak_mb"] = max(known["peak_mb"], peak_mb())

    @property
    def seconds(self) -> float:
        """Seconds of all stages."""
        return round(sum(cost["seconds"] for cost in self.stages.values()), 3)

    @property
    def peak_mb(self) -> float:
        """Highest resident memory of any stage, in megabytes."""
        return max(cost["peak_mb"] for cost in self.stages.values())


def peak_mb() -> int:
    """Highest resident memory of this process since it was last forgotten, in megabytes."""
    if _STATUS.exists():
        told = dict(line.split(":", 1) for line in _STATUS.read_text(encoding="ascii").splitlines())
        return int(told["VmHWM"].split()[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _forget_peak() -> None:
    if _CLEAR.exists():
        _CLEAR.write_text(_FORGET_PEAK, encoding="ascii")
