"""The speed benchmark: what it measures on a small bank, the meter, the record."""

import json
import time
from pathlib import Path

import pytest

from benchmarks.speed.measure import measure
from benchmarks.speed.meter import STAGES, StageMeter
from benchmarks.speed.page import drawn
from benchmarks.speed.recorded import load_recorded, record
from benchmarks.speed.sizing import SPREAD, sized
from benchmarks.speed.slowest import MOST, watched
from store.duck import connect


def test_the_meter_adds_seconds_by_stage_and_forgets_earlier_peaks() -> None:
    meter = StageMeter()
    for step, seconds in (("std_core", 0.02), ("std_crm", 0.03), ("raw_core", 0.0)):
        meter(step, lambda seconds=seconds: time.sleep(seconds))
    assert list(meter.stages) == ["standardise", "read"] and meter.stages["standardise"]["seconds"] >= 0.05
    meter("pairs_person", lambda: bytearray(300 * 10**6))
    large = meter.stages["block and score"]["peak_mb"]
    meter("golden_record", lambda: None)
    assert meter.stages["golden"]["peak_mb"] < large - 200 and meter.peak_mb == large


def test_a_run_takes_the_place_of_one_of_its_size_and_is_drawn(tmp_path: Path) -> None:
    run = {"total_seconds": 5.0, "cold_seconds": 9.0, "bare_splink_seconds": 1.0, "night": {"seconds": 2.0}}
    for records in (1_000, 20_000, 1_050):
        record({"records": records, **run}, tmp_path / "runs.json")
    kept = load_recorded(tmp_path / "runs.json")
    assert [one["records"] for one in kept] == [1_050, 20_000]
    assert "bare Splink" in drawn(kept)


def test_sizes_follow_from_core_seconds_by_where_stages_run() -> None:
    stages = {"cluster": {"seconds": 30.0, "core_seconds": 36.0}, "publish": {"seconds": 3.6}}
    page = sized({"records": 100_000, "stages": stages})
    assert "| cluster | cluster | 360 | 1.0 | 10.0 | 100.0 |" in page
    assert "| **all** | driver | 72 | 0.2 | 2.0 | 20.0 |" in page


def test_every_spread_stage_is_a_stage() -> None:
    assert set(SPREAD) <= set(STAGES.values())


def test_the_slowest_statements_are_left_with_their_plans_and_no_parameter(tmp_path: Path) -> None:
    with watched(tmp_path / "slow"), connect([tmp_path], tmp_path / "work") as con:
        con.execute("CREATE TEMP TABLE t AS SELECT i, i % 7 AS k FROM range(3000000) r(i)")
        assert con.sql("SELECT count(*) FROM t JOIN t u USING (k) WHERE t.i < 9").fetchall() == [
            (9 * 3000000 // 7 + 2,)
        ]
        for number in range(MOST):
            con.execute("SELECT ?::VARCHAR", [f"secret {number}"])
    texts = [path.read_text() for path in sorted((tmp_path / "slow").iterdir())]
    assert len(texts) == MOST and not any("secret" in text for text in texts)
    assert any("CREATE TEMP TABLE t" in text and "RANGE" in text for text in texts[:3])
    assert float(texts[0].split()[0]) >= float(texts[1].split()[0])
    with connect([tmp_path], tmp_path / "work") as con:
        con.execute("SELECT 1")
    assert len(list((tmp_path / "slow").iterdir())) == MOST


@pytest.mark.slow
def test_both_nights_and_bare_splink_are_measured(tmp_path: Path) -> None:
    found = measure(600, 0.02, tmp_path)
    assert found["night"]["equal"] and found["records"] > 400
    assert set(found["stages"]) == set(found["night"]["stages"])
    assert found["total_seconds"] == pytest.approx(sum(cost["seconds"] for cost in found["stages"].values()))
    assert found["bare_splink_seconds"] > 0 and json.dumps(found)
