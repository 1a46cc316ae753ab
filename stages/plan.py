"""What a night has to compute: everything, or only what changed since the live version.

Here: the reasons to compute everything, written down when the night begins so that every step sees the same. Not here:
how a step finds what changed (stages/standardise, match, identify).
"""

from typing import NamedTuple, TypedDict

from store.manifest import Manifest


class Basis(TypedDict):
    """What a night is computed with: models by kind of party, hashes of what is declared and of the code."""

    models: dict[str, str]
    rules_hash: str
    code_version: str


class Plan(NamedTuple):
    """Why the standard forms, and why pairs and clusters, are all computed; empty where the parent's are carried on."""

    standard: str = ""
    match: str = ""

    def __str__(self) -> str:
        """One sentence for who waits for the night."""
        if self.standard:
            return f"everything is computed: {self.standard}"
        if self.match:
            return f"pairs, clusters and golden records are all computed: {self.match}"
        return "what changed since the live version is computed"


def basis_of(version: Manifest) -> Basis:
    """What the version was computed with."""
    return {"models": version.models, "rules_hash": version.rules_hash, "code_version": version.code_version}


def plan(parent: Manifest | None, full: bool, models: dict[str, str], rules_hash: str, code_version: str) -> Plan:
    """What a night over `parent` computes under these models, rules and software; everything with `full`."""
    reason = _everything(parent, rules_hash, code_version, full)
    if reason or parent is None:
        return Plan(reason, reason)
    changed = sorted(party for party in {*models, *parent.models} if models.get(party) != parent.models.get(party))
    return Plan("", f"another model of {' and '.join(changed)}" if changed else "")


def _everything(parent: Manifest | None, rules_hash: str, code: str, full: bool) -> str:
    reasons = {
        "no version is live yet": parent is None,
        "asked for": full,
        "the software changed": parent is not None and parent.code_version != code,
        "what the bank declares changed": parent is not None and parent.rules_hash != rules_hash,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")
