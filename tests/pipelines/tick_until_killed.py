"""One look of Dagster's daemon at the schedule, as of a given time: `python tick_until_killed.py TIME [POINT]`.

With a POINT the process kills itself there, at one of the places that Dagster names for its own tests of crashes.
"""

import logging
import signal
import sys
from datetime import datetime

from dagster import DagsterInstance
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster._daemon.daemon import SchedulerDaemon  # noqa: F401  (the daemon first: Dagster's modules import in a circle)
from dagster._scheduler.scheduler import launch_scheduled_runs

SCHEDULE = "nightly_schedule"


def main(when: datetime, point: str | None) -> None:
    target = ModuleTarget("pipelines.definitions", None, ".", "registry")
    with DagsterInstance.get() as instance, WorkspaceProcessContext(instance, target) as workspace:
        [location] = workspace.create_request_context().code_locations
        [repository] = location.get_repositories().values()
        schedule = repository.get_schedule(SCHEDULE)
        if not instance.all_instigator_state():
            instance.start_schedule(schedule)
        crash = {SCHEDULE: {point: signal.SIGKILL}} if point else None
        list(launch_scheduled_runs(workspace, logging.getLogger(), when, {}, debug_crash_flags=crash))


if __name__ == "__main__":
    main(datetime.fromisoformat(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
