"""Promoting a model: proposed by one person on the ground of a comparison, approved by another.

Here: what must be true before a line is written. Not here: the log and its rule of two persons (matching/promotions),
the comparison (stages/compare). The home is taken meanwhile, so no night sees its model change under it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matching import promotions
from matching.fitting import assert_fits
from matching.model import Model, load
from matching.promotions import Entry
from rules.errors import ModelError
from stages.compare import FOLDER, place
from store import lock, versions
from store.duck import connect
from store.hashing import file_sha256
from store.home import Home


def propose(home: Home, party: str, name: str, alias: str, user: str) -> Entry:
    """Propose that `alias` stand for the version `name`; needs the comparison with the one it stands for now.

    The comparison must be of the live version's records: figures of other records say nothing about these.
    """
    with _taken(home):
        model = load(home.models, party, name)
        current = promotions.aliases(home.models, party).get(alias) or _live(home, party)
        if current == model.name:
            raise ModelError(f"model {model.name}", "is in use already", "nothing needs to be done")
        report = _report(home, party, current, model.name)
        _assert_fits(home, model)
        return promotions.propose(
            home.models, party, model.name, alias, user, (report.parent.name, file_sha256(report))
        )


def approve(home: Home, party: str, name: str, alias: str, user: str) -> Entry:
    """Approve an open proposal of another person; from the next night on `alias` stands for the version."""
    with _taken(home):
        model = load(home.models, party, name)
        proposal = promotions.open_proposal(home.models, party, model.name, alias)
        if proposal is None:
            again = f"one person runs `registry models propose {model.name} --alias {alias}`, another one this command"
            raise ModelError(f"model {model.name}", f"nobody proposed it for '{alias}'", again)
        report = home.models / FOLDER / proposal.evidence / "comparison.json"
        if not report.exists() or file_sha256(report) != proposal.evidence_sha256:
            raise ModelError(
                f"model {model.name}", "its comparison is not the one it was proposed with", "propose anew"
            )
        return promotions.approve(home.models, proposal, user)


def _live(home: Home, party: str) -> str:
    """The model that the live version was matched with: what a new alias is measured against."""
    found = versions.manifest(home).models.get(party)
    if found is None:
        raise ModelError(f"alias for {party}", "there is no promoted model to compare with", "run `registry train`")
    return found


def _report(home: Home, party: str, current: str, name: str) -> Path:
    version = versions.manifest(home)
    path = place(home, current, name, version) / "comparison.json"
    if not path.exists():
        problem = f"was not compared with {current} on the records of version {version.version}"
        raise ModelError(f"model {name}", problem, f"run `registry models compare {current} {name}`")
    return path


def _assert_fits(home: Home, model: Model) -> None:
    """The model's SQL runs on the live projection's columns."""
    table = f"match_input_{model.party_type}"
    with connect([home.root], home.cache) as con:
        versions.attach(con, home, versions.manifest(home), [table])
        assert_fits(con, model, table)


@contextmanager
def _taken(home: Home) -> Iterator[None]:
    lock.acquire(home)
    try:
        yield
    finally:
        lock.release(home)
