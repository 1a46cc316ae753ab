"""`registry explain`: text, JSON, picture, hidden values, errors."""

import json

import polars as pl
import pytest

from tests.cli.test_commands import table


@pytest.fixture
def pair(demo_home) -> tuple[str, str]:
    """The two records of the strongest pair of persons."""
    best = table(demo_home, "pairs_person").sort("weight", "record_key_l", descending=[True, False]).row(0, named=True)
    names = table(demo_home, "crosswalk").select("record_key", name=pl.concat_str("source", "record_id", separator=":"))
    found = dict(names.iter_rows())
    return found[best["record_key_l"]], found[best["record_key_r"]]


def values(found: dict) -> set[str]:
    steps = found["evidence"]["steps"]
    return {v for step in steps for side in ("left", "right") for column in step[side].values() for v in column}


def test_text_json_and_picture(registry, demo_home, pair, tmp_path):
    picture = tmp_path / "new" / "why.svg"
    shown = registry("explain", *pair, "--home", demo_home, "--svg", picture)
    assert shown.code == 0, shown.err
    assert "Blocking rules" in shown.out and "One client:" in shown.out and "█" in shown.out and pair[0] in shown.out
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    found = json.loads(registry("explain", *pair, "--home", demo_home, "--json").out)
    assert found["pair"] == list(pair) and found["verdict"] == "joined" and found["decisions"] == []
    assert found["evidence"]["steps"][-1]["total"] == found["stored"] == found["evidence"]["weight"]
    assert any(len(value) > 3 and value in shown.out for value in values(found))


def test_values_can_be_hidden_everywhere(registry, demo_home, pair, tmp_path):
    shown = json.loads(registry("explain", *pair, "--home", demo_home, "--json").out)
    picture = tmp_path / "why.svg"
    hidden = registry("explain", *pair, "--home", demo_home, "--no-values", "--svg", picture)
    told = hidden.out + picture.read_text(encoding="utf-8")
    assert hidden.code == 0 and not [value for value in values(shown) if len(value) > 4 and value in told]


def test_errors_end_with_the_next_step(registry, demo_home, pair):
    shown = registry("explain", "core:none", pair[1], "--home", demo_home)
    assert shown.code == 1 and "this source has no such record" in shown.err and "→ check the key" in shown.err
    shown = registry("explain", *pair, "--home", demo_home, "--version", "99")
    assert shown.code == 1 and "there is no version 99" in shown.err
