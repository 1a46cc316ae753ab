"""Promotion end to end on the demo: comparison, proposal, approval, and the night that follows; no night trains."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from matching import promotions
from pipelines.run import has_models
from rules.errors import HomeBusy, IntegrityError, ModelError
from stages import promotions as stage
from stages.compare import compare, place
from stages.match import pinned
from store import lock, versions
from store.hashing import file_sha256
from store.home import Home
from tests.stages.models import sibling

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): file_sha256(path) for path in folder.rglob("*") if path.is_file()}


def test_a_new_model_becomes_live_by_comparison_and_two_persons(small_live, compute, days):
    home, settings = small_live.home, small_live.settings
    new = sibling(home.models, "person", match_weight=9_000_000)
    first = promotions.aliases(home.models, "person")["bootstrap"]
    with pytest.raises(ModelError, match=f"registry models compare {first} {new.name}"):
        stage.propose(home, settings, "person", new.name, "bootstrap", "ann")
    compare(home, "person", first, new.name, None, settings)
    with pytest.raises(ModelError, match="nobody proposed it"):
        stage.approve(home, settings, "person", new.name, "bootstrap", "bob")
    stage.propose(home, settings, "person", new.name, "bootstrap", "ann")
    with pytest.raises(ModelError, match="second person"):
        stage.approve(home, settings, "person", new.name, "bootstrap", "ann")
    assert pinned(small_live.night(days.second), "person").name == first
    stage.approve(home, settings, "person", new.name, "bootstrap", "bob")
    compare(home, "person", new.name, first, None, settings)
    before = contents(home.models)
    made = compute(small_live, days.second)
    assert made.models["person"] == new.name and made.models["organisation"] != new.name
    assert contents(home.models) == before, "a night neither trains nor promotes"
    with pytest.raises(ModelError, match="on the records of version 2"):
        stage.propose(home, settings, "person", first, "bootstrap", "ann")


def test_a_changed_comparison_voids_the_proposal(small_live):
    home, settings = small_live.home, small_live.settings
    new, first = sibling(home.models, "person", match_weight=9_000_000), pinned(small_live.night(None), "person").name
    found = compare(home, "person", first, new.name, None, settings)
    stage.propose(home, settings, "person", new.name, "bootstrap", "ann")
    report = place(home, first, new.name, versions.manifest(home), found["terms"]) / "comparison.json"
    report.write_text(report.read_text(encoding="utf-8").replace('"unmoved"', '"unmoved "'), encoding="utf-8")
    with pytest.raises(ModelError, match="propose anew"):
        stage.approve(home, settings, "person", new.name, "bootstrap", "bob")


def test_a_comparison_that_is_forged_or_under_other_terms_is_none(small_live):
    home, settings = small_live.home, small_live.settings
    new, first = sibling(home.models, "person", match_weight=9_000_000), pinned(small_live.night(None), "person").name
    found = compare(home, "person", first, new.name, None, settings)
    folder = place(home, first, new.name, versions.manifest(home), found["terms"])
    whole, page = (folder / "comparison.json").read_bytes(), (folder / "comparison.html").read_bytes()
    sources = f'"sources": {found["terms"]["sources"]}'.encode()
    assert sources in whole
    shorn, altered = whole.replace(b'"records"', b'"record"'), whole.replace(sources, b'"sources": 99')
    for forged in (b"{}", b"", b"[]", shorn, altered):
        (folder / "comparison.json").write_bytes(forged)
        with pytest.raises(ModelError, match=r"not as a whole.*registry.yaml"):
            stage.propose(home, settings, "person", new.name, "bootstrap", "ann")
    (folder / "comparison.json").write_bytes(whole)
    (folder / "comparison.html").write_bytes(b"all is well")
    free = tuple(source.model_copy(update={"duplicate_free": True}) for source in settings.sources)
    with pytest.raises(ModelError, match="under other terms"):
        stage.propose(home, replace(settings, sources=free), "person", new.name, "bootstrap", "ann")
    stage.propose(home, settings, "person", new.name, "bootstrap", "ann")
    assert (folder / "comparison.html").read_bytes() == page, "the page is drawn from what was checked"
    with pytest.raises(ModelError, match="compare and propose anew"):
        stage.approve(home, replace(settings, sources=free), "person", new.name, "bootstrap", "bob")


def test_a_home_that_lost_its_log_approves_no_model_by_itself(small_live, days):
    home, first = small_live.home, pinned(small_live.night(None), "person").name
    assert has_models(home)
    (home.models / promotions.LOG).unlink()
    with pytest.raises(IntegrityError, match=r"promotions.jsonl: is missing.*restore"):
        has_models(home)
    with pytest.raises(IntegrityError, match=f"lacks the promotion of {first}"):
        promotions.bootstrap(home.models, "person", "person-9", "bootstrap", "eve")
    assert promotions.aliases(home.models, "person") == {}


def test_a_new_home_has_no_models(tmp_path):
    home = Home(tmp_path)
    assert not has_models(home)
    (home.models / "organisation.none").touch()
    assert not has_models(home), "a first training that was stopped"
    (home.models / "person.none").touch()
    assert has_models(home), "neither kind had records to learn from"


def test_what_is_live_already_needs_no_promotion(small_live):
    with pytest.raises(ModelError, match="in use already"):
        stage.propose(small_live.home, small_live.settings, "person", "bootstrap", "bootstrap", "ann")


def test_no_model_changes_under_a_running_night(small_live, monkeypatch):
    monkeypatch.setattr(lock, "_held", {})
    other = lock.FileLock(small_live.home.root / "run.lock")
    with other, pytest.raises(HomeBusy):
        stage.propose(small_live.home, small_live.settings, "person", "bootstrap", "second", "ann")


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
