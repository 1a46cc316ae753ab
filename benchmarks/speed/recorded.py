"""The record of speed: one run a size.

Here: reading and writing `recorded.json`. Not here: measuring, what the documentation shows of it (page).
"""

import json
from pathlib import Path
from typing import Any

Figures = dict[str, Any]
RECORDED = Path(__file__).with_name("recorded.json")


def load_recorded(path: Path = RECORDED) -> list[Figures]:
    """Recorded runs, the smallest first."""
    found: list[Figures] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return found


def record(found: Figures, path: Path = RECORDED) -> None:
    """Keep the run in the place of one of about the same size (a tenth apart)."""
    others = [one for one in load_recorded(path) if abs(one["records"] - found["records"]) > found["records"] / 10]
    kept = sorted([*others, found], key=lambda one: int(one["records"]))
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
