"""Asset checks: each stage's expectations as a Dagster check; a broken blocking rule stops what comes after.

Here: the bridge to Dagster. Not here: the rules (quality/checks) or the verdict (Great Expectations).
"""

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSeverity,
    MetadataValue,
    asset_check,
)

from pipelines.context import current
from pipelines.steps import guarded
from quality.checks.expectations import Outcome
from stages.check import check

CHECKED = {"standardised": "match_input", "matched": "clusters", "golden": "golden_record"}
"""Stage → the asset whose check it is."""


def build() -> list[AssetChecksDefinition]:
    """One blocking check per stage."""
    return [_stage_check(stage, asset) for stage, asset in CHECKED.items()]


def _stage_check(stage: str, asset: str) -> AssetChecksDefinition:
    @asset_check(
        name=f"{stage}_contracts", asset=asset, blocking=True,
        description=f"Contracts of the {stage} tables, counted in DuckDB and judged by Great Expectations.",
    )  # fmt: skip
    def contracts(context: AssetCheckExecutionContext) -> AssetCheckResult:
        from datetime import date

        night = current().night(date.fromisoformat(context.partition_key))
        return _result(guarded(stage, lambda: check(night, stage)))

    return contracts


def _result(outcome: Outcome) -> AssetCheckResult:
    broken = [f"{table}: {rule} ({count})" for table, rule, count in (*outcome.blocking_failed, *outcome.warnings)]
    return AssetCheckResult(
        passed=outcome.ok,
        severity=AssetCheckSeverity.ERROR,
        metadata={
            "broken": MetadataValue.json(broken),
            **{k: MetadataValue.int(v) for k, v in outcome.statistics.items()},
        },
    )
