"""Dagster's code location: assets, checks, the nightly job and its schedule.

Here: wiring. Not here: what an asset does. `dagster dev -m pipelines.definitions` with REGISTRY_CONFIG set shows it.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from dagster import (
    AssetSelection,
    DagsterRunStatus,
    DailyPartitionsDefinition,
    DefaultSensorStatus,
    Definitions,
    RunFailureSensorContext,
    RunRequest,
    RunStatusSensorContext,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SensorDefinition,
    define_asset_job,
    in_process_executor,
    run_failure_sensor,
    run_status_sensor,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from pipelines import assets, checks
from pipelines.context import Place, current
from pipelines.notify import TOLD, night_ended
from rules.settings import Registry

JOB = "nightly"
FIRST_DAY = "2000-01-01"
MAX_SECONDS = 6 * 3600
"""A run that takes longer is ended by run monitoring."""


def build(place: Place) -> Definitions:
    """The definitions of one registry."""
    registry = place.settings.registry
    partitions = DailyPartitionsDefinition(start_date=FIRST_DAY, timezone=registry.time_zone, end_offset=1)
    nightly = define_asset_job(
        JOB, selection=AssetSelection.all(), executor_def=in_process_executor,
        description="One night: sources to published golden records.", tags={"dagster/max_runtime": str(MAX_SECONDS)},
    )  # fmt: skip
    return Definitions(
        assets=assets.build(place, partitions),
        asset_checks=checks.build(place),
        jobs=[nightly],
        schedules=[_schedule(registry)],
        sensors=_sensors(place, nightly),
    )


def _sensors(place: Place, nightly: UnresolvedAssetJobDefinition) -> list[SensorDefinition]:
    """What is told of a scheduled night's end; they run while the daemon does."""

    def ended(context: RunStatusSensorContext, problem: str = "") -> None:
        if TOLD not in context.dagster_run.tags:
            night_ended(place, date.fromisoformat(context.dagster_run.tags["dagster/partition"]), problem)

    @run_failure_sensor(name="night_failed", monitored_jobs=[nightly], default_status=DefaultSensorStatus.RUNNING)
    def night_failed(context: RunFailureSensorContext) -> None:
        """Tell why a night failed or which gate stopped it."""
        steps = (event.step_failure_data for event in context.get_step_failure_events())
        told = [step.user_failure_data for step in steps if step.user_failure_data]
        ended(context, " ".join(one.description or "" for one in told).strip() or "see Dagster and `registry doctor`")

    @run_status_sensor(
        DagsterRunStatus.SUCCESS, name="night_done", monitored_jobs=[nightly],
        default_status=DefaultSensorStatus.RUNNING,
    )  # fmt: skip
    def night_done(context: RunStatusSensorContext) -> None:
        """Tell which sources are stale."""
        ended(context)

    return [night_failed, night_done]


def _schedule(registry: Registry) -> ScheduleDefinition:
    """The business day that ended, once per day: the run key is the date, so no clock change runs a night twice."""

    def nights(context: ScheduleEvaluationContext) -> Iterator[RunRequest]:
        ended = (context.scheduled_execution_time - timedelta(days=1)).date().isoformat()
        yield RunRequest(run_key=ended, partition_key=ended)

    return ScheduleDefinition(
        name="nightly_schedule",
        job_name=JOB,
        cron_schedule=registry.schedule,
        execution_timezone=registry.time_zone,
        execution_fn=nights,
        description="Every night, for the business day that ended.",
    )


defs = build(current())
