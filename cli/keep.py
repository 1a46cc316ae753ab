"""Commands about what is kept: findings, replay, clean.

Here: arguments and output. Not here: the work (stages/findings, stages/replay, store/retention).
"""

from typing import Annotated

import typer

from cli.options import HOME, Config, HomeOption, Json, show_json, show_table


def add(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (findings, replay, clean):
        app.command()(command)


def findings(
    source: Annotated[str | None, typer.Option("--source", help="Only what this source should mend.")] = None,
    home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """List what source systems should mend: two customer numbers that a source gave to one client."""
    from stages.findings import listed
    from store.home import Home

    found = listed(Home(home), source)
    if json:
        return show_json(found)
    columns = ["source", "client_number", "records", "state", "first_seen", "resolved", "evidence"]
    rows = [[", ".join(f[c]) if c == "records" else f[c] for c in columns] for f in found]
    show_table("Findings", columns, rows) if rows else print("No finding.")


def replay(
    version: Annotated[int, typer.Argument(help="Version to rebuild.")], config: Config, home: HomeOption = HOME,
    threads: Annotated[int | None, typer.Option("--threads", help="Threads to compute with.", min=1)] = None,
    shuffle: Annotated[bool, typer.Option("--shuffle", help="Read the rows and sources in another order.")] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Rebuild a version from its manifest's inputs in a scratch home and compare every table; exit 1 if one differs."""
    from rules.settings import load_registry
    from stages.replay import replay as rebuild
    from store.home import Home

    found = rebuild(Home(home.absolute()), load_registry(config), version, threads, shuffle)
    if json:
        show_json(found)
    else:
        rows = [[table["name"], "equal" if table["equal"] else "DIFFERS"] for table in found["tables"]]
        show_table(f"Version {version}, computed again", ["table", ""], rows)
    if not found["equal"]:
        raise typer.Exit(1)


def clean(
    config: Config, home: HomeOption = HOME,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Remove versions and raw snapshots past the term that `retention` declares; nothing that is live or being read."""
    from rules.settings import load_registry
    from store import lock, retention
    from store.home import Home

    place, rule = Home(home), load_registry(config).registry.retention
    lock.acquire(place.prepare())
    try:
        planned = retention.plan(place, rule)
        size = planned.bytes
        done = planned if dry_run else retention.clean(place, rule)
    finally:
        lock.release(place)
    found = {
        "removed": not dry_run, "versions": list(done.versions), "in_use": list(done.in_use),
        "objects": len(done.objects), "snapshots": [str(path.relative_to(home)) for path in done.snapshots],
        "bytes": size,
    }  # fmt: skip
    if json:
        return show_json(found)
    if rule is None:
        return print("registry.yaml declares no retention: everything is kept.")
    shown = [[name, ", ".join(map(str, value)) if isinstance(value, list) else value] for name, value in found.items()]
    show_table("Would be removed" if dry_run else "Removed", ["what", ""], shown)
