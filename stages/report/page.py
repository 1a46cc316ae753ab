"""Writing the page: template, style sheet and sections become one file.

Here: rendering, with autoescape, into a file that appears complete or not at all. Not here: what the sections say.
"""

from pathlib import Path

import duckdb

from stages.paper import render
from stages.report.facts import RunFacts
from stages.report.sections import all_sections, percent
from stages.report.tables import complete

_HERE = Path(__file__).parent


def write_report(con: duckdb.DuckDBPyConnection, facts: RunFacts, path: Path) -> None:
    """Write the night's report to `path`: one HTML file, no address outside it, no script.

    Reads the contract tables, `input_count` and `change_event` from `con`; a missing one shows as an
    empty section. Client values appear only when `facts.show_client_values`.
    """
    with complete(con):
        html = render(_HERE, "report.html", {"percent": percent, **all_sections(con, facts)}, {})
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(html, encoding="utf-8")
    part.replace(path)
