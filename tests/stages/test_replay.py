"""Versions computed again: equal for any threads and order of rows, refused where rules or code are others."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rules.errors import NotFound, RegistryError
from stages.replay import replay
from store import snapshots, versions

pytestmark = pytest.mark.long


def files(home: Path) -> set[tuple[str, int]]:
    return {
        (str(path), path.stat().st_mtime_ns) for path in home.rglob("*") if path.is_file() and path.suffix != ".lock"
    }


@pytest.mark.slow
def test_a_version_comes_out_again_for_any_threads_and_order(small_live, compute, days):
    compute(small_live, days.second)
    shutil.rmtree(small_live.home.staging)
    small_live.home.staging.mkdir()
    before = files(small_live.home.root)
    for version, threads, shuffle in ((1, 1, False), (2, 2, True), (2, 4, False)):
        found = replay(small_live.home, small_live.settings, version, threads, shuffle)
        assert found["equal"], [table for table in found["tables"] if not table["equal"]]
        assert {"golden_party", "ledger_event", "finding"} <= {table["name"] for table in found["tables"]}
    assert files(small_live.home.root) == before
    assert not list((small_live.home.root / ".replay").iterdir())


def test_a_version_comes_out_again_where_sources_are_standardised_a_few_rows_at_a_time(small_live, monkeypatch):
    monkeypatch.setattr("stages.standardise.ROWS", 100)
    found = replay(small_live.home, small_live.settings, 1)
    assert found["equal"], [table for table in found["tables"] if not table["equal"]]


def test_other_rules_code_or_a_lost_snapshot_are_said(small_live, monkeypatch, days):
    home, settings = small_live.home, small_live.settings
    other = replace(settings, registry=settings.registry.model_copy(update={"match_across_entities": False}))
    with pytest.raises(RegistryError, match="another rules_hash"):
        replay(home, other, 1)
    monkeypatch.setattr("stages.replay.code_version", lambda: "0" * 16)
    with pytest.raises(RegistryError, match="another code_version"):
        replay(home, settings, 1)
    monkeypatch.undo()
    shutil.rmtree(snapshots.folder(home, settings.source("cards").series, days.first))
    with pytest.raises(NotFound, match="snapshot of source cards"):
        replay(home, settings, 1)
    assert not list((home.root / ".replay").iterdir()) and versions.live(home).version == 1
