"""Where a proposal is written, and what it never overwrites."""

import json

import pytest

from rules.sources import load_source


@pytest.fixture
def branch(tmp_path):
    (tmp_path / "branch.csv").write_text("no,surname\n1,A\n2,B\n", encoding="utf-8")
    return tmp_path / "branch.csv"


def test_the_folder_of_the_proposal_is_made(registry, branch, tmp_path):
    target = tmp_path / "new" / "sources" / "branch.yaml"
    shown = registry("onboard", branch, "-o", target)
    assert shown.code == 0 and load_source(target).name == "branch"


def test_a_declaration_is_only_overwritten_when_asked(registry, branch, tmp_path):
    target = tmp_path / "branch.yaml"
    target.write_text("looked over", encoding="utf-8")
    shown = registry("onboard", branch, "-o", target)
    assert shown.code == 1 and "exists already" in shown.err and "--force" in shown.err
    assert target.read_text(encoding="utf-8") == "looked over"
    assert registry("onboard", branch, "-o", target, "--force").code == 0
    assert load_source(target).name == "branch"


def test_a_folder_or_a_file_in_the_way_is_said(registry, branch, tmp_path):
    shown = registry("onboard", branch, "-o", tmp_path)
    assert shown.code == 1 and "is a folder" in shown.err
    shown = registry("onboard", branch, "-o", branch / "x.yaml")
    assert shown.code == 1 and "cannot be written" in shown.err and "unexpected" not in shown.err


def test_the_location_is_named_as_given(registry, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    shown = registry("onboard", "exports/branch.csv", "--json")
    assert shown.code == 1 and "✗ exports/branch.csv" in shown.err
    assert json.loads(shown.out)["error"]["place"] == "exports/branch.csv"


def test_json_holds_the_proposal(registry, branch):
    found = json.loads(registry("onboard", branch, "--json").out)
    assert found["output"] is None and "family: surname" in found["yaml"]
