"""Commands about a version: quality, gates, notes, report.

Here: arguments and output. Not here: the work (stages/scores, stages/notes, stages/management, the manifest).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import HOME, HomeOption, Json, show_json, show_table

Version = Annotated[int | None, typer.Option("--version", help="Version to look at; by default the live one.")]


def add(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (quality, gates, notes, report):
        app.command()(command)


def quality(
    source: Annotated[str | None, typer.Option("--source", help="Only this source.")] = None,
    issues: Annotated[bool, typer.Option("--issues", help="Only what misses its target.")] = False,
    version: Version = None, home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Show scorecards per source, field and rule, with the night before, and the issues of each owner."""
    from stages.scores import scores
    from store.home import Home

    found = scores(Home(home), source, version)
    if json:
        return show_json(found["issues"] if issues else found)
    if not issues:
        rows = [[s["source"], s["field"], s["rule"], s["checked"], _share(s, ""), _share(s, "_before")]
                for s in found["scores"]]  # fmt: skip
        show_table(
            f"Scores of version {found['version']}", ["source", "field", "rule", "checked", "kept", "before"], rows
        )
    columns = ["owner", "source", "field", "rule", "failed", "checked", "first_seen", "resolved"]
    listed = [[one[name] for name in columns] for one in found["issues"]]
    show_table("Issues", columns, listed) if listed else print("Every score reaches its target.")


def _share(score: dict[str, Any], when: str) -> str:
    checked, passed = score[f"checked{when}"], score[f"passed{when}"]
    return f"{passed / checked:.1%}" if checked else "–"


def gates(version: Version = None, home: HomeOption = HOME, json: Json = False) -> None:
    """Show what each gate said before a version was promoted, and who overrode it."""
    from store import versions
    from store.home import Home

    found = [entry.model_dump() for entry in versions.manifest(Home(home), version).gates]
    if json:
        return show_json(found)
    columns = ["gate", "subject", "found", "expected", "verdict"]
    show_table("Gates", columns, [[*(one[name] for name in columns[:4]), _verdict(one)] for one in found])


def _verdict(one: dict[str, Any]) -> str:
    if one["ok"]:
        return "kept"
    return f"overridden by {one['overridden_by']}: {one['reason']}" if one["overridden_by"] else "warning"


def notes(
    version: Annotated[int | None, typer.Argument(help="Version; by default the live one.")] = None,
    home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Print the release notes of a version (Markdown)."""
    from stages.notes import read
    from store.home import Home

    text = read(Home(home), version)
    show_json({"version": version, "notes": text}) if json else print(text, end="")


def report(
    folder: Annotated[Path, typer.Option("--folder", help="Where to write the page and the workbook.")] = Path(),
    version: Version = None, home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Write the management reports: clients, financial result, portfolio per manager, findings per owner."""
    from stages.management import write
    from store.home import Home

    written = [str(path) for path in write(Home(home), folder, version)]
    show_json({"files": written}) if json else print("\n".join(written))
