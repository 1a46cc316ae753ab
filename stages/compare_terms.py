"""The terms of a comparison: what a night of this registry would be told beside the records and the model.

Here: the terms, as told in a comparison and hashed into its folder's name. Not here: comparing, and whether a proposal
may rest on it (compare_evidence).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.firewall import Guard
from matching.model import Model
from rules.settings import Settings
from store.hashing import file_sha256, text_sha256
from store.manifest import Manifest

Row = dict[str, Any]


@dataclass(frozen=True)
class Terms:
    """What a night of this registry would be told beside the model."""

    match_across_entities: bool
    memory: str
    sources: int
    duplicate_free: frozenset[str] = frozenset()

    def guard(self, model: Model) -> Guard:
        """The firewall that is part of the model, with what the sources declare."""
        return Guard(model.firewall, self.sources, self.duplicate_free)


def of(version: Manifest, settings: Settings | None) -> Terms:
    """The terms that registry.yaml sets; the shipped ones without it."""
    if settings is None:
        return Terms(True, "4GB", len(version.inputs))
    free = frozenset(source.name for source in settings.sources if source.duplicate_free)
    registry = settings.registry
    return Terms(registry.match_across_entities, registry.memory, len(settings.sources), free)


def told(terms: Terms, models: Mapping[str, Model], version: Manifest, truth: Path | None) -> Row:
    """The terms of comparing `models` (a, b), as JSON keeps them; memory changes no result."""
    party = models["a"].party_type
    return {
        "decisions": version.content_hashes.get("decided", ""),
        "duplicate_free": sorted(terms.duplicate_free),
        "firewall": {side: model.firewall.model_dump(mode="json") for side, model in models.items()},
        "match_across_entities": terms.match_across_entities,
        "other_models": {kind: name for kind, name in version.models.items() if kind != party},
        "sources": terms.sources,
        "truth": file_sha256(truth) if truth else None,
    }


def digest(found: Row) -> str:
    """First 12 digits of the hash of told terms."""
    return text_sha256(json.dumps(found, sort_keys=True))[:12]
