"""The start of a night: take the home, clear what killed runs left, see whether there is anything to do.

Here: the decision to compute. Not here: any computing.
"""

from rules.errors import IntegrityError, RegistryError
from stages.match import MODELS, pinned
from stages.night import LEDGER, Night
from store import lock, versions
from store.code import code_version
from store.manifest import Manifest

PARENT = ("crosswalk", "golden_party")
"""Tables of the live version that a night reads."""


def begin(night: Night) -> None:
    """Take the home for this process and sweep; refuse a business date before the live one."""
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
    _assert_parent(night)
    night.begin()


def _live(night: Night) -> Manifest | None:
    """The version live now, whatever an earlier run of the same date began with."""
    return versions.manifest(night.home) if versions.live(night.home) else None


def _assert_parent(night: Night) -> None:
    """The tables that tonight builds on are as they were promoted."""
    live = versions.live(night.home)
    if live is not None:
        newest, parent = versions.newest(night.home), versions.manifest(night.home)
        broken = versions.damaged(night.home, newest, LEDGER) + versions.damaged(night.home, parent, PARENT)
        if broken:
            raise IntegrityError(broken[0], "is not as it was promoted", "restore it from a backup, or roll back")


def done(night: Night) -> Manifest | None:
    """The live version if it already is the result of this date under the same models, rules and code."""
    live = _live(night)
    same = (
        live is not None
        and live.business_date == night.business_date
        and live.rules_hash == night.settings.rules_hash()
        and live.code_version == code_version()
        and live.models == model_names(night)
    )
    return live if same else None


def model_names(night: Night) -> dict[str, str]:
    """Version of each model the night uses."""
    found = {party: pinned(night, party) for party in MODELS}
    return {party: model.name for party, model in found.items() if model is not None}
