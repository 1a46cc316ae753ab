"""The command explain: why two records, or two clients, are or are not one client.

Here: arguments and output. Not here: finding the reasons (stages/explain) or the picture (stages/report/waterfall).
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import HOME, HomeOption, Json, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from matching.explanation import Evidence, Step, Values
    from stages.explain import Explanation, Link

BAR, WIDE = 34, 170
"""Characters of a bar, and of a screen wide enough for it beside everything else."""
Cell = tuple[str, str]
"""Text and its style."""
_SIDE = "SOURCE:RECORD_ID, or a client number"


def add(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(explain)


def explain(
    a: Annotated[str, typer.Argument(help=f"{_SIDE}.")],
    b: Annotated[str, typer.Argument(help=f"{_SIDE}; the same client again asks what holds it together.")],
    home: HomeOption = HOME, json: Json = False,
    svg: Annotated[Path | None, typer.Option("--svg", help="Also write the waterfall of the evidence here.")] = None,
    no_values: Annotated[bool, typer.Option("--no-values", help="Letters in place of clients' values.")] = False,
    version: Annotated[int | None, typer.Option(help="Version; by default the live one.", min=1)] = None,
) -> None:  # fmt: skip
    """Explain why two records or clients are, or are not, one client: evidence step by step, rules, review items."""
    from dataclasses import asdict

    from stages.explain import explain as ask
    from stages.explain import without_values
    from store.home import Home

    found = ask(Home(home), a, b, version)
    found = without_values(found) if no_values else found
    if svg:
        _draw(found, svg)
    if json:
        return show_json(asdict(found))
    _show(found)
    if svg:
        print(f"Picture     {svg}")


def _draw(found: "Explanation", path: Path) -> None:
    from rules.errors import NotFound
    from stages.report.waterfall import waterfall

    if found.evidence is None:
        raise NotFound(str(path), "nothing to draw: no model compares these two", "leave out --svg")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(waterfall(found.evidence, found.pair, found.why), encoding="utf-8")


def _show(found: "Explanation") -> None:
    from rich.text import Text

    console = _console()
    if found.evidence:
        console.print(_evidence(found.evidence, found.pair, console.width))
        _show_rules(found)
    if len(found.path) > 1:
        _show_links("Strongest path between them", found.path)
    if len(found.edges) > 1:
        _show_links("Strongest pairs between them", found.edges)
    for item in found.review:
        console.print(Text(f"Review item ({item.kind}) {item.left} – {item.right}: {item.reason}"))
    for decision in found.decisions:
        console.print(Text(f"Decision {decision.id} ({decision.kind}, by {decision.author}): {decision.reason}"))
    console.print(Text(f"Version {found.version}, {found.verdict}: ", "bold") + Text(found.why))


def _console() -> "Console":
    """The terminal's own width; what goes to a file or a pipe has room for everything."""
    from rich.console import Console

    free = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(highlight=False, width=WIDE if free else None)


def _evidence(evidence: "Evidence", pair: tuple[str, str], width: int) -> "Table":
    """A row per step with its bar where there is room, and the total against the thresholds."""
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold", title=f"Evidence in bits, model {evidence.model}", title_justify="left")
    for column in ("evidence", *pair, "level"):
        table.add_column(Text(column), overflow="fold")
    for column in ("bits", "rarity", "total"):
        table.add_column(column, justify="right", no_wrap=True)
    room = min(width - WIDE + BAR, BAR)
    if room >= BAR // 3:
        table.add_column("", no_wrap=True, min_width=room)
    for row in _lines(evidence, room):
        table.add_row(*(Text.assemble(cell) for cell in row[: len(table.columns)]))
    return table


def _lines(evidence: "Evidence", room: int) -> list[list[Cell]]:
    """The cells of every row, the bar last; each is text with its style."""
    totals = [0, *(step.total for step in evidence.steps)]
    scale = min(totals), max(*totals, min(totals) + 1)
    rows: list[list[Cell]] = []
    for step in evidence.steps:
        numbers = ["" if step.gamma == -1 else _bits(step.weight + step.frequency), _bits(step.frequency or None)]
        cells = [plain(step.name), _told(step.left), _told(step.right), step.label, *numbers, _bits(step.total)]
        rows.append([*((cell, "") for cell in cells), _bar(step, *scale, room)])
    limits = f"match from {_bits(evidence.match_weight)}, review from {_bits(evidence.review_weight)}"
    last = ["total", limits, "", evidence.band, "", "", _bits(evidence.weight), ""]
    return [*rows, [(cell, "bold") for cell in last]]


def plain(name: str) -> str:
    """A field's name as words."""
    return name.replace("_", " ")


def _told(values: "Values") -> str:
    return " · ".join(value for column in values.values() for value in column)


def _bits(weight: int | None) -> str:
    return "" if weight is None else f"{weight / 1e6:+.2f}"


def _bar(step: "Step", low: int, high: int, room: int) -> Cell:
    """From the running total before to the one after: solid for the pair, shaded against it."""
    before, after = step.total - step.weight - step.frequency, step.total
    start, end = (round((value - low) / (high - low) * room) for value in sorted((before, after)))
    length = max(end - start, 1 if before != after else 0)
    return " " * start + ("█" if after > before else "▒") * length, "blue" if after > before else "red"


def _show_rules(found: "Explanation") -> None:
    """Which blocking rules find the pair, and by what the others miss it."""
    rows = []
    for rule in found.rules:
        state = ("yes" if rule.finds else "no") + ("" if rule.used else " (refused: too many pairs)")
        rows.append([rule.rule, state, ", ".join(rule.because)])
    show_table("Blocking rules", ["rule", "finds the pair", "because"], rows)


def _show_links(title: str, links: "Sequence[Link]") -> None:
    show_table(title, ["from", "to", "bits"], [[link.left, link.right, round(link.weight / 1e6, 2)] for link in links])
