"""The start of a night: take the home, clear what killed runs left, see whether there is anything to do.

Here: the decision to compute. Not here: any computing.
"""

from collections.abc import Iterable

from client_view.before import PARENT as VIEWED
from rules.contracts.history import INTERVALS
from rules.errors import IntegrityError, RegistryError
from stages.counted import lacking
from stages.match import models as models_of
from stages.night import Night
from stages.plan import Basis, Plan, basis_of, plan
from stages.staged import LEDGER
from store import lock, suppression, versions
from store.code import code_version
from store.manifest import Manifest

PARENT = ("crosswalk", "golden_party", "std_record", "finding", *INTERVALS, *VIEWED)
"""Tables of the live version that a night reads which computes everything; any other carries on rows of all tables."""


def begin(
    night: Night, full: bool = False, models: dict[str, str] | None = None, decisions_upto: int | None = None
) -> Plan:
    """Take the home for this process, sweep, and say what the night computes: everything with `full`.

    Refuses a business date before the live one. `models` are named where training is what begins, `decisions_upto`
    where an earlier night is computed again.
    """
    night.home.prepare()
    lock.acquire(night.home)
    versions.sweep(night.home)
    live = _live(night)
    if live and night.business_date < live.business_date:
        raise RegistryError(
            f"business date {night.business_date}",
            f"lies before {live.business_date}, the date of live version {live.version}",
            "run a later date; for the state of an earlier day see `registry versions`",
        )
    made_with = basis(night, models)
    made = plan(live, full, **made_with)
    if live:
        _assert_parent(night, live, None if not made.standard else PARENT)
    _assert_decisions(night)
    night.begin(made, made_with, decisions_upto)
    return made


def basis(night: Night, models: dict[str, str] | None = None) -> Basis:
    """What a night is computed with beside its records, parent and decisions; with the pinned models unless named."""
    used = model_names(night) if models is None else models
    return {"models": used, "rules_hash": night.settings.rules_hash(), "code_version": code_version()}


def _live(night: Night) -> Manifest | None:
    """The version live now, whatever an earlier run of the same date began with."""
    return versions.manifest(night.home) if versions.live(night.home) else None


def _assert_parent(night: Night, live: Manifest, tables: Iterable[str] | None) -> None:
    """The `tables` that tonight builds on, by default all, are as they were promoted."""
    newest = versions.newest(night.home)
    broken = versions.damaged(night.home, newest, LEDGER) + versions.damaged(night.home, live, tables)
    if broken:
        raise IntegrityError(broken[0], "is not as it was promoted", "restore it from a backup, or roll back")


def _assert_decisions(night: Night) -> None:
    """The decision log is whole, and still the one that the live and the newest version counted."""
    log, broken = night.log, night.log.broken()
    if broken:
        raise IntegrityError(f"{log.place}, row {broken[0]}", "was changed", "restore the log from a backup")
    if version := lacking(night.home, log):
        problem = f"is not the log of which version {version.version} counted {version.decisions_upto} rows"
        raise IntegrityError(log.place, problem, "restore the log from a backup")


def done(night: Night) -> Manifest | None:
    """The live version if it already is the result of this date under the same models, rules, code and decisions."""
    live = _live(night)
    same = (
        live is not None
        and live.business_date == night.business_date
        and basis_of(live) == basis(night)
        and live.decisions_upto == night.log.head()[0]
        and live.suppression_hash == suppression.head(night.home)
    )
    return live if same else None


def model_names(night: Night) -> dict[str, str]:
    """Version of each model the night uses."""
    return {party: model.name for party, model in models_of(night).items() if model is not None}
