"""Model versions: named by their content, never changed, promoted by alias."""

import json
import shutil
from pathlib import Path

import pytest

from matching import model, promotions
from rules.errors import ModelError


def stage(folder: Path, **facts: object) -> Path:
    staged = folder / "staged"
    staged.mkdir(parents=True)
    needed: dict[str, object] = {name: {} for name in model._NEEDED} | {"party_type": "person", "match_weight": 1}
    known = {name: value for name, value in (needed | facts).items() if value is not None}
    (staged / "model.json").write_text(json.dumps(known))
    (staged / "settings.json").write_text(json.dumps({"comparisons": []}))
    return staged


def test_the_same_content_has_the_same_name(tmp_path: Path) -> None:
    first = model.store(stage(tmp_path), tmp_path, "person")
    assert model.store(stage(tmp_path), tmp_path, "person") == first and first.name.startswith("person-")
    assert model.store(stage(tmp_path / "other", match_weight=2), tmp_path, "person") != first
    assert not (tmp_path / "staged").exists()


def test_an_alias_stands_for_a_version(tmp_path: Path) -> None:
    folder = model.store(stage(tmp_path), tmp_path, "person")
    promotions.bootstrap(tmp_path, "person", folder.name, "bootstrap", "ann")
    assert model.load(tmp_path, "person", "bootstrap") == model.load(tmp_path, "person", folder.name)


def test_a_night_may_use_promoted_versions_only(tmp_path: Path) -> None:
    first, second = (model.store(stage(tmp_path, match_weight=n), tmp_path, "person") for n in (1, 2))
    promotions.bootstrap(tmp_path, "person", first.name, "bootstrap", "ann")
    assert model.load_promoted(tmp_path, "person", first.name) == model.load_promoted(tmp_path, "person", "bootstrap")
    with pytest.raises(ModelError, match="was never promoted"):
        model.load_promoted(tmp_path, "person", second.name)
    assert model.versions(tmp_path) == [("person", name) for name in sorted((first.name, second.name))]


def test_the_report_is_no_part_of_the_content(tmp_path: Path) -> None:
    folder = model.store(stage(tmp_path), tmp_path, "person")
    (folder / model.REPORT).write_text("drawn later", encoding="utf-8")
    assert model.load(tmp_path, "person", folder.name).folder == folder


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="registry train"):
        model.load(tmp_path, "person", "bootstrap")


def test_a_model_for_another_kind_of_party(tmp_path: Path) -> None:
    folder = model.store(stage(tmp_path), tmp_path, "organisation")
    with pytest.raises(ModelError, match="not organisation"):
        model.load(tmp_path, "organisation", folder.name)


@pytest.mark.parametrize("damage", ["changed", "added", "removed"])
def test_a_changed_model_is_refused(tmp_path: Path, damage: str) -> None:
    folder = model.store(stage(tmp_path), tmp_path, "person")
    if damage == "changed":
        (folder / "settings.json").write_text('{"comparisons": [], "extra": 1}')
    if damage == "added":
        (folder / "tf_given.parquet").write_bytes(b"x")
    if damage == "removed":
        shutil.copy(folder / "model.json", tmp_path)
        (folder / "settings.json").unlink()
    with pytest.raises(ModelError):
        model.load(tmp_path, "person", folder.name)


@pytest.mark.parametrize("fact", ["relatives", "associated", "costs", "limits", "review_weight", "firewall"])
def test_a_model_of_an_earlier_release_is_refused_by_name(tmp_path: Path, fact: str) -> None:
    folder = model.store(stage(tmp_path, **{fact: None}), tmp_path, "person")
    with pytest.raises(ModelError, match=f"trained by another release .*{fact}.*registry train"):
        model.load(tmp_path, "person", folder.name)
