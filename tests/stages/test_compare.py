"""Two models on the live records of the demo: the same one changes nothing; a stricter one splits, loses, renumbers."""

import json
import shutil

import pytest

from matching import model
from rules.errors import ConfigError, ModelError, NotFound
from rules.settings import load_registry
from stages.compare import compare, input_hash, party_of
from stages.compare_terms import digest
from store import versions
from store.home import Home
from tests.stages.models import sibling

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(demo_home, tmp_path_factory) -> Home:
    """A copy that holds what comparing needs; comparisons are written into it."""
    root = tmp_path_factory.mktemp("compare")
    for part in ("models", "objects", "versions", "keys", "bank"):
        shutil.copytree(demo_home / part, root / part)
    shutil.copy(demo_home / "current.json", root)
    return Home(root).prepare()


@pytest.fixture(scope="module")
def truth(home):
    return home.root / "bank" / "truth.parquet"


@pytest.fixture(scope="module")
def settings(home):
    return load_registry(home.root / "bank" / "registry.yaml")


@pytest.fixture(scope="module")
def strict(home) -> model.Model:
    return sibling(home.models, "person", match_weight=16_000_000, rules=1)


@pytest.fixture(scope="module")
def found(home, strict, truth, settings) -> dict:
    return compare(home, "person", "bootstrap", strict.name, truth, settings)


def test_the_live_model_on_the_live_records_is_the_live_version(home, truth, settings):
    again = compare(home, "person", "bootstrap", "bootstrap", truth, settings)
    clusters, numbers = again["clusters"], again["numbers"]
    assert clusters["same"]["records"] == again["records"] > 500
    assert not any(clusters[kind]["records"] for kind in ("split", "merged", "moved"))
    events = {event: n for event, n in numbers["a"].items() if event != "survive" and n}
    assert events == {} and numbers["a"] == numbers["b"] and numbers["a"]["survive"] > 500
    assert again["weights"]["unmoved"] == again["weights"]["pairs"] == again["a"]["pairs"]
    assert again["lost_to_blocking"]["of_a"] == {"pairs": 0, "apart": 0}
    assert again["truth"]["only"] == dict.fromkeys(again["truth"]["only"], 0)


def test_a_stricter_model_splits_and_never_merges(found):
    clusters, numbers = found["clusters"], found["numbers"]
    assert clusters["split"]["b"] > clusters["split"]["a"] > 0
    assert clusters["merged"]["records"] == 0
    assert sum(kind["records"] for kind in clusters.values()) == found["records"]
    assert sum(kind["b"] for kind in clusters.values()) == found["b"]["clusters"]
    assert numbers["b"]["mint"] > 0 and numbers["b"]["records_renumbered"] > 0
    assert numbers["records_numbered_otherwise"] > 0
    assert all(1 <= len(found["examples"]["split"]) <= 10 for _ in (0,))


def test_fewer_rules_lose_pairs_one_way_only(found):
    lost = found["lost_to_blocking"]
    assert lost["of_a"]["pairs"] >= lost["of_a"]["apart"] > 0
    assert lost["of_b"] == {"pairs": 0, "apart": 0}


def test_truth_shows_what_the_stricter_model_costs(found):
    a, b = found["truth"]["a"], found["truth"]["b"]
    assert b["recall"]["share"] < a["recall"]["share"]
    for side in (a, b):
        for figure in (side["precision"], side["recall"]):
            assert figure["low"] <= figure["share"] <= figure["high"]
    assert found["truth"]["only"]["right_only_a"] > found["truth"]["only"]["right_only_b"]


def test_the_report_is_named_by_models_and_input_and_is_the_same_again(home, strict, found, truth, settings):
    folder = (home.root / found["report"]).parent
    first = versions.manifest(home).models["person"]
    assert folder.name == f"{first}__{strict.name}__{input_hash(versions.manifest(home))}__{digest(found['terms'])}"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {"comparison.json", "comparison.html"}
    compare(home, "person", first, strict.name, truth, settings)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_page_stands_alone(home, found):
    page = (home.root / found["report"]).read_text(encoding="utf-8")
    assert "<script" not in page and "http" not in page
    assert found["b"]["name"] in page and "Wilson" in page
    assert json.loads((home.root / found["report"]).with_suffix(".json").read_text())["truth"] == found["truth"]


def test_organisations_are_compared_apart(home, settings):
    lenient = sibling(home.models, "organisation", match_weight=-1_000_000, review_weight=-2_000_000)
    found = compare(home, "organisation", "bootstrap", lenient.name, None, settings)
    assert found["party_type"] == "organisation" and found["truth"] is None
    assert found["clusters"]["split"]["records"] == 0
    assert found["numbers"]["b"]["survive"] > found["records"], "persons keep their numbers"


def test_models_of_both_kinds_trained_on_other_records_go_together(home, settings):
    """What both have learnt about names may differ: no record may be projected twice."""
    later = sibling(home.models, "organisation", match_weight=8_000_000, roles=1)
    found = compare(home, "organisation", "bootstrap", later.name, None, settings)
    assert found["records"] > 20


def test_a_model_that_does_not_fit_the_records_is_refused(home, settings):
    first = model.load(home.models, "person", "bootstrap")
    misfit = sibling(home.models, "person", columns=[*first.columns, "shoe_size"])
    with pytest.raises(ModelError, match="shoe_size"):
        compare(home, "person", "bootstrap", misfit.name, None, settings)


def test_names_tell_the_kind_of_party():
    assert party_of("bootstrap", "person-1") == party_of("a", "b", party="person") == "person"
    for names in (("bootstrap", "second"), ("person-1", "organisation-1")):
        with pytest.raises(ConfigError, match="--party"):
            party_of(*names)


def test_without_a_live_version_there_is_nothing_to_compare_on(tmp_path):
    with pytest.raises(NotFound, match="registry run"):
        compare(Home(tmp_path).prepare(), "person", "a", "b")
