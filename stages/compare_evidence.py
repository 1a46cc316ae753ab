"""The comparison that a proposal rests on: the one of these models, records and terms, whole, with its page redrawn.

Here: finding and judging it. Not here: making it (compare), the log (promotions). That its figures are those of the
models nobody can tell without comparing again; what it is about, and under which terms, can be told.
"""

import json
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from matching.model import Model, load
from rules.errors import ModelError
from rules.settings import Settings
from stages import compare_terms
from stages.compare import FOLDER, input_hash
from stages.model_pages import write_comparison
from store import versions
from store.home import Home
from store.manifest import Manifest

Row = dict[str, Any]
FILE = "comparison.json"


def evidence(home: Home, settings: Settings, current: str, new: Model) -> Path:
    """The comparison of `current` and `new` on the live version's records, under the terms of registry.yaml.

    Of several, which differ by the truth file only, one with truth goes first. ModelError where there is none.
    """
    version = versions.manifest(home)
    prefix = f"{current}__{new.name}__{input_hash(version)}__"
    found = sorted((home.models / FOLDER).glob(f"{prefix}*/{FILE}"))
    again = f"run `registry models compare {current} {new.name} --config {settings.path}`"
    if not found:
        problem = f"was not compared with {current} on the records of version {version.version}"
        raise ModelError(f"model {new.name}", problem, again)
    models = {"a": load(home.models, new.party_type, current), "b": new}
    right = [path for path in found if _same_terms(path, settings, models, version)]
    if not right:
        problem = f"was compared with {current} under other terms than those of {settings.path}, or not as a whole"
        raise ModelError(f"model {new.name}", problem, again)
    return min(right, key=lambda path: (_read(path)["truth"] is None, path))


def check(home: Home, settings: Settings, current: str, new: Model, name: str) -> Path:
    """The comparison called `name`, if a proposal made now could still rest on it."""
    path = home.models / FOLDER / name / FILE
    version = versions.manifest(home)
    models = {"a": load(home.models, new.party_type, current), "b": new}
    of_these = name.startswith(f"{current}__{new.name}__{input_hash(version)}__")
    if not (of_these and path.exists() and _same_terms(path, settings, models, version)):
        problem = "was proposed on other records or under other terms than those of now"
        raise ModelError(f"model {new.name}", problem, "compare and propose anew")
    return path


def _same_terms(path: Path, settings: Settings, models: dict[str, Model], version: Manifest) -> bool:
    """Whether the file is whole, is about these models and records, and its terms are those of now but for truth."""
    try:
        found = _read(path)
        terms = compare_terms.told(compare_terms.of(version, settings), models, version, None)
        told = (found["party_type"], found["a"]["name"], found["b"]["name"], found["input"])
        asked = (models["a"].party_type, models["a"].name, models["b"].name, input_hash(version))
        same = told == asked and found["terms"] | {"truth": None} == terms
        named = path.parent.name.endswith(f"__{compare_terms.digest(found['terms'])}")
        return same and named and _whole(found, path)
    except (ValueError, KeyError, TypeError, AttributeError, TemplateError):
        return False


def _whole(found: Row, path: Path) -> bool:
    """Its sums hold, it says of truth what its terms say, and its page can be drawn.

    The page is drawn anew: what a person reads is what was checked.
    """
    for side in "ab":
        if sum(kind[side] for kind in found["clusters"].values()) != found[side]["clusters"]:
            return False
    records = sum(kind["records"] for kind in found["clusters"].values())
    if records != found["records"] or (found["truth"] is None) != (found["terms"]["truth"] is None):
        return False
    write_comparison(found, path.with_name("comparison.html"))
    return True


def _read(path: Path) -> Row:
    found: Row = json.loads(path.read_text(encoding="utf-8"))
    return found
