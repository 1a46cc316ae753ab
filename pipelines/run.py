"""Running a night in this process, through the same Dagster job that the schedule runs.

Here: the job's execution and what went wrong in one sentence. Not here: the job (pipelines/definitions).
"""

import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from matching.model import versions as model_versions
from matching.promotions import LOG
from pipelines.context import Place
from pipelines.ingest import land
from pipelines.notify import TOLD, night_ended
from pipelines.steps import INTERRUPTS, Listener, listen, was_stopped
from rules.errors import IntegrityError, RegistryError
from stages import gates, stopped
from stages.finish import complete
from stages.match import MODELS
from stages.night import Night
from stages.standardise import standardise
from stages.start import begin, done
from stages.train import train as train_models
from store import lock, snapshots, spark, versions
from store.home import Home
from store.manifest import Manifest

_TEMPLATE = Path(__file__).parent.parent / "dagster_home" / "dagster.yaml"

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Dagster's events are in its own store; the console has our progress instead."""


_AGAIN = "mend it and run again; the live version is unchanged"
_STOPPED = ("the night was stopped", "run again: the live version is unchanged")
_RESTORE = "restore the file from a backup (only if no night ever ran here: `registry train`)"


@dataclass(frozen=True)
class Ran:
    """What a run left: the live version, and whether it is new."""

    version: Manifest
    new: bool


class NightFailed(RegistryError):
    """The job failed; the live version is as before."""


def run_night(
    place: Place, day: date, full: bool = False, listener: Listener | None = None, retake: bool = False
) -> Ran:
    """Run the nightly job for `day`; the same day again gives the same version unless `full`.

    With `retake` the day's snapshots are taken again, the earlier ones kept aside, and everything is computed anew.
    """
    before = versions.live(place.home.prepare())
    full = full or retake
    if not full and (found := done(place.night(day))):
        complete(place.night(day), found)
        return Ran(found, False)
    if retake:
        _set_aside(place, day)
    stopped.page(place.night(day)).unlink(missing_ok=True)
    listen(listener)
    from dagster import DagsterInstance

    instance_home(place.home)
    from pipelines.assets import FULL
    from pipelines.definitions import JOB, build

    job = build(place).resolve_job_def(JOB)
    tags = {TOLD: "true"} | ({FULL: "true"} if full else {})
    try:
        with DagsterInstance.get() as instance:
            result = job.execute_in_process(
                instance=instance,
                partition_key=day.isoformat(),
                raise_on_error=False,
                tags=tags,
                run_config=_QUIET,
            )
            problems = _problems(result) + _stopped_by(place.night(day))
    except INTERRUPTS:
        raise NightFailed(f"night of {day}", *_STOPPED) from None
    finally:
        spark.release()
        lock.release(place.home)
    if any(map(was_stopped, problems)):
        raise NightFailed(f"night of {day}", *_STOPPED)
    night_ended(place, day, "" if result.success else _sentence(problems))
    if not result.success:
        raise NightFailed(f"night of {day}", "\n".join(problems) or "failed", _AGAIN)
    after = versions.manifest(place.home)
    return Ran(after, before is None or before.version != after.version)


def _sentence(problems: list[str]) -> str:
    """What is told to people elsewhere: every problem without the records that the console names."""
    return " ".join(problem.split(". Records: ")[0] for problem in problems) or "failed"


def _stopped_by(night: Night) -> list[str]:
    """The breaches of gates with their records, which Dagster is not told."""
    page = stopped.told(night)
    return [*gates.named(night), f"report: {page}"] if page else []


def _set_aside(place: Place, day: date) -> None:
    lock.acquire(place.home)
    for source in place.settings.delivered:
        snapshots.set_aside(place.home, source.series, day)


def instance_home(home: Home) -> Path:
    """Dagster's folder in the home, with our dagster.yaml; DAGSTER_HOME points there from now on."""
    home.prepare()
    target = home.dagster / "dagster.yaml"
    if not target.exists():
        shutil.copyfile(_TEMPLATE, target)
    os.environ["DAGSTER_HOME"] = str(home.dagster.absolute())
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"
    return home.dagster


def train(
    place: Place, day: date, listener: Listener | None = None, alias: str = "bootstrap", user: str | None = None
) -> dict[str, str]:
    """Train models on the snapshots of `day`; the first ones of a home become `alias`."""
    night = place.night(day)
    tell = listener or (lambda *_: None)
    try:
        begin(night, models={})
        for source in place.settings.sources:
            tell(f"read {source.name}", "started", {})
            tell(f"read {source.name}", "finished", land(place, source, day))
            tell(f"standardise {source.name}", "started", {})
            tell(f"standardise {source.name}", "finished", standardise(night, source))
        tell("train", "started", {})
        made = train_models(night, alias, user)
        tell("train", "finished", {})
        return made
    finally:
        lock.release(place.home)


def has_models(home: Home) -> bool:
    """Whether any model was ever trained in this home; IntegrityError where one was and the log is lost.

    Only a home without log, model and live version has none: one that lost its log must not approve a model by itself.
    """
    folder = home.prepare().models
    if (folder / LOG).exists() or any(folder.glob("*.aliases.json")):
        return True
    if all((folder / f"{party}.none").exists() for party in MODELS) and not model_versions(folder):
        return True
    if versions.live(home) or model_versions(folder):
        raise IntegrityError(str(folder / LOG), "is missing, but the home has models or a live version", _RESTORE)
    return False


def _problems(result: object) -> list[str]:
    """One sentence per failed step or blocking check."""
    found = []
    for event in result.all_events:  # type: ignore[attr-defined]
        if event.is_step_failure:
            error = event.step_failure_data.error
            described = event.step_failure_data.user_failure_data
            text = described.description if described and described.description else (error.message if error else "")
            found.append(f"{event.step_key}: {text.strip()}")
    return found
