"""A trained version on the demo: packs, costs and report are in it; it is a function of its data."""

import shutil

import pytest

from matching import model, promotions
from matching.model import REPORT
from rules.packs import pack_hashes
from stages.model_pages import write_training_report
from store.home import Home

pytestmark = pytest.mark.long


@pytest.mark.parametrize("party", ["person", "organisation"])
def test_a_version_holds_what_it_depends_on(demo_home, party):
    made = model.load_promoted(Home(demo_home).models, party, "bootstrap")
    assert made.facts["packs"] == pack_hashes()
    assert set(made.facts["costs"]) >= {"wrong_merge", "look_in_vain"}
    assert made.frequencies() and (made.folder / "placeholder.parquet").exists()


def test_the_report_is_the_same_bytes_again_and_stands_alone(demo_home, tmp_path):
    models = tmp_path / "models"
    shutil.copytree(demo_home / "models", models)
    made = model.load(models, "person", "bootstrap")
    before = (made.folder / REPORT).read_bytes()
    assert write_training_report(made, tmp_path / "work").read_bytes() == before
    page = before.decode()
    assert "<script" not in page and "http" not in page and page.count("<svg") == 2
    for told in (*made.comparisons, made.name, "Untrained levels", "reference/nicknames.csv"):
        assert told in page
    assert model.load(models, "person", "bootstrap").name == made.name


def test_a_later_model_is_not_promoted_by_training(small_live, days):
    from stages.train import _promote
    from tests.stages.models import sibling

    models = small_live.home.models
    later = sibling(models, "person", match_weight=9_000_000)
    before = promotions.aliases(models, "person")
    for alias in ("bootstrap", "second"):
        _promote(small_live.night(days.first), "person", later.folder, alias, "ann")
    assert promotions.aliases(models, "person") == before and later.name not in before.values()
