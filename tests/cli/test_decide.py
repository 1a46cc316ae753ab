"""`registry decide`: entered, approved, refused with the path, listed and logged."""

import json

import polars as pl
import pytest

from tests.cli.test_commands import table


@pytest.fixture
def decide(registry, home_copy):
    return lambda *told: registry("decide", *told, "--home", home_copy)


def test_a_merge_waits_for_another_person(decide, home_copy):
    numbers = table(home_copy, "golden_party").filter(pl.col("party_type") == "person")["client_number"].sort()[:2]
    shown = decide("merge", *numbers, "--reason", "one person", "--as", "ann")
    assert shown.code == 0 and "waits for approval" in shown.out and "registry decide approve 1" in shown.out
    refused = decide("approve", "1", "--as", "ANN", "--json")
    assert refused.code == 1 and json.loads(refused.out)["error"]["next"] == "ask a second person"
    assert json.loads(decide("approve", "1", "--as", "bob", "--json").out)["state"] == "in effect"
    path = decide("cannot-link", *numbers, "--reason", "two", "--as", "eve")
    assert path.code == 1 and "must_link (decision 1)" in path.err and "registry decide end 1" in path.err
    asked = decide("end", "1", "--reason", "wrong", "--as", "ann")
    assert asked.code == 0 and "in effect" in asked.out and "registry decide end 1" in asked.out
    assert decide("end", "1", "--reason", "wrong", "--as", "Ann").code == 1
    assert decide("end", "1", "--reason", "wrong", "--as", "bob").code == 0
    assert json.loads(decide("list", "--json").out) == []
    [listed] = json.loads(decide("list", "--all", "--json").out)
    assert (listed["approver"], listed["ending_by"], listed["ended_by"]) == ("bob", "ann", "bob")
    log = json.loads(decide("log", "--json").out)
    assert [row["kind"] for row in log] == ["merge", "approve", "end", "end"] and all(row["intact"] for row in log)
    assert "approve" in decide("log").out and "merge" in decide("list", "--all").out


def test_links_splits_and_overrides_take_records_and_numbers(decide, home_copy):
    crosswalk = table(home_copy, "crosswalk").sort("source", "record_id")
    several = crosswalk.filter(pl.len().over("client_number") > 1)
    number = several.filter(party_type="person")["client_number"][0]
    records = [f"{s}:{r}" for s, r in crosswalk.filter(client_number=number).select("source", "record_id").iter_rows()]
    assert "in effect" in decide("confirm", *records[:2]).out
    refused = decide("split", number, "--records", records[0], "--reason", "two persons")
    assert refused.code == 1 and "must_link (decision 1)" in refused.err
    told = decide("override", number, "language", "az-Cyrl", "--ends", "2030-01-01", "--reason", "said so", "--json")
    assert told.code == 0 and "said so" in told.out
    for shown in (told.out, decide("list", "--json").out, decide("list").out, decide("log", "--json").out):
        assert "az-Cyrl" not in shown
    assert "az-Cyrl" in decide("list", "--values").out
    assert [row["value"] for row in json.loads(decide("list", "--values", "--json").out)] == ["", "az-Cyrl"]
    assert decide("override", number, "langage", "az", "--ends", "2030-01-01", "--reason", "x").code == 1
    assert decide("must-link", *records[:2], "--reason", "x", "--request", "r1", "--json").code == 0
    again = json.loads(decide("must-link", *records[:2], "--reason", "x", "--request", "r1", "--json").out)
    assert again["id"] == 3
