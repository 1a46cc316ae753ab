"""Promoting a model: proposed by one person on the ground of a comparison, approved by another.

Here: what must be true before a line is written. Not here: the log and its rule of two persons (matching/promotions),
the comparison (compare), what it must be (compare_evidence). The home is taken meanwhile, so no night sees its model
change under it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from matching import promotions
from matching.fitting import assert_fits
from matching.model import Model, load
from matching.promotions import Entry
from rules.errors import ModelError
from rules.settings import Settings
from stages.compare_evidence import check, evidence
from store import lock, versions
from store.hashing import file_sha256
from store.home import Home
from store.opening import opened


def propose(home: Home, settings: Settings, party: str, name: str, alias: str, user: str) -> Entry:
    """Propose that `alias` stand for the version `name`; needs the comparison with the one it stands for now.

    The comparison must be of the live version's records and under the terms of registry.yaml: figures of other
    records, or of another firewall, say nothing about what a night would do.
    """
    with _taken(home):
        model = load(home.models, party, name)
        current = promotions.aliases(home.models, party).get(alias) or _live(home, party)
        if current == model.name:
            raise ModelError(f"model {model.name}", "is in use already", "nothing needs to be done")
        report = evidence(home, settings, current, model)
        _assert_fits(home, model)
        shown = (report.parent.name, file_sha256(report))
        return promotions.propose(home.models, party, model.name, alias, user, shown)


def approve(home: Home, settings: Settings, party: str, name: str, alias: str, user: str) -> Entry:
    """Approve an open proposal of another person; from the next night on `alias` stands for the version."""
    with _taken(home):
        model = load(home.models, party, name)
        proposal = promotions.open_proposal(home.models, party, model.name, alias)
        if proposal is None:
            again = f"one person runs `registry models propose {model.name} --alias {alias}`, another one this command"
            raise ModelError(f"model {model.name}", f"nobody proposed it for '{alias}'", again)
        current = proposal.replaces or _live(home, party)
        if file_sha256(check(home, settings, current, model, proposal.evidence)) != proposal.evidence_sha256:
            problem = "its comparison is not the one it was proposed with"
            raise ModelError(f"model {model.name}", problem, "compare and propose anew")
        return promotions.approve(home.models, proposal, user)


def _live(home: Home, party: str) -> str:
    """The model that the live version was matched with: what a new alias is measured against."""
    found = versions.manifest(home).models.get(party)
    if found is None:
        raise ModelError(f"alias for {party}", "there is no promoted model to compare with", "run `registry train`")
    return found


def _assert_fits(home: Home, model: Model) -> None:
    """The model's SQL runs on the live projection's columns."""
    table = f"match_input_{model.party_type}"
    with opened(home, [table]) as con:
        assert_fits(con, model, table)


@contextmanager
def _taken(home: Home) -> Iterator[None]:
    lock.acquire(home)
    try:
        yield
    finally:
        lock.release(home)
