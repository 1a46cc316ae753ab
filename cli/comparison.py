"""The comparison of two models on the terminal.

Here: which of its figures a person sees at once. Not here: the figures (stages/compare), the page with all of them.
"""

from pathlib import Path
from typing import Any

from cli.options import show_table

Row = dict[str, Any]


def show_comparison(found: Row, home: Path) -> None:
    """Clusters, client numbers, pairs lost to blocking and, where truth was given, precision and recall."""
    print(f"A {found['a']['name']}, B {found['b']['name']}: {found['records']:,} records of version {found['version']}")
    show_table("Clusters", ["", "of A", "of B", "records"], [
        [kind, row["a"], row["b"], row["records"]] for kind, row in found["clusters"].items()
    ])  # fmt: skip
    numbers = found["numbers"]
    show_table("Client numbers, were a night run now", ["", "under A", "under B"], [
        [event.replace("_", " "), numbers["a"][event], numbers["b"][event]] for event in numbers["a"]
    ])  # fmt: skip
    show_table("Pairs joined by one, compared by no rule of the other", ["", "pairs", "apart in the end"], [
        [side.replace("_", " "), row["pairs"], row["apart"]] for side, row in found["lost_to_blocking"].items()
    ])  # fmt: skip
    if found["truth"]:
        _show_truth(found["truth"])
    print(f"Report: {home / found['report']}")


def _show_truth(truth: Row) -> None:
    rows = [[name, *(_interval(truth[side][name]) for side in "ab")] for name in ("precision", "recall")]
    rows += [[name.replace("_", " "), *(str(truth[side][name]) for side in "ab")]
             for name in ("wrongly_merged", "wrongly_split")]  # fmt: skip
    show_table("Against truth, with 95 % intervals", ["", "under A", "under B"], rows)


def _interval(found: Row) -> str:
    share = "–" if found["share"] is None else f"{found['share']:.4f}"
    return f"{share} ({found['low']:.4f} – {found['high']:.4f})"
