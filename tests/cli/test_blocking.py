"""`registry blocking`: tables for people, JSON for machines, YAML for the bank, never a client's value."""

import json

import pytest
import yaml

from rules.matching import load_matching


def test_count_as_table_and_json(registry, demo_home):
    shown = registry("blocking", "count", "--home", demo_home)
    assert shown.code == 0 and "each identifiers" in shown.out and "pairs are compared" in shown.out
    found = json.loads(registry("blocking", "count", "--home", demo_home, "--party", "organisation", "--json").out)
    assert found["party"] == "organisation" and found["cap"] == 40_000_000
    assert {"rule", "state", "pairs", "adds", "largest", "share", "refined"} == set(found["rules"][0])


def test_count_of_rules_that_a_bank_tries_before_it_declares_them(registry, demo_home, tmp_path):
    config = tmp_path / "bank" / "registry.yaml"
    (config.parent / "rules").mkdir(parents=True)
    for folder in ("sources", "feeds"):
        (config.parent / folder).symlink_to(demo_home / "bank" / folder)
    text = (demo_home / "bank" / "registry.yaml").read_text(encoding="utf-8")
    config.write_text(text + "\nrules: rules\n", encoding="utf-8")
    overlay = {"person": {"blocking": [["birth_date"], ["birth_place"]], "max_pairs_per_rule": 10}}
    (config.parent / "rules" / "matching.yaml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
    shown = registry("blocking", "count", "--home", demo_home, "--config", config, "--json")
    found = json.loads(shown.out)
    assert [(rule["rule"], rule["state"]) for rule in found["rules"]][1] == ("birth_place", "empty")
    assert found["rules"][0]["refined"]["pairs"] <= 10 < found["rules"][0]["pairs"]
    table = registry("blocking", "count", "--home", demo_home, "--config", config).out
    assert "left out" in table and "refined by given" in table


@pytest.mark.slow
def test_a_proposal_can_be_pasted_into_matching_yaml(registry, demo_home, tmp_path):
    truth = demo_home / "bank" / "truth.parquet"
    shown = registry("blocking", "propose", "--home", demo_home, "--budget", 8000, "--truth", truth)
    assert shown.code == 0 and "Declared" in shown.out and "true pairs of the truth file" in shown.out
    (tmp_path / "matching.yaml").write_text(shown.out.split("matching.yaml:\n")[1], encoding="utf-8")
    rules = load_matching(tmp_path).person.blocking
    found = json.loads(
        registry("blocking", "propose", "--home", demo_home, "--budget", 8000, "--truth", truth, "--json").out
    )
    assert [list(rule) for rule in rules] == [rule["parts"] for rule in found["proposed"]["rules"]]
    assert found["proposed"]["pairs"] <= 8000


def test_an_estimate_says_what_it_rests_on(registry, demo_home):
    shown = registry("blocking", "propose", "--home", demo_home, "--budget", 5000, "--party", "organisation")
    assert shown.code == 0 and "Recall is estimated" in shown.out and "organisation-" in shown.out


def test_errors_are_one_sentence(registry, demo_home, tmp_path):
    for arguments in (["count", "--party", "bank"], ["propose", "--budget", 0]):
        shown = registry("blocking", *arguments, "--home", demo_home)
        assert shown.code == 1 and "→" in shown.err and "Traceback" not in shown.err
    assert registry("blocking", "count", "--home", tmp_path / "none").code == 1
    assert not (tmp_path / "none").exists()
