"""The checks of a stage: counted in DuckDB, judged by Great Expectations, kept for the manifest.

Here: composition; a broken blocking rule stops the night. Not here: the rules (quality/checks).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict

import duckdb

from quality.checks.cross import STAGE_TABLES, count_stage
from quality.checks.expectations import Outcome, validate
from rules.errors import CheckFailed
from stages.night import Night
from store import snapshots

STAGES = ("standardised", "matched", "golden")


def check(night: Night, stage: str) -> Outcome:
    """Run the checks of `stage` on what the night has staged so far and keep the outcome."""
    wanted = {table for name in STAGES[: STAGES.index(stage) + 1] for table in STAGE_TABLES[name]}
    with night.open(*sorted(wanted)) as con:
        input_count(con, night)
        outcome = validate(count_stage(con, stage), stage, night.folder / "expectations")
    path = night.folder / "checks" / f"{stage}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(asdict(outcome), sort_keys=True, default=dict), encoding="utf-8")
    return outcome


def require(outcome: Outcome) -> None:
    """Raise CheckFailed naming every broken blocking rule; the live version stays."""
    if not outcome.ok:
        broken = "; ".join(f"{table}: {rule} ({count})" for table, rule, count in outcome.blocking_failed)
        raise CheckFailed(
            f"checks of {outcome.stage}", f"broken: {broken}", "see the run's expectations; nothing was promoted"
        )


def outcomes(night: Night) -> tuple[Outcome, ...]:
    """What the stages' checks found, in order."""
    files = [night.folder / "checks" / f"{stage}.json" for stage in STAGES]
    return tuple(_outcome(json.loads(path.read_text(encoding="utf-8"))) for path in files if path.exists())


def _outcome(found: Mapping[str, object]) -> Outcome:
    broken = {name: tuple(tuple(row) for row in found[name]) for name in ("blocking_failed", "warnings")}  # type: ignore[attr-defined]
    return Outcome(**{**found, **broken})  # type: ignore[arg-type]


def input_count(con: duckdb.DuckDBPyConnection, night: Night) -> None:
    """Table `input_count(source, rows)`: rows of each raw snapshot."""
    con.execute("CREATE OR REPLACE TABLE input_count (source VARCHAR, rows BIGINT)")
    for source in night.settings.sources:
        facts = snapshots.read_facts(night.home, source.name, night.business_date)
        con.execute("INSERT INTO input_count VALUES (?, ?)", [source.name, facts.rows if facts else 0])
