"""The group decide: what people decide about records and clients, who approved it, what ended it.

Here: arguments and output. Not here: what a decision needs (stages/decide), the log (store/decisions).
"""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import HOME, As, HomeOption, Json, show_json, show_table

if TYPE_CHECKING:
    from stages.decide import Decider
    from store.decisions import Entry

_SIDE = "SOURCE:RECORD_ID, or a client number"
Left = Annotated[str, typer.Argument(help=f"{_SIDE}.")]
Right = Annotated[str, typer.Argument(help=f"{_SIDE}, of the other side.")]
Number = Annotated[str, typer.Argument(help="Client number.")]
Id = Annotated[int, typer.Argument(help="The decision's number, as `registry decide list` shows it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence; without clients' data.")]
Why = Annotated[str, typer.Option("--reason", help="Why, in a sentence.")]
Request = Annotated[str, typer.Option("--request", help="A key of your own: asking again with it decides nothing new.")]

group = typer.Typer(name="decide", add_completion=False, no_args_is_help=True)


@group.callback()
def decide() -> None:
    """Decide about records and clients; every decision counts from the next night on, until it is ended."""


def add(app: typer.Typer) -> None:
    """Register the group."""
    app.add_typer(group)


def _linking(kind: str, told: str) -> None:
    """Register the command that links, or parts, two sides."""

    def command(
        a: Left, b: Right, reason: Reason, user: As = None, request: Request = "", home: HomeOption = HOME,
        json: Json = False,
    ) -> None:  # fmt: skip
        _link(kind, (a, b), _decider(user, reason, request), home, json)

    group.command(kind.replace("_", "-"), help=told)(command)


_linking("must_link", "Decide that two records are one client, whatever the matching says.")
_linking("cannot_link", "Decide that two records, or two clients, are not one client.")


@group.command()
def confirm(
    a: Left, b: Right, reason: Why = "", user: As = None, request: Request = "", home: HomeOption = HOME,
    json: Json = False,
) -> None:  # fmt: skip
    """Decide that two stay as they are now: together if they are one client, else apart."""
    _link("confirm", (a, b), _decider(user, reason, request), home, json)


@group.command()
def merge(
    a: Number, b: Annotated[str, typer.Argument(help="Client number of the other.")], reason: Reason, user: As = None,
    request: Request = "", home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Decide that two clients are one; counts once another person approved it."""
    from stages.decide import merge as enter
    from store.home import Home

    _entered(enter(Home(home), a, b, _decider(user, reason, request)), home, json)


@group.command()
def split(
    number: Number, reason: Reason,
    records: Annotated[list[str], typer.Option("--records", help="SOURCE:RECORD_ID that leaves; give it repeatedly.")],
    user: As = None, request: Request = "", home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Decide that some records of a client are another client; counts once another person approved it."""
    from stages.decide import split as enter
    from store.home import Home

    _entered(enter(Home(home), number, records, _decider(user, reason, request)), home, json)


@group.command()
def override(
    number: Annotated[str, typer.Argument(help="Client number, or SOURCE:RECORD_ID of one of its records.")],
    field: Annotated[str, typer.Argument(help="Column of golden_party, address.KIND, contact.KIND, identifier.TYPE.")],
    value: Annotated[str, typer.Argument(help="The value; dates as YYYY-MM-DD; of a unit also its fields as JSON.")],
    reason: Reason,
    ends: Annotated[datetime, typer.Option("--ends", formats=["%Y-%m-%d"], help="Last business date it holds.")],
    user: As = None, request: Request = "", home: HomeOption = HOME, json: Json = False,
) -> None:  # fmt: skip
    """Decide a value of a client's golden record until a date; names, births and units need another's approval."""
    from stages.decide import override as enter
    from store.home import Home

    made = enter(Home(home), number, field, value, ends.date(), _decider(user, reason, request))
    _entered(made, home, json)


@group.command()
def approve(
    decision: Id, reason: Why = "", user: As = None, request: Request = "", home: HomeOption = HOME, json: Json = False
) -> None:
    """Approve, as a second person, a decision that waits for it."""
    from stages.decide import approve as enter
    from store.home import Home

    _entered(enter(Home(home), decision, _decider(user, reason, request)), home, json)


@group.command()
def end(
    decision: Id, reason: Reason, user: As = None, request: Request = "", home: HomeOption = HOME, json: Json = False
) -> None:
    """End a decision: the next night matches as if it had not been made."""
    from stages.decide import end as enter
    from store.home import Home

    _entered(enter(Home(home), decision, _decider(user, reason, request)), home, json)


@group.command("list")
def list_decisions(
    home: HomeOption = HOME, json: Json = False,
    everything: Annotated[bool, typer.Option("--all", help="Also ended and expired ones.")] = False,
    values: Annotated[bool, typer.Option("--values", help="Also the values of overrides: clients' data.")] = False,
) -> None:  # fmt: skip
    """List the decisions with what became of them."""
    from store.decisions import open_log
    from store.decisions.state import ENDED, EXPIRED
    from store.home import Home

    found = [decision.shown(date.today(), values) for decision in open_log(Home(home)).decisions().values()]
    rows = [row for row in found if everything or row["state"] not in (ENDED, EXPIRED)]
    if json:
        return show_json(rows)
    shown = ("id", "kind", "state", "records", "and", "field", *(["value"] * values), "author", "approver", "reason")
    _show("Decisions", [{name: row[name] for name in shown} for row in rows])


@group.command("log")
def show_log(home: HomeOption = HOME, json: Json = False) -> None:
    """Show every row of the decision log as it was written; exit 1 if one was changed."""
    from dataclasses import asdict

    from store.decisions import open_log
    from store.home import Home

    log = open_log(Home(home))
    broken = log.broken()
    rows = [asdict(entry) | {"intact": entry.id not in broken} for entry in log.entries()]
    if json:
        show_json(rows)
    else:
        shown = ("id", "at", "kind", "about", "author", "os_user", "hash", "intact")
        _show("Decision log", [{name: row[name] for name in shown} for row in rows])
    if broken:
        raise typer.Exit(1)


def _decider(user: str | None, reason: str, request: str) -> "Decider":
    from stages.decide import Decider
    from store.people import os_user

    return Decider(os_user() if user is None else user, reason, request)


def _link(kind: str, ends: tuple[str, str], by: "Decider", home: Path, json: bool) -> None:
    from stages.decide import link
    from store.home import Home

    _entered(link(Home(home), kind, *ends, by), home, json)


def _entered(entry: "Entry", home: Path, json: bool) -> None:
    """Tell what was entered and how the decision stands now."""
    from store.decisions import open_log
    from store.home import Home

    decision = open_log(Home(home)).decisions()[entry.about or entry.id]
    shown = decision.shown(date.today())
    if json:
        return show_json(shown | {"row": entry.id})
    print(f"Decision {decision.id} ({shown['kind']}, by {shown['author']}): {shown['state']}.")
    if decision.needs_second_person and not decision.approver and not decision.ended_at:
        print(f"Next: another person runs `registry decide approve {decision.id} --as USER`")
    if decision.ending_by and not decision.ended_at:
        print(f"Two persons made it. Next: another one runs `registry decide end {decision.id} --as USER` too")


def _show(title: str, rows: list[dict[str, Any]]) -> None:
    cells = [[", ".join(cell) if isinstance(cell, list) else cell for cell in row.values()] for row in rows]
    show_table(title, list(rows[0]) if rows else ["none yet"], cells)
