"""Rendering: a template of some folder, in the frame of this one, with the style sheets put in.

Here: the Jinja environment. Not here: writing the file, or what the values are.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

_HERE = Path(__file__).parent
Filters = Mapping[str, Callable[[Any], str]]


def render(folder: Path, template: str, values: Mapping[str, Any], filters: Filters, *styles: str) -> str:
    """The page that `template` of `folder` makes of `values`; `styles` are style sheets of the folder's own."""
    css = [_HERE / "page.css", *(folder / style for style in styles)]
    sheet = Markup("\n".join(path.read_text(encoding="utf-8") for path in css))
    return _environment(folder, filters).get_template(template).render(values, css=sheet)


def _environment(folder: Path, filters: Filters) -> Environment:
    made = Environment(
        loader=FileSystemLoader([folder, _HERE]), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"number": _number, "words": _words, **filters}
    return made


def _number(value: Any) -> str:
    return f"{value:,}"


def _words(value: Any) -> str:
    return str(value).replace("_", " ")
