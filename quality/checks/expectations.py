"""The verdict: Great Expectations judges the frame of counted violations, one suite per stage.

Here: the only import of Great Expectations, lazy (it takes 6-15 s) and silenced. Not here: counting (`rules`, `raw`,
`cross`). GX never sees a record: its frame has a row per rule and a column of violations per severity, so neither its
results nor its documentation can hold a client's value. An expectation costs GX 8 ms, hence one a severity.
"""

import functools
import json
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

Broken = tuple[str, str, int]
"""Table, rule, number of violations."""


@dataclass(frozen=True)
class Outcome:
    """What a stage's suite found: `ok` is false exactly when a blocking rule is broken."""

    stage: str
    ok: bool
    blocking_failed: tuple[Broken, ...]
    warnings: tuple[Broken, ...]
    rules: int
    """How many rules were judged."""


def validate(metrics: pl.DataFrame, stage: str, docs: Path | None = None) -> Outcome:
    """Judge `metrics` (columns as rules.METRICS) with the suite named `stage`: each rule expects no violation.

    With `docs`, GX's result goes to `<docs>/<stage>.json` (its clock readings left out: equal nights, equal files).
    """
    result = _run_suite(metrics, stage)
    broken = {r["expectation_config"]["kwargs"]["column"] for r in result["results"] if not r["success"]}
    failed = metrics.filter(_SEVERITY.is_in(sorted(broken)), pl.col("violations") > 0)
    blocking, soft = _broken(failed.filter("blocking")), _broken(failed.filter(~pl.col("blocking")))
    if docs is not None:
        _write(result, metrics, docs / f"{stage}.json")
    return Outcome(stage, not blocking, blocking, soft, metrics.height)


_SEVERITY = pl.when("blocking").then(pl.lit("critical")).otherwise(pl.lit("warning"))
"""GX's word for what a rule does, and the rule's column in the frame."""


def _run_suite(metrics: pl.DataFrame, stage: str) -> dict[str, Any]:
    """Run GX on the violations of a stage's rules; its result as plain data."""
    gx, severities = _great_expectations(), metrics.select(_SEVERITY.unique().sort()).to_series()
    counted = metrics.with_columns(severity=_SEVERITY).pivot("severity", index=["table", "rule"], values="violations")
    expected = [gx.expectations.ExpectColumnMaxToBeBetween(column=s, max_value=0, severity=s) for s in severities]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        batch = _batch_definition().get_batch({"dataframe": counted.to_pandas()})
        suite = gx.ExpectationSuite(name=stage, expectations=expected)
        result = batch.validate(suite, result_format={"result_format": "SUMMARY", "partial_unexpected_count": 0})
    found: dict[str, Any] = result.to_json_dict()
    return found


@functools.cache
def _batch_definition() -> Any:
    """What turns a frame into a GX batch, in a context that is kept in memory only."""
    context = _great_expectations().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("metrics").add_dataframe_asset("rules")
    return asset.add_batch_definition_whole_dataframe("whole")


def prepare() -> None:
    """Import Great Expectations now, once, for processes that are forked later."""
    _great_expectations()


@functools.cache
def _great_expectations() -> Any:
    """Import GX once, telemetry off; its own deprecated imports are not our news."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations as gx
        import great_expectations.expectations
    return gx


def _broken(metrics: pl.DataFrame) -> tuple[Broken, ...]:
    return tuple(metrics.select("table", "rule", "violations").iter_rows())


def _write(result: dict[str, Any], metrics: pl.DataFrame, path: Path) -> None:
    kept = {name: result[name] for name in ("success", "suite_name", "statistics", "results")}
    kept["great_expectations_version"] = result["meta"]["great_expectations_version"]
    kept["rules"] = metrics.to_dicts()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
