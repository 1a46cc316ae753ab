"""The group quarantine on the demo home."""

import json


def test_rows_are_counted_by_rule_named_by_source_and_released_by_two(registry, home_copy):
    place = ("--config", home_copy / "bank" / "registry.yaml", "--home", home_copy)
    counted = json.loads(registry("quarantine", "list", *place, "--json").out)
    assert {one["rule"] for one in counted} == {"duplicate_key", "null_key"} and all(one["rows"] for one in counted)
    [key] = {
        one["record_id"] for one in json.loads(registry("quarantine", "list", *place, "--source", "core", "--json").out)
        if one["rule"] == "duplicate_key"
    }  # fmt: skip
    asked = ("quarantine", "release", "core", key, "duplicate_key", *place)
    refused = registry(*asked)
    assert refused.code == 1 and "--reason" in refused.err and key not in refused.err
    assert "quarantine approve 1" in registry(*asked, "--reason", "sent twice", "--as", "steward").out
    home = ("--home", home_copy)
    assert registry("quarantine", "approve", "1", *home, "--as", "steward").code == 1
    told = registry("quarantine", "approve", "1", *home, "--as", "head", "--json")
    assert json.loads(told.out) == {"id": 1, "source": "core", "rule": "duplicate_key", "state": "counting"}
    listed = registry("quarantine", "list", *place).out
    assert "duplicate_key" in listed and key not in listed
    assert "is ended" in registry("quarantine", "end", "1", *home).out
