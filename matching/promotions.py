"""Which model version each name stands for: the log of proposals and approvals, and what follows from it.

Here: the log and the rule of two persons. Not here: what a proposal must show (stages/promotions). The log is only
ever added to, each line holds the hash of the one before, and the promoted names are a pure function of its lines: an
approval by the one who proposed stands for nothing, whoever wrote it into the file.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rules.errors import IntegrityError, ModelError
from store import versions
from store.hashing import text_sha256
from store.home import Home, write_durably
from store.people import normal, os_user, same_person

LOG = "promotions.jsonl"
ADOPT, BOOTSTRAP, PROPOSE, APPROVE = "adopt", "bootstrap", "propose", "approve"
_GIVES = {ADOPT, BOOTSTRAP, APPROVE}
"""Kinds after which a name stands for the line's model."""
_AGAIN = "restore the file from a backup"


@dataclass(frozen=True)
class Entry:
    """One line: who did what. `replaces` is what the name stood for, `evidence` the comparison and its SHA-256.

    `user` is who the caller says it is, `os_user` whom the operating system knows; lines of earlier releases lack it.
    """

    at: str
    kind: str
    party_type: str
    alias: str
    model: str
    user: str
    replaces: str = ""
    evidence: str = ""
    evidence_sha256: str = ""
    previous: str = ""
    os_user: str = ""

    @property
    def line(self) -> str:
        """The entry with its hash, as it stands in the log."""
        body = {name: value for name, value in asdict(self).items() if value or name != "os_user"}
        return json.dumps(body | {"hash": text_sha256(json.dumps(body, sort_keys=True))}, sort_keys=True)


def entries(models: Path) -> list[Entry]:
    """Every line of the log; IntegrityError where the chain or the rule of two persons is broken."""
    path = models / LOG
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found: list[Entry] = []
    for number, line in enumerate(lines, 1):
        found.append(_read(f"{path}:{number}", line, found[-1].line if found else ""))
        _judge(f"{path}:{number}", found)
    return found


def aliases(models: Path, party_type: str) -> dict[str, str]:
    """Promoted names: alias → model version."""
    return _names(entries(models), party_type) or _before_the_log(models, party_type)


def promoted(models: Path, party_type: str) -> set[str]:
    """Every version that any name ever stood for."""
    logged = {entry.model for entry in entries(models) if entry.party_type == party_type and entry.kind in _GIVES}
    return logged or set(_before_the_log(models, party_type).values())


def bootstrap(models: Path, party_type: str, model: str, alias: str, user: str) -> Entry:
    """Let `alias` stand for the first model of its kind of party; refused where there already is one.

    A version that was matched with a model of the kind shows that there was one, even if the log is lost.
    """
    if aliases(models, party_type):
        raise ModelError(f"model {model}", f"is not the first one for {party_type}", "see `registry models propose`")
    if used := _in_versions(models, party_type):
        raise IntegrityError(str(models / LOG), f"lacks the promotion of {used}, which a version was made with", _AGAIN)
    return _append(models, Entry(_now(), BOOTSTRAP, party_type, alias, model, user))


def propose(models: Path, party_type: str, model: str, alias: str, user: str, evidence: tuple[str, str]) -> Entry:
    """Write down that `user` wants `alias` to stand for `model`, with the comparison (its name, its SHA-256)."""
    named = aliases(models, party_type)
    _adopt(models, party_type, named)
    return _append(models, Entry(_now(), PROPOSE, party_type, alias, model, user, named.get(alias, ""), *evidence))


def approve(models: Path, proposal: Entry, user: str) -> Entry:
    """Make a proposal true; ModelError where `user` made it, or the name stands for another version by now."""
    place = f"model {proposal.model}"
    if same_person(user, proposal.user):
        raise ModelError(place, f"was proposed by {proposal.user}, who cannot approve it", "ask a second person")
    if aliases(models, proposal.party_type).get(proposal.alias, "") != proposal.replaces:
        raise ModelError(
            place, f"was proposed in place of {proposal.replaces or 'nothing'}", "compare and propose anew"
        )
    made = Entry(_now(), APPROVE, proposal.party_type, proposal.alias, proposal.model, user, proposal.replaces,
                 proposal.evidence, proposal.evidence_sha256)  # fmt: skip
    return _append(models, made)


