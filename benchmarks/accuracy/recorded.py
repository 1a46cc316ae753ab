"""Recorded figures: what each set reached when someone last recorded it, and whether it fell since.

Here: reading, writing and comparing `recorded.yaml`. Not here: measuring. A figure is recorded by hand
(`--record`), so that a fall is a decision with a reason in the commit.
"""

from pathlib import Path
from typing import Any

import yaml

RECORDED = Path(__file__).with_name("recorded.yaml")
MOST_FALL = 0.002
"""F1 may not fall by more than this below the recorded one."""
KEPT = ("records", "precision", "recall", "f1", "b3_f1", "wrongly_merged", "wrongly_split", "blocking_loss")
_HEAD = """# Figures that each labelled set reached when they were last recorded: python -m benchmarks accuracy --data DIR --record
# F1 may not fall by more than .002 below them.
"""  # noqa: E501


def load_recorded(path: Path = RECORDED) -> dict[str, dict[str, float]]:
    """Recorded figures by name of the set."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.exists() else {}


def record(found: list[dict[str, Any]], path: Path = RECORDED) -> None:
    """Write the figures of `found` over the recorded ones; other sets stay."""
    kept = load_recorded(path) | {one["name"]: {name: one[name] for name in KEPT} for one in found}
    path.write_text(_HEAD + yaml.safe_dump(dict(sorted(kept.items())), sort_keys=False), encoding="utf-8")


def fallen(found: list[dict[str, Any]], recorded: dict[str, dict[str, float]]) -> list[str]:
    """A sentence for every set whose F1 fell too far; a set never recorded cannot fall."""
    return [
        f"{one['name']}: f1 is {one['f1']:.6f}, recorded is {recorded[one['name']]['f1']:.6f}; "
        f"find the change that lost it, or record the new figure with --record"
        for one in found
        if one["name"] in recorded and one["f1"] < recorded[one["name"]]["f1"] - MOST_FALL
    ]
