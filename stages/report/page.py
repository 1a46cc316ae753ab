"""Writing the page: template, style sheet and sections become one file.

Here: rendering, with autoescape, into a file that appears complete or not at all. Not here: what the sections say.
"""

from pathlib import Path

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stages.report.facts import RunFacts
from stages.report.sections import all_sections, percent
from stages.report.tables import complete

_HERE = Path(__file__).parent


def write_report(con: duckdb.DuckDBPyConnection, facts: RunFacts, path: Path) -> None:
    """Write the night's report to `path`: one HTML file, no address outside it, no script.

    Reads the contract tables, `input_count`, `quality_score` and `change_event` from `con`; a missing one shows as an
    empty section. Client values appear only when `facts.show_client_values`.
    """
    with complete(con):
        html = _environment().get_template("report.html").render(all_sections(con, facts), css=_style())
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(html, encoding="utf-8")
    part.replace(path)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["words"] = lambda value: str(value).replace("_", " ")
    environment.globals["percent"] = percent
    return environment


def _style() -> Markup:
    return Markup((_HERE / "report.css").read_text(encoding="utf-8"))
