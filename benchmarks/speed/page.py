"""What the documentation shows of the record of speed: a table and a picture.

Here: Markdown and SVG. Not here: the record, writing files (cli/docs).
"""

from collections.abc import Sequence

import vl_convert

from benchmarks.speed.recorded import Figures, load_recorded

_SHOWN = {"full night": "total_seconds", "first night": "cold_seconds", "bare Splink": "bare_splink_seconds"}
_NIGHT = "night of 1%"
_HEAD = """# Speed

Measured by `python -m benchmarks speed --records N --record` on the synthetic bank, from the source systems to
publication, without training and start-up. *Full* computes everything, with standard forms of values remembered;
*first* knows none yet. *Night* is the same night computed from what changed, and equal to the full one, table by table.
*Bare Splink* loads, predicts and clusters the same standardised records with the same model and nothing around it.
`--profile FOLDER` leaves the slowest statements of both nights with their plans instead of a record.

![Seconds against records](../assets/speed.svg)

"""


def page() -> str:
    """The page as Markdown: a row a size, then the stages of the largest."""
    runs = load_recorded()
    head = ("records", "full, s", "× bare Splink", "first, s", "night, s", "of full", "peak MB")
    rows = [
        (
            f"{run['records']:,}", f"{run['total_seconds']:.0f}", f"{run['ratio']:.1f}", f"{run['cold_seconds']:.0f}",
            f"{run['night']['seconds']:.0f}", f"{run['night']['share']:.0%}", f"{run['peak_mb']:,.0f}",
        )
        for run in runs
    ]  # fmt: skip
    return _HEAD + table(head, rows) + "".join(map(_stages, runs[-1:]))


def _stages(run: Figures) -> str:
    rows = [
        (name, f"{cost['seconds']:.1f}", f"{run['night']['stages'][name]['seconds']:.1f}", f"{cost['peak_mb']:,.0f}")
        for name, cost in run["stages"].items()
    ]
    told = table(("stage", "full, s", "night, s", "peak MB"), rows)
    return f"\n## Stages at {run['records']:,} records\n\n{told}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown; all columns but the first are figures."""
    aligned = ("---", *("---:" for _ in head[1:]))
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, aligned, *rows))


def picture() -> str:
    """The record as SVG."""
    return drawn(load_recorded())


def drawn(runs: Sequence[Figures]) -> str:
    """Seconds against records as SVG, both axes logarithmic."""
    points = [
        {"records": run["records"], "seconds": run[name], "what": what} for run in runs for what, name in _SHOWN.items()
    ]
    points += [{"records": run["records"], "seconds": run["night"]["seconds"], "what": _NIGHT} for run in runs]
    svg: str = vl_convert.vegalite_to_svg(_specification(points))
    return svg


def _specification(points: Sequence[Figures]) -> Figures:
    scale = {"type": "log", "nice": False}
    x = {"field": "records", "type": "quantitative", "scale": scale, "axis": {"format": "~s", "tickCount": 4}}
    y = {"field": "seconds", "type": "quantitative", "scale": {"type": "log"}, "axis": {"format": "~g", "tickCount": 5}}
    colour = {"field": "what", "type": "nominal", "title": None, "scale": {"scheme": "tableau10"}}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 480, "height": 300, "background": "white", "data": {"values": points},
        "mark": {"type": "line", "point": True},
        "encoding": {"x": x, "y": y, "color": colour},
        "config": {"font": "sans-serif", "view": {"stroke": None}},
    }  # fmt: skip