def open_proposal(models: Path, party_type: str, model: str, alias: str) -> Entry | None:
    """The last proposal of a model for a name that nobody approved."""
    return _open(entries(models), party_type, model, alias)


def marks(log: list[Entry]) -> list[str]:
    """A remark on each line: an approval by the operating system's user who also proposed, under another name."""
    return [_mark(log[:place], entry) for place, entry in enumerate(log)]


def _mark(before: list[Entry], entry: Entry) -> str:
    proposal = _open(before, entry.party_type, entry.model, entry.alias) if entry.kind == APPROVE else None
    one = proposal is not None and entry.os_user and entry.os_user == proposal.os_user
    return "one OS user proposed and approved" if one else ""


def _in_versions(models: Path, party_type: str) -> str | None:
    """A model of the kind that some kept version was made with."""
    home = Home(models.parent)
    used = (versions.manifest(home, number).models.get(party_type) for number in versions.numbers(home))
    return next((name for name in used if name), None)


def _open(log: list[Entry], party_type: str, model: str, alias: str) -> Entry | None:
    about = [e for e in log if (e.party_type, e.alias) == (party_type, alias)]
    since = max((place for place, e in enumerate(about) if e.kind in _GIVES), default=-1)
    return next((e for e in reversed(about[since + 1 :]) if e.model == model), None)


def _read(place: str, line: str, before: str) -> Entry:
    """A line as an entry, if it is whole and follows the line before."""
    previous = json.loads(before)["hash"] if before else ""
    try:
        entry = Entry(**{name: str(value) for name, value in json.loads(line).items() if name != "hash"})
    except (ValueError, TypeError, AttributeError):
        raise IntegrityError(place, "is no entry of the promotions' log", _AGAIN) from None
    if entry.line != line or entry.previous != previous:
        raise IntegrityError(place, "was changed, or a line before it is missing", _AGAIN)
    if entry.kind not in _GIVES | {PROPOSE}:
        raise IntegrityError(place, "is of no known kind", _AGAIN)
    return entry


def _judge(place: str, log: list[Entry]) -> None:
    """The last line is allowed by the lines before it."""
    *before, entry = log
    named = _names(before, entry.party_type)
    begun = {e.kind for e in before if e.party_type == entry.party_type}
    if (entry.kind == BOOTSTRAP and begun) or (entry.kind == ADOPT and begun - {ADOPT}):
        raise IntegrityError(place, "starts anew what has begun", _AGAIN)
    if entry.kind == APPROVE:
        proposal = _open(before, entry.party_type, entry.model, entry.alias)
        if proposal is None or same_person(entry.user, proposal.user):
            raise IntegrityError(place, "is an approval without a proposal by another person", _AGAIN)
        if named.get(entry.alias, "") != proposal.replaces:
            raise IntegrityError(place, "approves a proposal that was made for another state", _AGAIN)


def _names(log: list[Entry], party_type: str) -> dict[str, str]:
    return {e.alias: e.model for e in log if e.party_type == party_type and e.kind in _GIVES}


def _before_the_log(models: Path, party_type: str) -> dict[str, str]:
    """Names of a home made before there was a log."""
    path = models / f"{party_type}.aliases.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _adopt(models: Path, party_type: str, named: dict[str, str]) -> None:
    """Take what an older home promoted into the log, before anything new."""
    if not _names(entries(models), party_type):
        for alias, model in sorted(named.items()):
            _append(models, Entry(_now(), ADOPT, party_type, alias, model, "before the log"))


def _append(models: Path, entry: Entry) -> Entry:
    """Add an entry durably. The whole small file is written beside and renamed: a killed run leaves no half line."""
    if not normal(entry.user):
        raise ModelError("--as", "names nobody", "give the name of the user who decides")
    log = entries(models)
    previous = json.loads(log[-1].line)["hash"] if log else ""
    chained = replace(entry, previous=previous, os_user=os_user())
    text = "".join(f"{line}\n" for line in [*(e.line for e in log), chained.line])
    write_durably(models / LOG, text.encode())
    return chained


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
