"""The checks of a stage: counted in DuckDB, judged by Great Expectations, kept for the manifest.

Here: composition; a broken blocking rule stops the night. Not here: the rules (quality/checks).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict

import polars as pl

from quality.checks.cross import CROSS_RULES, STAGE_TABLES, count_stage
from quality.checks.expectations import Outcome, validate
from quality.checks.raw import count_raw
from rules.contracts import TABLES
from rules.errors import CheckFailed
from rules.sources import Source
from stages.delivered import input_count
from stages.night import Night
from store import snapshots

STAGES = ("standardised", "matched", "golden", "view", "measured")


def check(night: Night, stage: str) -> Outcome:
    """Run the checks of `stage` on what the night has staged so far and keep the outcome."""
    wanted = {table for name in STAGES[: STAGES.index(stage) + 1] for table in STAGE_TABLES[name]}
    wanted |= {table for rule in CROSS_RULES if rule.stage == stage for table in rule.needs if table in TABLES}
    with night.open(*sorted(wanted)) as con:
        input_count(con, night)
        return _keep(night, validate(count_stage(con, stage), stage, night.folder / "expectations"))


def check_raw(night: Night, source: Source) -> Outcome:
    """Check what `source` delivered against its contract's bounds and keep the outcome; carried rows do not count."""
    stage, contract = f"raw_{source.name}", source.contract
    last = snapshots.latest_before(night.home, source.series, night.business_date)
    with night.open() as con:
        taken = (night.home, source.series, night.business_date)
        usable, refused = snapshots.scan(*taken), snapshots.read_refused(*taken)
        gone = snapshots.GONE in usable.collect_schema().names()
        delivered = usable.filter(pl.col(snapshots.GONE).is_null()) if gone else usable
        keys = delivered.select("record_id").collect()
        con.register("raw_rows", pl.concat([keys, refused.select("record_id")]).to_arrow())
        metrics = count_raw(
            con, "raw_rows", name=source.name, key="record_id", min_rows=contract.min_rows, max_rows=contract.max_rows,
            max_drop=float(contract.max_drop) if contract.max_drop is not None else None,
            previous_rows=last.rows if last else None,
        )  # fmt: skip
    return _keep(night, validate(metrics, stage, night.folder / "expectations"))


def _keep(night: Night, outcome: Outcome) -> Outcome:
    path = night.folder / "checks" / f"{outcome.stage}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(asdict(outcome), sort_keys=True), encoding="utf-8")
    return outcome


def gate(night: Night) -> tuple[Outcome, ...]:
    """Every outcome of the night; CheckFailed if a stage was not checked or a blocking rule is broken."""
    found = outcomes(night)
    unchecked = [stage for stage in _expected(night) if stage not in {outcome.stage for outcome in found}]
    if unchecked:
        raise CheckFailed("promotion", f"stages without checks: {', '.join(unchecked)}", "run the whole night")
    for outcome in found:
        require(outcome)
    return found


def _expected(night: Night) -> tuple[str, ...]:
    return (*(f"raw_{source.name}" for source in night.settings.delivered), *STAGES)


def require(outcome: Outcome) -> None:
    """Raise CheckFailed naming every broken blocking rule; the live version stays."""
    if not outcome.ok:
        broken = "; ".join(f"{table}: {rule} ({count})" for table, rule, count in outcome.blocking_failed)
        raise CheckFailed(
            f"checks of {outcome.stage}", f"broken: {broken}", "see the run's expectations; nothing was promoted"
        )


def outcomes(night: Night) -> tuple[Outcome, ...]:
    """What the stages' checks found, in order."""
    files = [night.folder / "checks" / f"{stage}.json" for stage in _expected(night)]
    return tuple(_outcome(json.loads(path.read_text(encoding="utf-8"))) for path in files if path.exists())


def _outcome(found: Mapping[str, object]) -> Outcome:
    broken = {name: tuple(tuple(row) for row in found[name]) for name in ("blocking_failed", "warnings")}  # type: ignore[attr-defined]
    return Outcome(**{**found, **broken})  # type: ignore[arg-type]
