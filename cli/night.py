"""Commands of a night: run, evaluate, verify, versions, rollback, doctor.

Here: arguments and output. Not here: the work (pipelines/run, stages).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import HOME, As, Config, Data, Day, HomeOption, Json, business_date, show_json, show_table


def add(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (run, evaluate, verify, versions, rollback, doctor):
        app.command()(command)


def run(
    config: Config, home: HomeOption = HOME, date: Day = None, data: Data = None,
    full: Annotated[bool, typer.Option("--full", help="Compute everything again from the day's snapshots.")] = False,
    retake: Annotated[bool, typer.Option("--retake", help="Take the day's snapshots again.")] = False,
    override: Annotated[list[str] | None, typer.Option("--override", help="Promote in spite of this gate.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why the gate is overridden; kept for ever.")] = "",
    user: As = None, json: Json = False,
) -> None:  # fmt: skip
    """Run one night through the Dagster job; the first run of a home trains its models first."""
    from cli.progress import Progress
    from cli.summary import show_summary, summary
    from pipelines.context import set_place
    from pipelines.run import has_models, run_night, train
    from stages import gates

    place = set_place(config, home, data)
    day = business_date(date, place.settings.registry.time_zone)
    for gate in override or ():
        gates.override(place.night(day), gate, reason, user)
    if not has_models(place.home):
        with Progress("train", quiet=json) as told:
            train(place, day, told)
    with Progress(f"night {day}", quiet=json) as told:
        ran = run_night(place, day, full, told, retake)
    found = summary(place.home, ran.version, ran.new)
    show_json(found) if json else show_summary(found)


def evaluate(
    truth: Annotated[Path, typer.Option("--truth", help="Parquet or CSV with source, record_id, entity_id.")],
    config: Annotated[Path | None, typer.Option("--config", "-c", help="registry.yaml (not needed)")] = None,
    home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Measure the live version against a truth file."""
    from stages.evaluate import evaluate_live
    from store.home import Home

    found = evaluate_live(Home(home), truth)
    if json:
        return show_json(found)
    columns = list(found["all"])
    rows = [[who, *("-" if f[c] is None else f[c] for c in columns)] for who, f in found.items()]
    show_table("Measured against truth", ["", *columns], rows)


def verify(
    home: HomeOption = HOME, json: Json = False,
    version: Annotated[int | None, typer.Option(help="Version to verify; by default the live one.")] = None,
) -> None:  # fmt: skip
    """Run every invariant on a version; exit 1 if one fails."""
    from stages.verify import verify as verify_version
    from store.home import Home

    found = verify_version(Home(home), version)
    if json:
        show_json(found)
    else:
        rows = [[i["id"], i["name"], "holds" if i["ok"] else "BROKEN", i["rows"]] for i in found["invariants"]]
        show_table(f"Invariants of version {found['version']}", ["id", "invariant", "", "rows"], rows)
    if not found["ok"]:
        raise typer.Exit(1)


def versions(home: HomeOption = HOME, json: Json = False) -> None:
    """List the versions with their business date, parent and rows; the live one and removed ones are marked."""
    from store import versions as store
    from store.home import Home

    place = Home(home)
    pointer = store.live(place)
    found = [store.manifest(place, number) for number in store.numbers(place)]
    live = pointer.version if pointer else None
    rows = [_version_row(m, m.version == live) | {"removed": store.is_removed(place, m.version)} for m in found]
    if json:
        return show_json(rows)
    show_table("Versions", list(rows[0]) if rows else ["no version yet"], [list(row.values()) for row in rows])


def _version_row(manifest: Any, live: bool) -> dict[str, Any]:
    golden = manifest.table("golden_party")
    return {
        "version": manifest.version,
        "live": live,
        "business_date": str(manifest.business_date),
        "parent": manifest.parent,
        "input_rows": sum(entry.rows for entry in manifest.inputs),
        "carried_rows": sum(entry.carried for entry in manifest.inputs),
        "golden": golden.rows if golden else 0,
        "golden_hash": golden.content_hash if golden else "",
        "stale_sources": ", ".join(entry.source for entry in (*manifest.inputs, *manifest.feeds) if entry.stale),
    }


def rollback(
    version: Annotated[int, typer.Argument(help="Version that becomes live again.")], home: HomeOption = HOME,
    json: Json = False,
) -> None:  # fmt: skip
    """Make an earlier version live again, after checking all its files."""
    from stages.publish import point
    from store import lock
    from store import versions as store
    from store.home import Home

    place = Home(home)
    store.manifest(place, version)
    lock.acquire(place)
    try:
        pointer = store.rollback(place, version)
        point(place, version)
    finally:
        lock.release(place)
    upcoming = pointer.promoted + 1
    if json:
        return show_json({"version": pointer.version, "next_version": upcoming})
    print(f"Version {pointer.version} is live. The next night builds on it and becomes version {upcoming}.")


def doctor(
    config: Annotated[Path | None, typer.Option("--config", "-c", help="registry.yaml to check")] = None,
    home: HomeOption = HOME, date: Day = None, data: Data = None, json: Json = False,
) -> None:  # fmt: skip
    """Say what is missing or misconfigured, with the mend; with --config also whether each source can be reached."""
    from cli.doctor import examine

    findings = examine(config, home, data, date.date() if date else None)
    if json:
        show_json(findings)
    else:
        marks = {"ok": "✓", "warning": "!", "problem": "✗"}
        rows = [[marks[f["state"]], f["what"], f["found"], f["mend"]] for f in findings]
        show_table("Doctor", ["", "what", "found", "mend"], rows)
    if any(finding["state"] == "problem" for finding in findings):
        raise typer.Exit(1)
