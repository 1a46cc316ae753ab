"""A trained version on the demo: packs, costs and report are in it; it is a function of its data."""

import math
import shutil

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from matching import model, promotions
from matching.model import MICRO, REPORT
from rules.matching import load_matching
from rules.packs import pack_hashes
from stages.match import LEARNT, learnt_by
from stages.model_pages import write_training_report
from store.home import Home

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("party", ["person", "organisation"])
def test_a_version_holds_what_it_depends_on(demo_home, party):
    made = model.load_promoted(Home(demo_home).models, party, "bootstrap")
    assert made.facts["packs"] == pack_hashes()
    assert set(made.facts["costs"]) >= {"wrong_merge", "look_in_vain"}
    assert made.frequencies() and all((made.folder / f"{table}.parquet").exists() for table in LEARNT)


@pytest.mark.parametrize("party", ["person", "organisation"])
def test_where_legal_entities_are_declared_a_wrong_merge_costs_a_breach(demo_home, party):
    made = model.load_promoted(Home(demo_home).models, party, "bootstrap")
    breach = load_matching().of(party).costs.breach
    assert made.facts["costs"]["wrong_merge"] == str(breach)
    assert made.match_weight == round(math.log2(breach) * MICRO) >= made.review_weight >= 0


def test_a_night_reads_what_training_learnt_and_name_roles_of_persons_alone(demo_home):
    used = [model.load_promoted(Home(demo_home).models, party, "bootstrap") for party in ("person", "organisation")]
    with duckdb.connect() as con:
        learnt_by(con, used)
        roles = con.sql("SELECT * FROM name_role ORDER BY value").pl()
        assert_frame_equal(roles, pl.read_parquet(used[0].folder / "name_role.parquet").sort("value"))
        assert roles.height > 100 and roles["value"].is_unique().all()
        learnt_by(con, [])
        assert [con.sql(f"SELECT * FROM {table}").pl().height for table in LEARNT] == [0, 0]


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
