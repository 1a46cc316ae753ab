"""The commands of `registry models` on the demo home: list, compare, propose, promote, log, and their errors."""

import json

import pytest

from tests.stages.models import sibling

pytestmark = pytest.mark.slow


@pytest.fixture
def new(home_copy) -> str:
    from store.home import Home

    return sibling(Home(home_copy).models, "organisation", match_weight=7_000_000).name


def test_a_model_is_compared_proposed_and_promoted(registry, home_copy, new):
    at, truth = ("--home", home_copy), home_copy / "bank" / "truth.parquet"
    told = ("--config", home_copy / "bank" / "registry.yaml", *at)
    found = json.loads(registry("models", "compare", "bootstrap", new, "--truth", truth, "--json", *told).out)
    assert found["b"]["name"] == new and found["truth"]["a"]["precision"]["share"] >= 0.9
    shown = registry("models", "compare", "bootstrap", new, *at)
    assert shown.code == 0 and "Client numbers" in shown.out and "comparison.html" in shown.out
    assert "another person runs" in registry("models", "propose", new, "--as", "ann", *told).out
    assert registry("models", "promote", new, "--as", "ann", *told).code == 1
    entry = json.loads(registry("models", "promote", new, "--as", "bob", "--json", *told).out)
    assert (entry["kind"], entry["user"], entry["model"]) == ("approve", "bob", new)
    log = json.loads(registry("models", "log", "--json", *at).out)
    assert [row["kind"] for row in log][-2:] == ["propose", "approve"]
    assert [row["mark"] for row in log][-2:] == ["", "one OS user proposed and approved"]
    rows = json.loads(registry("models", "list", "--json", *at).out)
    assert {row["version"] for row in rows if row["promoted as"] == "bootstrap"} >= {new}


def test_without_a_comparison_there_is_no_proposal(registry, home_copy, new):
    config = home_copy / "bank" / "registry.yaml"
    shown = registry("models", "propose", new, "--as", "ann", "--home", home_copy, "--config", config)
    assert shown.code == 1 and "registry models compare" in shown.err
    assert f"--config {config}" in " ".join(shown.err.split())


def test_the_user_is_by_default_the_one_of_the_system(registry, demo_home, monkeypatch):
    from matching.promotions import os_user

    log = json.loads(registry("models", "log", "--home", demo_home, "--json").out)
    assert {row["kind"] for row in log} == {"bootstrap"} and {row["user"] for row in log} == {os_user()}
    assert "bootstrap" in registry("models", "log", "--home", demo_home).out


def test_a_tampered_log_is_an_error(registry, home_copy):
    log = home_copy / "models" / "promotions.jsonl"
    log.write_text(log.read_text(encoding="utf-8").replace("bootstrap", "bootstrop"), encoding="utf-8")
    shown = registry("models", "log", "--home", home_copy)
    assert shown.code == 1 and "promotions.jsonl:1" in shown.err and "→ restore" in shown.err


def test_names_that_tell_nothing_are_explained(registry, demo_home):
    shown = registry("models", "compare", "bootstrap", "second", "--home", demo_home)
    assert shown.code == 1 and "--party" in shown.err
    unknown = registry("models", "compare", "person-0", "person-1", "--home", demo_home)
    assert unknown.code == 1 and "does not exist in this home" in unknown.err


def test_an_option_before_the_subcommand_is_not_lost_in_silence(registry, demo_home):
    assert registry("models", "--home", demo_home, "list").code == 2
    assert "bootstrap" in registry("models", "--home", demo_home).out


@pytest.mark.parametrize("command", ["list", "compare", "propose", "promote", "log"])
def test_every_subcommand_explains_itself(registry, command):
    shown = registry("models", command, "--help")
    assert shown.code == 0 and "--json" in shown.out and "--home" in shown.out
