"""Progress of a run: one line per step with its rows and seconds.

Here: what a person sees while it runs. Not here: the steps.
"""

import time
from collections.abc import Mapping
from types import TracebackType


class Progress:
    """A listener for pipelines.steps that shows a running line per step; silent when `quiet`."""

    def __init__(self, title: str, quiet: bool = False, steps: int | None = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=Console(stderr=True, quiet=quiet), transient=True,
        )  # fmt: skip
        self._console = self._bar.console
        self._title, self._task = title, self._bar.add_task(title, total=steps)
        self._begun: dict[str, float] = {}

    def __enter__(self) -> "Progress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def stage(self, title: str) -> "Progress":
        """Go on under another title."""
        self._title = title
        self._console.print(f"[bold]{title}[/]")
        return self

    def __call__(self, step: str, what: str, counts: Mapping[str, int]) -> None:
        """Told by every step when it starts and finishes, and what comes next in a sentence."""
        if what == "announced":
            self._console.print(f"  [dim]{step}[/]")
            return
        if what == "started":
            self._begun[step] = time.perf_counter()
            self._bar.update(self._task, description=f"{self._title}: {step}")
            return
        seconds = time.perf_counter() - self._begun.get(step, time.perf_counter())
        told = ", ".join(f"{rows:,} {name}" for name, rows in list(counts.items())[:4])
        self._console.print(f"  [green]✓[/] {step:<22} {seconds:6.1f} s  [dim]{told}[/]")
        self._bar.advance(self._task)
