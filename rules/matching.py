"""Matching settings a bank can read: comparisons by field kind and blocking rules, per model.

Here: the typed shape of `matching.yaml`. Not here: the SQL that a comparison or a blocking rule becomes.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from rules.contracts.matched import MatchInput
from rules.load import DEFAULTS, Declared, parse

Kind = Literal[
    "given_name", "family_name", "other_name", "organisation_name", "date", "place", "category", "identifier",
    "phone", "email", "address",
]  # fmt: skip
_KEY = re.compile(r"^(each )?([a-z_]+)(\[:(\d{1,2})\])?$")


class Comparison(Declared):
    """One piece of evidence: a field of the match projection and how it is compared."""

    field: str
    kind: Kind

    @field_validator("field")
    @classmethod
    def _known(cls, value: str) -> str:
        return known_field(value)


class Key(Declared):
    """One part of a blocking rule: a field, a prefix of it, or each element of a list field."""

    field: str
    each: bool = False
    prefix: int | None = None


class Costs(Declared):
    """What a wrong decision costs, in units of a missed match; thresholds follow from it."""

    wrong_merge: Decimal = Decimal(50)
    wrong_merge_seen: Decimal = Decimal(1)

    def match_probability(self) -> float:
        """Merge when the expected cost of merging is below that of not merging: p ≥ c / (c + 1)."""
        return float(self.wrong_merge / (self.wrong_merge + 1))

    def review_probability(self) -> float:
        """Below this a person is not asked: p ≥ s / (s + 1) with s = the cost of a look in vain."""
        return float(self.wrong_merge_seen / (self.wrong_merge_seen + 1))


class Training(Declared):
    """How a model is trained without labels."""

    seed: int = 7
    max_pairs: int = 2_000_000
    min_filled: Decimal = Decimal("0.01")
    certain: tuple[tuple[str, ...], ...] = Field(description="rules that hold almost only for true pairs")
    certain_recall: Decimal = Decimal("0.7")
    sessions: tuple[tuple[str, ...], ...] = Field(description="blocking of the expectation-maximisation sessions")


class ModelSettings(Declared):
    """Settings of one model (persons, or organisations)."""

    comparisons: tuple[Comparison, ...]
    blocking: tuple[tuple[str, ...], ...]
    max_pairs_per_rule: int = 40_000_000
    costs: Costs = Costs()
    training: Training

    @field_validator("blocking")
    @classmethod
    def _parts(cls, rules: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        for rule in rules:
            for part in rule:
                key(part)
        return rules


class Matching(Declared):
    """`matching.yaml`."""

    person: ModelSettings
    organisation: ModelSettings

    def of(self, model: str) -> ModelSettings:
        """Settings of `person` or `organisation`."""
        return self.person if model == "person" else self.organisation


def key(text: str) -> Key:
    """Parse `family`, `family[:4]` or `each phones`; anything else is refused, so no SQL gets in."""
    found = _KEY.match(text.strip())
    if not found:
        raise ValueError(f"'{text}' is not a field, field[:n] or 'each field'")
    each, field, _, prefix = found.groups()
    return Key(field=known_field(field), each=bool(each), prefix=int(prefix) if prefix else None)


def known_field(name: str) -> str:
    """`name` if the match projection has it."""
    if name not in MatchInput.columns():
        raise ValueError(f"'{name}' is no field of the match projection ({', '.join(MatchInput.columns())})")
    return name


def load_matching(overlay: Path | None = None) -> Matching:
    """The shipped settings, overlaid by the bank's own `matching.yaml`."""
    return parse(Matching, DEFAULTS / "matching.yaml", overlay / "matching.yaml" if overlay else None)
