"""Dagster's view of a registry: what the graph says of itself, the schedule over clock changes, previews."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dagster import DagsterInstance, Definitions, RunsFilter, build_schedule_context
from dagster._utils.schedules import cron_string_iterator

from pipelines.context import Place
from pipelines.steps import preview
from rules.contracts import TABLES
from store import versions

ROOT = Path(__file__).parents[2]
TICK = Path(__file__).with_name("tick_until_killed.py")
SOURCES = ("core", "crm", "cards", "loans", "leads", "companies")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def build(bank_place) -> Callable[[Place], Definitions]:
    """The module is a code location: importing it needs a registry in the environment."""
    from pipelines.definitions import build

    return build


@pytest.fixture
def defs(build, bank_place) -> Definitions:
    return build(bank_place)


def specs(defs: Definitions) -> dict[str, object]:
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def test_every_source_and_stage_is_an_asset_with_description_owner_and_day(defs):
    found = specs(defs)
    assert {f"{kind}_{source}" for kind in ("raw", "std") for source in SOURCES} <= set(found)
    assert {"match_input", "clusters", "crosswalk", "golden_record", "live_version"} <= set(found)
    for name, spec in found.items():
        assert spec.description and len(spec.description) > 20, name
        assert spec.owners == ["team:customer-registry"], name
        assert spec.partitions_def.schedule_type.value == "DAILY", name
        assert spec.freshness_policy is not None, name


def test_the_graph_runs_from_sources_to_the_live_version(defs):
    found = specs(defs)
    above = {name: {dep.asset_key.to_user_string() for dep in spec.deps} for name, spec in found.items()}
    assert above["match_input"] == {f"std_{source}" for source in (*SOURCES, "desk")}
    assert above["live_version"] == {"certified"} and above["std_core"] == {"raw_core"}


def test_every_stage_has_a_blocking_check(defs):
    checks = {spec.name: spec for checks in defs.asset_checks for spec in checks.check_specs}
    assert {f"{stage}_contracts" for stage in ("standardised", "matched", "golden", "measured")} <= set(checks)
    assert "gates" in checks
    assert {f"raw_{source}_contracts" for source in SOURCES} <= set(checks)
    assert all(spec.blocking for spec in checks.values())


def test_the_schedule_is_half_past_two_in_the_registrys_zone(defs):
    schedule = defs.resolve_schedule_def("nightly_schedule")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 2 * * *", "Asia/Baku")
    assert schedule.job_name == "nightly"


@pytest.mark.parametrize("around", ["2026-03-29", "2026-10-25"])
def test_a_night_with_a_clock_change_has_one_run_of_one_business_date(build, bank_place, around):
    change = datetime.fromisoformat(around).replace(tzinfo=BERLIN)
    registry = bank_place.settings.registry.model_copy(update={"time_zone": "Europe/Berlin"})
    settings = type(bank_place.settings)(bank_place.settings.path, registry, bank_place.settings.sources)
    defs = build(Place(settings, bank_place.home, bank_place.data))
    schedule = defs.resolve_schedule_def("nightly_schedule")
    ticks = cron_string_iterator((change - timedelta(days=2)).timestamp(), schedule.cron_schedule, "Europe/Berlin")
    dates, keys = [], []
    with DagsterInstance.ephemeral() as instance:
        for tick, _ in zip(ticks, range(5), strict=False):
            context = build_schedule_context(
                instance, scheduled_execution_time=tick, repository_def=defs.get_repository_def()
            )
            [request] = schedule.evaluate_tick(context).run_requests
            dates.append(request.partition_key)
            keys.append(request.run_key)
    first = change.date() - timedelta(days=3)
    assert dates == [(first + timedelta(days=n)).isoformat() for n in range(5)]
    assert keys == dates


def test_previews_show_no_personal_column(bank_place, compute, days):
    night = bank_place.night(days.second)
    night.path("std_record").parent.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        entry = versions.manifest(bank_place.home).table(name)
        night.path(name).write_bytes((bank_place.home.root / entry.files[0].path).read_bytes())
    with night.open(*TABLES) as con:
        for name, schema in TABLES.items():
            personal = {column for column, c in schema.columns().items() if (c.metadata or {}).get("pii", "-") != "-"}
            shown = set(preview(con, name).splitlines()[0].split(" | "))
            assert shown and not shown & (personal | {"record_id"}), name


@pytest.mark.slow
def test_dagster_validates_the_code_location(demo_home):
    environment = os.environ | {
        "REGISTRY_CONFIG": str(demo_home / "bank" / "registry.yaml"), "REGISTRY_HOME": str(demo_home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }  # fmt: skip
    command = [Path(sys.executable).with_name("dagster"), "definitions", "validate", "-m", "pipelines.definitions"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_a_daemon_killed_in_a_tick_starts_the_night_once_when_it_is_back(bank_place):
    """Killed when the tick is noted, and again when its run is made but not yet handed on."""
    from pipelines.run import instance_home

    instance_home(bank_place.home)
    environment = os.environ | {
        "REGISTRY_CONFIG": str(bank_place.settings.path), "REGISTRY_HOME": str(bank_place.home.root),
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    when = (datetime.now(BERLIN) + timedelta(days=1)).isoformat()
    ended = [
        subprocess.run([sys.executable, str(TICK), when, *point], cwd=ROOT, env=environment, timeout=120)
        for point in (["TICK_CREATED"], ["RUN_CREATED"], [])
    ]
    assert [one.returncode for one in ended] == [-signal.SIGKILL, -signal.SIGKILL, 0]
    with DagsterInstance.get() as instance:
        [run] = instance.get_runs(RunsFilter(tags={"dagster/schedule_name": "nightly_schedule"}))
        [state] = instance.all_instigator_state()
        [tick] = instance.get_ticks(state.instigator_origin_id, state.selector_id)
        assert run.status.value == "QUEUED" and tick.run_ids == [run.run_id] and tick.status.value == "SUCCESS"
        assert run.tags["dagster/partition"] == run.tags["dagster/run_key"]
