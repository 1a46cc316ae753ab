"""Model versions: named by their content, never changed, promoted by alias."""

import json
import shutil
from pathlib import Path

import pytest

from matching import model
from rules.errors import ModelError


def stage(folder: Path, **facts: object) -> Path:
    staged = folder / "staged"
    staged.mkdir(parents=True)
    (staged / "model.json").write_text(json.dumps({"party_type": "person", "match_weight": 1, **facts}))
    (staged / "settings.json").write_text(json.dumps({"comparisons": []}))
    return staged


def test_the_same_content_has_the_same_name(tmp_path: Path) -> None:
    first = model.store(stage(tmp_path), tmp_path, "person")
    assert model.store(stage(tmp_path), tmp_path, "person") == first and first.name.startswith("person-")
    assert model.store(stage(tmp_path / "other", match_weight=2), tmp_path, "person") != first
    assert not (tmp_path / "staged").exists()


def test_an_alias_stands_for_a_version(tmp_path: Path) -> None:
    folder = model.store(stage(tmp_path), tmp_path, "person")
    model.promote(tmp_path, "person", folder, "bootstrap")
    assert model.load(tmp_path, "person", "bootstrap") == model.load(tmp_path, "person", folder.name)
    assert model.aliases(tmp_path, "person") == {"bootstrap": folder.name}
    assert model.aliases(tmp_path, "organisation") == {}


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
