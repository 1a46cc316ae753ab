"""The contract of consumers: the kept one is the tables as declared; what breaks a consumer is refused."""

import copy
import json

import pytest

from rules.contracts import consumers, kept
from rules.errors import ConfigError
from rules.load import Misfit
from rules.publication import Publication


@pytest.fixture
def now():
    return consumers.contract()


def test_the_newest_contract_is_what_is_declared(now):
    assert kept.kept(consumers.MAJOR) == json.loads(json.dumps(now)), "run `python -m cli.docs`"
    assert max(kept.majors()) == consumers.MAJOR


def test_no_kept_contract_is_broken_by_one_of_its_own_major_version():
    assert consumers.breaking(kept.kept(consumers.MAJOR), consumers.contract()) == []


def test_additions_break_nobody(now):
    after = copy.deepcopy(now)
    after["tables"]["new"] = after["tables"]["golden_party"]
    after["tables"]["golden_name"]["properties"]["new"] = {"type": ["string"], "description": ""}
    after["tables"]["crosswalk"]["properties"]["source"]["description"] = "said better"
    assert consumers.breaking(now, after) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("crosswalk"), "crosswalk: the table is gone"),
        (lambda t: t["golden_party"]["properties"].pop("sex"), "golden_party.sex: the column is gone"),
        (lambda t: t["golden_party"]["properties"]["birth_date"].update(format="date-time"), "birth_date: its type"),
        (lambda t: t["golden_party"]["properties"]["records"].update(type=["string"]), "records: its type is another"),
        (lambda t: t["crosswalk"]["properties"]["source"].update(type=["string", "null"]), "source: it may be empty"),
        (lambda t: t["ledger_number"]["properties"]["state"]["enum"].append("asleep"), "state: it has new values"),
        (lambda t: t["golden_name"].update(key=["client_number"]), "golden_name: its key is another"),
    ],
)
def test_what_breaks_a_consumer_is_named(now, change, said):
    after = copy.deepcopy(now)
    change(after["tables"])
    [problem] = consumers.breaking(now, after)
    assert said in problem


def test_a_breaking_change_is_refused_unless_a_new_contract_stands_beside_the_old(now, tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    consumers.write()
    older = copy.deepcopy(now)
    party = older["tables"]["golden_party"]
    party["properties"]["shoe_size"] = {"type": ["integer"], "description": ""}
    party["columns"].append("shoe_size")
    (tmp_path / "v1.json").write_text(json.dumps(older), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"golden_party.shoe_size: the column is gone → raise MAJOR: v2.json"):
        consumers.write()
    monkeypatch.setattr(consumers, "MAJOR", 2)
    with pytest.raises(ConfigError, match=r"contract 1 .*shoe_size: the column is gone → say in kept.MADE how"):
        consumers.write()
    pinned = Publication(kind="csv", contract=1)
    with pytest.raises(Misfit, match="contract 1 cannot be kept: golden_party"):
        consumers.check_pins((pinned,))
    monkeypatch.setattr(kept, "MADE", {1: {"golden_party.shoe_size": "CAST(NULL AS BIGINT)"}})
    consumers.write()
    consumers.check_pins((pinned,))
    assert kept.majors() == [1, 2] and "shoe_size" in json.dumps(kept.kept(1))


def test_every_contract_that_is_served_can_be_kept():
    assert {major: consumers.lost(major) for major in kept.majors()} == {major: [] for major in kept.majors()}


@pytest.mark.parametrize(
    "declared, told",
    [
        ({"kind": "csv", "contract": 7}, "contract 7 is not served, only 1"),
        ({"kind": "changes", "contract": 1}, "drop legal_entity, contract"),
    ],
)
def test_a_pin_that_cannot_be(declared, told):
    with pytest.raises(ValueError, match="contract") as refused:
        Publication.model_validate(declared)
    misfit = refused.value.errors()[0]["ctx"]["error"]
    assert told in f"{misfit.problem} {misfit.hint}"
