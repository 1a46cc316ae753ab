"""The verdict: Great Expectations judges the frame of counted violations, one suite per stage.

Here: the only import of Great Expectations, lazy (it takes 6-15 s) and silenced. Not here: counting (`rules`, `raw`,
`cross`). GX never sees a record: its frame has one row, with one column of violations per rule, so neither its
results nor its documentation can hold a client's value.
"""

import functools
import json
import os
import warnings
from collections.abc import Mapping
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
    statistics: Mapping[str, int]


def validate(metrics: pl.DataFrame, stage: str, docs: Path | None = None) -> Outcome:
    """Judge `metrics` (columns as rules.METRICS) with the suite named `stage`: each rule expects no violation.

    With `docs`, GX's result goes to `<docs>/<stage>.json` (its clock readings left out: equal nights, equal files).
    """
    result = _run_suite(metrics, stage)
    broken = {r["expectation_config"]["kwargs"]["column"] for r in result["results"] if not r["success"]}
    failed = metrics.filter(_column_names().is_in(sorted(broken)))
    blocking, soft = _broken(failed.filter("blocking")), _broken(failed.filter(~pl.col("blocking")))
    if docs is not None:
        _write(result, docs / f"{stage}.json")
    statistics = {name: int(result["statistics"][name]) for name in _COUNTS}
    return Outcome(stage, not blocking, blocking, soft, statistics)


_COUNTS = ("evaluated_expectations", "successful_expectations", "unsuccessful_expectations")


def _run_suite(metrics: pl.DataFrame, stage: str) -> dict[str, Any]:
    """Run GX on the one-row frame; its result as plain data."""
    gx = _great_expectations()
    names = metrics.select(_column_names()).to_series().to_list()
    frame = pl.DataFrame([metrics["violations"].to_list()], names, orient="row").to_pandas()
    severities = ["critical" if blocking else "warning" for blocking in metrics["blocking"]]
    expected = [
        gx.expectations.ExpectColumnMaxToBeBetween(column=name, max_value=0, severity=severity)
        for name, severity in zip(names, severities, strict=True)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        batch = _batch(gx, frame, stage)
        suite = gx.ExpectationSuite(name=stage, expectations=expected)
        result = batch.validate(suite, result_format={"result_format": "SUMMARY", "partial_unexpected_count": 0})
    found: dict[str, Any] = result.to_json_dict()
    return found


def _batch(gx: Any, frame: Any, stage: str) -> Any:
    """The frame as a GX batch in a context of its own, kept in memory only."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    asset = context.data_sources.add_pandas("metrics").add_dataframe_asset(stage)
    return asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})


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


def _column_names() -> pl.Expr:
    """A rule's column in the one-row frame."""
    return pl.concat_str(pl.col("table"), pl.lit(": "), pl.col("rule")).alias("column")


def _broken(metrics: pl.DataFrame) -> tuple[Broken, ...]:
    return tuple(metrics.select("table", "rule", "violations").iter_rows())


def _write(result: dict[str, Any], path: Path) -> None:
    kept = {name: result[name] for name in ("success", "suite_name", "statistics", "results")}
    kept["great_expectations_version"] = result["meta"]["great_expectations_version"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
