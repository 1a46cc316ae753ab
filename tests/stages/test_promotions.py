"""Promotion end to end on the demo: comparison, proposal, approval, and the night that follows; no night trains."""

import ast
from pathlib import Path

import pytest

from matching import promotions
from rules.errors import HomeBusy, ModelError
from stages import promotions as stage
from stages.compare import compare, place
from stages.match import pinned
from store import lock, versions
from store.hashing import file_sha256
from tests.stages.models import sibling

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): file_sha256(path) for path in folder.rglob("*") if path.is_file()}


def test_a_new_model_becomes_live_by_comparison_and_two_persons(small_live, compute, days):
    home = small_live.home
    new = sibling(home.models, "person", match_weight=9_000_000)
    first = promotions.aliases(home.models, "person")["bootstrap"]
    with pytest.raises(ModelError, match=f"registry models compare {first} {new.name}"):
        stage.propose(home, "person", new.name, "bootstrap", "ann")
    compare(home, "person", first, new.name, None, small_live.settings)
    with pytest.raises(ModelError, match="nobody proposed it"):
        stage.approve(home, "person", new.name, "bootstrap", "bob")
    stage.propose(home, "person", new.name, "bootstrap", "ann")
    with pytest.raises(ModelError, match="second person"):
        stage.approve(home, "person", new.name, "bootstrap", "ann")
    assert pinned(small_live.night(days.second), "person").name == first
    stage.approve(home, "person", new.name, "bootstrap", "bob")
    compare(home, "person", new.name, first, None, small_live.settings)
    before = contents(home.models)
    made = compute(small_live, days.second)
    assert made.models["person"] == new.name and made.models["organisation"] != new.name
    assert contents(home.models) == before, "a night neither trains nor promotes"
    with pytest.raises(ModelError, match="on the records of version 2"):
        stage.propose(home, "person", first, "bootstrap", "ann")


def test_a_changed_comparison_voids_the_proposal(small_live):
    home = small_live.home
    new, first = sibling(home.models, "person", match_weight=9_000_000), pinned(small_live.night(None), "person").name
    compare(home, "person", first, new.name, None, small_live.settings)
    stage.propose(home, "person", new.name, "bootstrap", "ann")
    report = place(home, first, new.name, versions.manifest(home)) / "comparison.json"
    report.write_text(report.read_text(encoding="utf-8").replace('"same"', '"good"'), encoding="utf-8")
    with pytest.raises(ModelError, match="propose anew"):
        stage.approve(home, "person", new.name, "bootstrap", "bob")


def test_what_is_live_already_needs_no_promotion(small_live):
    with pytest.raises(ModelError, match="in use already"):
        stage.propose(small_live.home, "person", "bootstrap", "bootstrap", "ann")


def test_no_model_changes_under_a_running_night(small_live, monkeypatch):
    monkeypatch.setattr(lock, "_held", {})
    other = lock.FileLock(small_live.home.root / "run.lock")
    with other, pytest.raises(HomeBusy):
        stage.propose(small_live.home, "person", "bootstrap", "second", "ann")


def test_nothing_that_a_night_is_made_of_can_train():
    """Training has one way in, and only commands and benchmarks take it."""
    rooms = ("stages", "pipelines", "cli", "benchmarks")
    files = {path.relative_to(ROOT).as_posix(): path for room in rooms for path in (ROOT / room).rglob("*.py")}
    imports = {name: _imported(path) for name, path in files.items()}
    assert {name for name, found in imports.items() if "stages.train" in found} == {"pipelines/run.py"}
    askers = {name for name, found in imports.items() if "pipelines.run.train" in found}
    assert askers and not {name for name in askers if name.startswith(("stages/", "pipelines/"))}


def _imported(path: Path) -> set[str]:
    """Modules and names that a file imports from."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)]
    return {text for node in nodes for name in node.names for text in (str(node.module), f"{node.module}.{name.name}")}
