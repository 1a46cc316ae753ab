"""Dagster's code location: assets, checks, the nightly job and its schedule.

Here: wiring. Not here: what an asset does. `dagster dev -m pipelines.definitions` with REGISTRY_CONFIG set shows it.
"""

from collections.abc import Iterator
from datetime import timedelta

from dagster import (
    AssetSelection,
    DailyPartitionsDefinition,
    Definitions,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    define_asset_job,
    in_process_executor,
)

from pipelines import assets, checks
from pipelines.context import Place, current
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
    )


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
