"""Commands about blocking rules: blocking count, blocking propose.

Here: arguments and output. Not here: counting and choosing (stages/blocking).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import HOME, HomeOption, Json, show_json, show_table

Party = Annotated[str, typer.Option(help="person or organisation")]
Rules = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="registry.yaml whose matching rules to try; by default the live model's."),
]


def add(app: typer.Typer) -> None:
    """Register the commands."""
    blocking = typer.Typer(help="Which pairs are compared at all: count the rules, propose better ones.")
    blocking.command()(count)
    blocking.command()(propose)
    app.add_typer(blocking, name="blocking", no_args_is_help=True)


def count(party: Party = "person", config: Rules = None, home: HomeOption = HOME, json: Json = False) -> None:
    """Count the pairs of every blocking rule, alone and beyond the rules before it."""
    from stages.blocking import count as counted
    from store.home import Home

    found = counted(Home(home), party, _settings(config, party))
    if json:
        return show_json(found)
    columns = ["rule", "state", "pairs", "adds", "largest value", "its share", "after refining"]
    show_table(f"Blocking rules on {found['records']:,} records", columns, [_count_row(row) for row in found["rules"]])
    print(f"{found['pairs']:,} pairs are compared. Cap: {found['cap']:,} pairs a rule, then {found['max_block']:,} "
          f"records a value, refined by {', '.join(found['refine']) or 'nothing'}.")  # fmt: skip


def _count_row(row: dict[str, Any]) -> list[Any]:
    left = row["refined"]
    after = f"{left['pairs']:,} pairs; {left['values']:,} common values, {left['left_out']:,} left out" if left else ""
    return [row["rule"], row["state"], row["pairs"], row["adds"], row["largest"], f"{row['share']:.1%}", after]


def propose(
    budget: Annotated[int, typer.Option(help="Pairs that all rules together may compare.")],
    party: Party = "person",
    truth: Annotated[
        Path | None,
        typer.Option(help="Parquet or CSV with source, record_id, entity_id; without it recall is estimated."),
    ] = None,
    config: Rules = None, home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Propose blocking rules within a budget of pairs and say what recall each adds."""
    from stages.blocking import propose as proposed
    from store.home import Home

    found = proposed(Home(home), party, budget, truth, _settings(config, party))
    if json:
        return show_json(found)
    for name in ("declared", "proposed"):
        _show_rules(name.capitalize(), found[name])
    print(_basis(found["basis"]))
    print("\nFor the bank's own matching.yaml:\n" + _yaml(party, found["proposed"]["rules"]))


def _show_rules(title: str, found: dict[str, Any]) -> None:
    columns = ["rule", "pairs", "recall alone", "adds", "recall so far"]
    rows = [
        [r["rule"], r["pairs"], *(f"{r[part]:.2%}" for part in ("alone", "adds", "recall"))] for r in found["rules"]
    ]
    show_table(f"{title}: {found['pairs']:,} pairs at most, recall {found['recall']:.2%}", columns, rows)


def _basis(basis: dict[str, Any]) -> str:
    if basis["kind"] == "truth":
        return f"Recall of {basis['true_pairs']:,} true pairs of the truth file."
    return (
        f"Recall is estimated: {basis['true_pairs']:,} pairs that {basis['model']} holds for true, among "
        f"{basis['scored_pairs']:,} candidates near {basis['sampled_records']:,} sampled records. "
        "Pairs that no candidate rule finds are not counted."
    )


def _yaml(party: str, rules: list[dict[str, Any]]) -> str:
    lines = [f"    - [{', '.join(_quoted(part) for part in rule['parts'])}]" for rule in rules]
    return "\n".join([f"{party}:", "  blocking:", *lines])


def _quoted(part: str) -> str:
    return f'"{part}"' if "[" in part else part


def _settings(config: Path | None, party: str) -> Any:
    """Matching settings declared beside a registry.yaml; None without one."""
    if config is None or party not in ("person", "organisation"):
        return None
    from rules.matching import load_matching
    from rules.settings import load_registry

    return load_matching(load_registry(config).rules_folder).of(party)
