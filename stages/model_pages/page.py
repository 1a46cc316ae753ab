"""Writing a page: template, style sheet and facts become one file.

Here: rendering with autoescape. Not here: the facts, or how charts become SVG (`charts`).
"""

from pathlib import Path
from typing import Any

from matching import training_report
from matching.model import REPORT, Model
from stages.model_pages import charts
from stages.paper import render
from store.home import write_durably

_HERE = Path(__file__).parent


def write_training_report(model: Model, work: Path) -> Path:
    """Write `report.html` beside the model's files and return its path; the model's name does not depend on it."""
    drawn = training_report.charts(model, work)
    pictures = {name: charts.draw(spec, charts.LABELS[name]) for name, spec in drawn.items()}
    return _write("training.html", model.folder / REPORT, {"model": model, "charts": pictures,
                                                           **training_report.facts(model)})  # fmt: skip


def write_comparison(found: dict[str, Any], path: Path) -> Path:
    """Write the page of a comparison (see stages/compare) and return its path."""
    return _write("comparison.html", path, {"found": found, "shifts": charts.shifts(found["weights"]["bins"])})


def _write(template: str, path: Path, facts: dict[str, Any]) -> Path:
    write_durably(path, (render(_HERE, template, facts, _FILTERS, "models.css") + "\n").encode())
    return path


def _probability(value: float) -> str:
    return f"{value:.3g}" if value < 0.9995 else f"{value:.6g}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f} %"


_FILTERS = {"bits": lambda value: f"{value:+.2f}", "share": _share, "probability": _probability}
