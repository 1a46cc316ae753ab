"""Asset checks: each stage's expectations as a Dagster check; a broken blocking rule stops what comes after.

Here: the bridge to Dagster. Not here: the rules (quality/checks) or the verdict (Great Expectations).
"""

from collections.abc import Callable
from datetime import date
from functools import partial

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    MetadataValue,
    asset_check,
)

from pipelines.context import Place, current
from pipelines.steps import guarded
from quality.checks.expectations import Outcome
from rules.sources import Source
from stages.check import check, check_raw
from stages.gates import judge
from stages.night import Night
from stages.stopped import tell

CHECKED = {"standardised": "match_input", "matched": "clusters", "golden": "golden_record",
           "view": "client_view", "measured": "scorecard"}  # fmt: skip
"""Stage → the asset whose check it is."""


def build(place: Place) -> list[AssetChecksDefinition]:
    """One blocking check per raw snapshot and per stage."""
    raw = [_check(f"raw_{s.name}", f"raw_{s.name}", partial(_raw, s)) for s in place.settings.delivered]
    stages = [_check(stage, asset, partial(_stage, stage)) for stage, asset in CHECKED.items()]
    return [*raw, *stages, _gates()]


def _raw(source: Source, night: Night) -> Outcome:
    return check_raw(night, source)


def _stage(stage: str, night: Night) -> Outcome:
    return check(night, stage)


def _check(stage: str, asset: str, look: Callable[[Night], Outcome]) -> AssetChecksDefinition:
    @asset_check(
        name=f"{stage}_contracts", asset=asset, blocking=True,
        description=f"Contracts of {stage}, counted in DuckDB and judged by Great Expectations.",
    )  # fmt: skip
    def contracts(context: AssetCheckExecutionContext) -> AssetCheckResult:
        night = current().night(date.fromisoformat(context.partition_key))
        return _result(guarded(stage, lambda: look(night)))

    return contracts


def _result(outcome: Outcome) -> AssetCheckResult:
    broken = [f"{table}: {rule} ({count})" for table, rule, count in (*outcome.blocking_failed, *outcome.warnings)]
    return AssetCheckResult(
        passed=outcome.ok,
        severity=AssetCheckSeverity.ERROR,
        metadata={
            "broken": MetadataValue.json(broken),
            "rules": MetadataValue.int(outcome.rules),
        },
    )


def _gates() -> AssetChecksDefinition:
    @asset_check(
        name="gates", asset="scorecard", blocking=True,
        description="Declared limits that a night must keep to be promoted, against the nights before.",
    )  # fmt: skip
    def gates(context: AssetCheckExecutionContext) -> AssetCheckResult:
        night = current().night(date.fromisoformat(context.partition_key))
        judged = guarded("gates", lambda: judge(night))
        guarded("gates", lambda: tell(night, judged))
        broken = [one for one in judged if not one.entry.ok]
        return AssetCheckResult(
            passed=not broken,
            severity=AssetCheckSeverity.ERROR if any(one.stops for one in broken) else AssetCheckSeverity.WARN,
            metadata={"breached": MetadataValue.json([str(one) for one in broken]), "judged": len(judged)},
        )

    return gates
