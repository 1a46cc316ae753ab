"""Writing a page: template, style sheet and facts become one file.

Here: rendering with autoescape. Not here: the facts, or how charts become SVG (`charts`).
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from matching import training_report
from matching.model import REPORT, Model
from stages.model_pages import charts
from store.home import write_durably

_HERE = Path(__file__).parent
_STYLES = (_HERE.parent / "report" / "report.css", _HERE / "models.css")


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
    css = Markup("\n".join(style.read_text(encoding="utf-8") for style in _STYLES))
    write_durably(path, (_environment().get_template(template).render(facts, css=css) + "\n").encode())
    return path


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["number"] = lambda value: f"{value:,}"
    made.filters["words"] = lambda value: str(value).replace("_", " ")
    made.filters["bits"] = lambda value: f"{value:+.2f}"
    made.filters["share"] = _share
    made.filters["probability"] = lambda value: f"{value:.3g}" if value < 0.9995 else f"{value:.6g}"
    return made


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f} %"
