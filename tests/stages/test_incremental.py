"""An incremental night is equal to a full one, table by table, and is certified by a sample from scratch."""

import shutil
from dataclasses import replace

import polars as pl
import pytest

from pipelines.context import set_place
from pipelines.ingest import land
from rules.errors import CheckFailed, IntegrityError, RegistryError
from stages.certify import certify
from stages.night import Night
from stages.plan import Plan, basis_of, plan
from stages.promote import promote
from stages.start import begin
from stages.steps import compute
from store import lock, versions
from store.home import Home
from tests.conftest import SECOND, once

pytestmark = pytest.mark.long


def as_after_first(origin, home):
    """A copy of the demo's home as it was after its first night."""
    shutil.copytree(origin, home)
    place = set_place(home / "bank" / "registry.yaml", home)
    versions.rollback(place.home, 1)
    shutil.rmtree(place.home.versions / "000002")
    place.home.pointer.write_bytes(place.home.pointer.read_bytes().replace(b'"promoted": 2', b'"promoted": 1'))
    return place


@pytest.mark.slow
def test_the_second_night_is_the_same_in_both_ways(demo_home, tmp_path, own_environment, compute, days):
    place = as_after_first(demo_home, tmp_path / "home")
    full = compute(place, days.second, full=True)
    incremental = versions.manifest(Home(demo_home), 2)
    assert place.night(days.second).plan.standard == "asked for"
    assert Night(Home(demo_home), place.settings, days.second).plan == Plan()
    assert incremental.content_hashes == full.content_hashes


@pytest.fixture(scope="session")
def staged_home(demo_home):
    """The demo's second night staged over its first, not promoted."""
    return once(demo_home.with_name("staged_home"), lambda target: stage(demo_home, target))


def stage(origin, target):
    place = as_after_first(origin, target)
    night = place.night(SECOND)
    begin(night)
    for source in place.settings.delivered:
        land(place, source, SECOND)
    compute(night)
    lock.release(place.home)


@pytest.mark.slow
def test_a_difference_in_what_was_carried_on_stops_the_promotion(staged_home, tmp_path, own_environment, days):
    home = shutil.copytree(staged_home, tmp_path / "home")
    place = set_place(home / "bank" / "registry.yaml", home)
    registry = place.settings.registry.model_copy(update={"certified_clusters": 10**6})
    night = Night(place.home, replace(place.settings, registry=registry), days.second)
    assert certify(night)["certified_records"] > 600
    for place, table in enumerate(("std_name", "std_holding", "pairs_person", "clusters", "golden_party")):
        spoil(night, table, place)
    with pytest.raises(CheckFailed, match="std_name, std_holding, pairs_person, clusters, golden_party"):
        certify(night)


def spoil(night, table, place):
    """Lose one more of the rows that the parent's table keeps."""
    lost = pl.read_parquet(night.lost(table))
    with night.open(parent=[table]) as con:
        kept = con.sql(f"FROM parent_{table}").pl().select(lost.columns).unique(maintain_order=True)
    one = kept.join(lost, on=lost.columns, how="anti", maintain_order="left").slice(place, 1)
    pl.concat([lost, one]).write_parquet(night.lost(table))


def test_reasons_to_compute_everything(demo_home):
    live = versions.manifest(Home(demo_home))
    same = basis_of(live)
    assert plan(live, False, **same) == Plan()
    assert plan(None, False, **same).standard == "no version is live yet"
    assert plan(live, True, **same).standard == "asked for"
    assert plan(live, False, **same | {"rules_hash": "other"}).standard == "what the bank declares changed"
    assert plan(live, False, **same | {"code_version": "other"}).standard == "the software changed"
    other = plan(live, False, **same | {"models": live.models | {"person": "other"}})
    assert other == Plan("", "another model of person") and other.match in str(other)


@pytest.mark.slow
def test_a_night_whose_rules_changed_under_way_is_not_promoted(staged_home, tmp_path, own_environment, days):
    home = shutil.copytree(staged_home, tmp_path / "home")
    place = set_place(home / "bank" / "registry.yaml", home)
    registry = place.settings.registry.model_copy(update={"match_across_entities": False})
    with pytest.raises(RegistryError, match="changed meanwhile"):
        promote(Night(place.home, replace(place.settings, registry=registry), days.second), {})


def test_a_damaged_table_of_the_live_version_stops_a_night_that_would_carry_it_on(small_live, days):
    entry = versions.manifest(small_live.home).table("pairs_person").files[0]
    (small_live.home.root / entry.path).write_bytes(b"spoilt")
    with pytest.raises(IntegrityError, match="not as it was promoted"):
        begin(small_live.night(days.second))
    lock.release(small_live.home)
